"""What surrounds the diffusion model: how long a GPU waits, what a clip costs the processor, and how much is computed.

No GPU is needed: the model's own calls are simulated by sleeping, 16 s for a batch of four.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.figures import Figure

if TYPE_CHECKING:
    from equime_builder.records import Plan
    from equime_generation.faces import Face
    from equime_generation.parts import Part

BATCHES: Final = 22
PEOPLE: Final = 2
CORES: Final = 2
PUBLISHED_CLIPS: Final = 3
PROMPT_S: Final = 0.5
"""Seconds of a GPU that the published script spends on a clip's prompt, each time."""


def figures() -> Iterator[Figure]:
    """Time a campaign of 22 batches on two processor cores (about 6 minutes), then the published way on three clips."""
    from benchmarks.ltx_simulated import BATCH_S, BATCH_SIZE
    from equime_generation.renderers.ltx.cost import Work, clip_flops, published, share_of_published

    with tempfile.TemporaryDirectory(prefix="equime-bench-") as folder:
        parts, faces = _campaign(Path(folder))
        wall_s = _rendered(parts, Path(folder))
        encode_s, measure_s = _finishing(parts, faces)
        published_s = _published(parts, faces)
    model_s = BATCHES * BATCH_S
    clips = BATCHES * BATCH_SIZE
    yield Figure(
        name="ltx_overhead",
        value=(wall_s - model_s) / wall_s,
        unit="share of the wall time",
        target=0.03,
        better="lower",
        detail=f"{clips} clips, {wall_s:.1f} s from the first part's start to the last on disk, model {model_s:.0f} s",
    )
    yield Figure(
        name="ltx_cpu",
        value=encode_s + measure_s,
        unit="CPU s a clip",
        target=CORES * BATCH_S / BATCH_SIZE,
        better="lower",
        detail=f"encode {encode_s:.2f}, measure {measure_s:.2f}; beyond the target two cores hold the GPU up",
    )
    yield Figure(
        name="ltx_published_over_ours",
        value=published_s * clips / wall_s,
        unit="ratio of seconds a clip",
        target=1.25,
        better="higher",
        detail=f"published way {published_s:.2f} s a clip: one at a time, prompt each time, MP4 written in line",
    )
    yield Figure(
        name="ltx_flops_over_published",
        value=share_of_published(Work()),
        unit="ratio",
        target=1 / 8,
        better="lower",
        detail=f"{clip_flops(Work()).total:.3g} a clip, published {clip_flops(published()).total:.3g}",
    )


def _campaign(out: Path) -> tuple[list[Part], dict[str, Face]]:
    """Return the parts of a campaign whose faces lie where workers look for them."""
    from benchmarks.ltx_simulated import BATCH_SIZE
    from equime_builder.records import Placement
    from equime_generation.causal import plan_clips
    from equime_generation.config import RunConfig
    from equime_generation.parts import cut_into_parts
    from equime_generation.progress import Tally
    from equime_generation.renderers.ltx.settings import LtxSettings
    from equime_generation.subjects import admit_subjects
    from equime_generation.workspace import Workspace

    config = RunConfig(
        out=str(out),
        subjects=PEOPLE,
        renderer="ltx",
        attempts=1,
        workers=1,
        ltx=LtxSettings(device="cpu", batch_size=BATCH_SIZE),
    )
    workspace, faces = Workspace(out), dict[str, "Face"]()
    for name in ("parts", "faces"):
        (workspace.folder / name).mkdir(parents=True)

    def keep(face: Face) -> None:
        faces[face.subject.id] = face
        workspace.keep_face(face)

    admit_subjects(config, Tally(), keep=keep)
    who = list(faces) * (BATCHES * BATCH_SIZE // len(faces))
    plans = list(plan_clips({"fear": who}, design="independent", seed=0))
    placements = {subject_id: Placement(split="train", fold=0) for subject_id in faces}
    return list(cut_into_parts(plans, placements, config)), faces


def _rendered(parts: list[Part], out: Path) -> float:
    """Render parts with one GPU worker; return the seconds from the first one's start to the last one on disk."""
    from benchmarks.ltx_simulated import render_simulated
    from equime_generation.engines import Crew, load_engine
    from equime_generation.workspace import Workspace

    load_engine("local")(parts, render_simulated, crew=Crew(workers=1, lanes=2), report=lambda _: None, tell=print)
    workspace = Workspace(out)
    return max(workspace.part_path(part).stat().st_mtime for part in parts) - (out / "first").stat().st_mtime


def _some(parts: list[Part]) -> Iterator[Plan]:
    return islice((plan for part in parts for plan in part.plans), PUBLISHED_CLIPS)


def _finishing(parts: list[Part], faces: dict[str, Face]) -> tuple[float, float]:
    """Return the CPU-seconds that encoding and measuring a clip take, on one thread."""
    import cv2
    from threadpoolctl import threadpool_limits

    from equime_evaluation.motion import measure
    from equime_generation.encode import encode
    from equime_generation.renderers import Job, load_renderer
    from equime_generation.true_motion import motion_to_find

    cv2.setNumThreads(1)
    threadpool_limits(1)
    encode_s = measure_s = 0.0
    for plan in _some(parts):
        face = faces[plan.subject_id]
        # its truth is forgotten: nobody knows that of a diffused clip
        clip = replace(next(iter(load_renderer("warp").render([Job(face=face, plan=plan)]))), truth=None)
        start = time.process_time()
        media = encode(clip.frames)
        encoded = time.process_time()
        fields = motion_to_find(clip, face).probe()
        measure(media.data, fields, interocular_px=face.interocular_px, negative=False)
        encode_s += encoded - start
        measure_s += time.process_time() - encoded
    return encode_s / PUBLISHED_CLIPS, measure_s / PUBLISHED_CLIPS


def _published(parts: list[Part], faces: dict[str, Face]) -> float:
    """Return the seconds a clip of the published script's way, with the same model and encoder."""
    from benchmarks.ltx_simulated import BATCH_S, BATCH_SIZE
    from equime_generation.encode import encode
    from equime_generation.renderers import Job, load_renderer

    ready = [
        next(iter(load_renderer("warp").render([Job(face=faces[plan.subject_id], plan=plan)]))).frames
        for plan in _some(parts)
    ]
    start = time.monotonic()
    for frames in ready:
        time.sleep(PROMPT_S + BATCH_S / BATCH_SIZE)
        encode(frames)
    return (time.monotonic() - start) / len(ready)
