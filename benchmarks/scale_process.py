"""One stage of a simulated campaign in a process of its own: ``python -m benchmarks.scale_process STAGE CLIPS FOLDER``.

Prints what it took as JSON. Stages, in the order in which they build on one another: ``plan`` draws the plans and cuts
them into parts; ``render`` commits every part and is stopped there; ``resume`` finds every part committed and finishes
the dataset; ``load`` reads the manifest; ``verify`` checks the dataset without decoding, ``sample-1`` and ``sample-2``
with a sample of clips decoded, by so many processes. ``outlook`` does what ``equime plan`` does, and writes nothing.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from benchmarks.scale_work import simulate_part, video_of
from equime_builder.facs import EMOTIONS
from equime_builder.layout import MANIFEST_FILE
from equime_builder.manifest import read_manifest
from equime_builder.verify import verify
from equime_generation import claim, run
from equime_generation import finish as finishing
from equime_generation.config import RunConfig
from equime_generation.progress import Tally

STEPS = ("write_shards", "write_gallery", "write_vqa", "complete_folder")
"""Of finishing a dataset; names in `equime_generation.finish`."""
SAMPLE = "300"
"""Clips that are decoded where a sample is."""


@dataclass(frozen=True, slots=True)
class _Moment:
    """Seconds on the clock, and of processors: this process' and those of its workers that have ended."""

    wall_s: float
    cpu_s: float

    @classmethod
    def now(cls) -> _Moment:
        return cls(time.perf_counter(), _cpu_s())

    def until(self, later: _Moment, name: str) -> dict[str, float]:
        return {f"{name}_s": later.wall_s - self.wall_s, f"{name}_cpu_s": later.cpu_s - self.cpu_s}


@dataclass(slots=True)
class _Clock(Tally):
    """Notes when each stage of a run begins; told to, it stops the run before the dataset is finished."""

    stop: bool = False
    moments: dict[str, _Moment] = field(default_factory=dict)

    def planned(self, clips: int) -> None:
        self.moments["planned"] = _Moment.now()
        self.clips = clips

    def stage(self, text: str) -> None:
        if text.startswith("writing"):
            self.moments["finishing"] = _Moment.now()
            if self.stop:
                raise KeyboardInterrupt


def main(stage: str, clips: int, folder: Path) -> dict[str, float]:
    config = RunConfig(out=str(folder), clips_per_emotion=-(-clips // len(EMOTIONS)))
    took = _STAGES[stage](config)
    return {**took, "peak_mb": _peak_mb(), "clips": config.clips_per_emotion * len(EMOTIONS)}


def _plan(config: RunConfig) -> dict[str, float]:
    from equime_builder.splits import assign
    from equime_generation.parts import cut_into_parts
    from equime_generation.subjects import admit_subjects

    subjects, _ = admit_subjects(config, Tally())
    start = _Moment.now()
    parts = list(cut_into_parts(run.draw_plans(config, subjects), assign(subjects), config))
    return {**start.until(_Moment.now(), "plan"), "parts": len(parts)}


def _render(config: RunConfig) -> dict[str, float]:
    clock = _Clock(stop=True)
    with _simulated(), suppress(KeyboardInterrupt):
        run.render_dataset(config, clock)
    return clock.moments["planned"].until(clock.moments["finishing"], "schedule")


def _resume(config: RunConfig) -> dict[str, float]:
    clock = _Clock()
    took: dict[str, float] = {}
    start = _Moment.now()
    with _simulated(), ExitStack() as patches:
        for name in STEPS:
            patches.enter_context(patch.object(finishing, name, _timed(name, getattr(finishing, name), took)))
        run.render_dataset(config, clock)
    planned, decided = clock.moments["planned"], clock.moments["finishing"]
    return {
        **start.until(decided, "until_decided"),
        **planned.until(decided, "decide"),
        **decided.until(_Moment.now(), "finish"),
        **took,
    }


@contextmanager
def _simulated() -> Iterator[None]:
    """Leave pixels out of a run, and ask the disk for no more than what is left."""
    with (
        patch.object(run, "render_part", simulate_part),
        patch.object(claim, "BYTES_PER_CLIP", len(video_of("clip"))),
    ):
        yield


def _load(config: RunConfig) -> dict[str, float]:
    start = _Moment.now()
    manifest = read_manifest(Path(config.out))
    took = start.until(_Moment.now(), "load")
    size_bytes = (Path(config.out) / MANIFEST_FILE).stat().st_size
    dataset_bytes = sum(entry.size_bytes for entry in manifest.files)
    return {**took, "manifest_kb": size_bytes / 1e3, "files": len(manifest.files), "dataset_mb": dataset_bytes / 1e6}


def _verify(config: RunConfig, **options: Any) -> dict[str, float]:
    start = _Moment.now()
    findings = verify(Path(config.out), **options)
    if findings:
        raise RuntimeError(f"the simulated dataset is damaged: {findings[0]}")
    return start.until(_Moment.now(), "verify")


def _outlook(config: RunConfig) -> dict[str, float]:
    """Plan a recipe as ``equime plan`` does, with what a GPU would need of it."""
    from equime_generation.outlook import CPU_S_PER_CLIP, outlook_of
    from equime_generation.renderers.ltx.gpus import gpu_named
    from equime_generation.renderers.ltx.outlook import ltx_outlook
    from equime_generation.renderers.ltx.settings import LtxSettings

    start = _Moment.now()
    outlook = outlook_of(config, Tally())
    told = outlook.as_json()
    assert outlook.tables()
    took = start.until(_Moment.now(), "outlook")
    shares = Counter((plan.subject_id, plan.emotion) for plan in outlook.plans).values()
    on = ltx_outlook(LtxSettings(), outlook.plans).campaign.on(gpu_named("h100"))
    assert on is not None
    return {
        **took,
        "size_gb": told["size_bytes"] / 1e9,
        "room_gb": told["room_bytes"] / 1e9,
        "core_hours": told["cpu_s"] / 3600,
        "cpu_s_per_clip": CPU_S_PER_CLIP,
        "least": min(shares),
        "most": max(shares),
        "h100_clip_s": on.clip_s,
        "h100_cores": on.cores,
    }


def _timed(name: str, work: Callable[..., Any], took: dict[str, float]) -> Callable[..., Any]:
    def timed(*args: Any, **options: Any) -> Any:
        start = _Moment.now()
        result = work(*args, **options)
        took.update(start.until(_Moment.now(), name))
        return result

    return timed


def _cpu_s() -> float:
    """Return the processor time of this process and of its workers that have ended."""
    own, workers = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + workers.ru_utime + workers.ru_stime


def _peak_mb() -> float:
    """Largest resident memory of this process so far; Linux lets ru_maxrss outlive exec, so that it is not asked."""
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1e3
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


_STAGES: dict[str, Callable[[RunConfig], dict[str, float]]] = {
    "plan": _plan,
    "render": _render,
    "resume": _resume,
    "load": _load,
    "verify": _verify,
    "outlook": _outlook,
    **{f"sample-{workers}": partial(_verify, deep=True, sample=SAMPLE, workers=workers) for workers in (1, 2)},
}

if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))))
