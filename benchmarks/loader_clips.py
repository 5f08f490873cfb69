"""The clips of the loader benchmark: rendered, encoded as usual, and written once for each loader to read."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from equime_generation.faces import Face

CLIPS = 200
DISTINCT = 10
EMOTIONS = ("fear", "anger", "sadness", "surprise")


def write_clips(scratch: Path) -> Path:
    """Return a dataset folder of 200 clips in four shards, with the same clips as loose files in ``files/``.

    Ten clips of ten people are rendered and stand under twenty names each: decoding costs what it costs.
    """
    from equime_builder.folder import complete_folder
    from equime_builder.layout import shard_path, tar_twin
    from equime_builder.shards import write_rows
    from equime_builder.tars import write_tar

    folder = scratch / "equime"
    (folder / "files").mkdir(parents=True)
    rows = list(islice(cycle(_rows()), CLIPS))
    for number, emotion in enumerate(EMOTIONS):
        named = [
            _renamed(row, f"{emotion}-{take:03d}", emotion) for take, row in enumerate(rows[number :: len(EMOTIONS)])
        ]
        shard = shard_path(emotion, "train", 0)
        write_rows(folder / shard, named)
        write_tar(folder / tar_twin(shard), named)
        for row in named:
            (folder / "files" / f"{row['id']}.mp4").write_bytes(row["video"]["bytes"])
    complete_folder(folder, config={}, code_version="1", subjects=[], placements={}, plans={}, rejects=[])
    return folder


def _renamed(row: dict[str, Any], clip_id: str, emotion: str) -> dict[str, Any]:
    from equime_builder.facs import EMOTION_LABELS

    video = {"bytes": row["video"]["bytes"], "path": f"{clip_id}.mp4"}
    return {**row, "id": clip_id, "video": video, "emotion": EMOTION_LABELS.index(emotion)}


def _rows() -> Iterator[dict[str, Any]]:
    import cv2

    from equime_builder.records import Generation, Placement
    from equime_builder.rows import row_of
    from equime_generation.causal import plan_clips
    from equime_generation.config import RunConfig
    from equime_generation.encode import encode
    from equime_generation.progress import Tally
    from equime_generation.renderers import Job, load_renderer
    from equime_generation.subjects import admit_subjects

    cv2.setNumThreads(1)
    faces: list[Face] = []
    admit_subjects(RunConfig(), Tally(), keep=faces.append)
    by_id = {face.subject.id: face for face in faces[:DISTINCT]}
    made = Generation(renderer="warp", model=None, model_revision=None, recipe={}, generated_with="benchmark")
    jobs = [
        Job(face=by_id[plan.subject_id], plan=plan)
        for plan in plan_clips({"fear": list(by_id)}, design="independent", seed=0)
    ]
    for job, clip in zip(jobs, load_renderer("warp").render(jobs), strict=True):
        media = encode(clip.frames)
        yield row_of(clip.plan, job.face.subject, Placement(split="train", fold=0), media, None, made)
