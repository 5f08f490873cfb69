"""Parquet: side tables, shards and true motion."""

from __future__ import annotations

import io
import shutil
from collections.abc import Sequence
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from random import Random
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from equime_builder.export.exporting import export_dataset
from equime_builder.flow import FlowFrame, check_flow, read_flow, write_flow
from equime_builder.folder import complete_folder
from equime_builder.gallery import write_gallery
from equime_builder.gallery.choice import candidates
from equime_builder.inspection import look_at_shard
from equime_builder.layout import PLAN_FILE, REJECTS_FILE, SUBJECTS_FILE, shard_path
from equime_builder.manifest import entry_of
from equime_builder.reading import read_rows
from equime_builder.records import Placement, Reject
from equime_builder.review_table import REVIEWS_FILE
from equime_builder.shards import compact, rows_in, write_rows
from equime_builder.spot_check import EVERY_CLIP
from equime_builder.stream import open_stream
from equime_builder.stream.folder import Folder
from equime_builder.stream.samples import FrameChoice
from equime_builder.summary import summarize
from equime_builder.tables import (
    read_plans,
    read_rejects,
    read_shards,
    read_subjects,
)
from equime_builder.vqa_shards import write_vqa
from equime_evaluation.clips import find_clips
from equime_evaluation.equity.reading import read_material
from equime_evaluation.recordings.equime import read_equime
from equime_evaluation.reviews import Review, add_review, read_reviews
from tests.fuzz.mutations import Material, mutated, mutated_tree
from tests.fuzz.target import Target
from tests.samples import byte_row, encode, people, plan

SHARD: Final = shard_path("fear", "train", 0)
_FLOW: Final = f"flow/fear/{SHARD.rpartition('/')[2]}"
_LAYOUTS: Final = ("folder", "samm", "mevqa", "webdataset", "videofolder")
_MARKS: Final = (b"PAR1", b"ARROW:schema", b"schema", b"huggingface", b"\x15\x00", b"\x19\x1c")


def mutated_table(random: Random, data: bytes, material: Material) -> bytes:
    """Damage the values of a Parquet file, within its schema or beyond it, or its bytes."""
    if not random.randint(0, 1):
        return mutated(random, data, material)
    table = pq.read_table(io.BytesIO(data))
    rows = mutated_tree(random, table.to_pylist(), material)
    buffer = io.BytesIO()
    try:
        # pyarrow makes no nested extension arrays from objects, so JSON goes in as text and is cast
        damaged = pa.Table.from_pylist(rows, schema=_without_extensions(table.schema) if random.randint(0, 2) else None)
        pq.write_table(damaged.cast(table.schema) if random.randint(0, 3) else damaged, buffer)
    except (pa.ArrowException, TypeError, ValueError, OverflowError, AttributeError, KeyError):
        return mutated(random, data, material)  # no Parquet file can hold these values
    return buffer.getvalue()


def _without_extensions(schema: pa.Schema) -> pa.Schema:
    return pa.schema([(field.name, _storage(field.type)) for field in schema], schema.metadata)


def _storage(kind: pa.DataType) -> pa.DataType:
    if isinstance(kind, pa.BaseExtensionType):
        return kind.storage_type
    return pa.list_(_storage(kind.value_type)) if isinstance(kind, pa.ListType) else kind


def small_video(folder: Path) -> bytes:
    """Return a clip of 144 frames of 64 x 48."""
    ramp = np.arange(48 * 64 * 3, dtype=np.uint32).reshape(48, 64, 3) % 251
    rest = ramp.astype(np.uint8)
    return encode(rest, np.roll(rest, 4, axis=1), 62, folder / "small.mp4").data


def whole_folder(folder: Path) -> None:
    """Write a dataset folder of one shard."""
    video = small_video(folder)
    rows = [byte_row(number, video) for number in (1, 2, 3)]
    write_rows(folder / SHARD, rows)
    subjects = people(3)
    placements = {subject.id: Placement(split="train", fold=number) for number, subject in enumerate(subjects)}
    plans = {SHARD: [plan(subject, "fear", number) for number, subject in enumerate(subjects, 1)]}
    rejects = [Reject(kind="clip", id="fear-t001-07", reason="weak_motion", detail="too weak", attempt=2, final=True)]
    complete_folder(
        folder,
        config={"seed": 0, "faces": "openpeople"},
        code_version="1",
        subjects=subjects,
        placements=placements,
        plans=plans,
        rejects=rejects,
    )


def _written(folder: Path, *, name: str) -> list[bytes]:
    whole_folder(folder)
    return [(folder / name).read_bytes()]


def _flow(folder: Path) -> Sequence[bytes]:
    field = np.linspace(-1, 1, 128 * 128 * 2, dtype=np.float16).reshape(128, 128, 2)
    path = write_flow(
        folder / _FLOW, [FlowFrame(clip_id="fear-t001-01", frame=frame, field=field) for frame in (61, 62)]
    )
    return [path.read_bytes()]


def _stream(folder: Path) -> object:
    frames = FrameChoice(how="event", count=2, size_px=32)
    samples = list(open_stream(Folder(str(folder)), "fear", frames=frames))
    return samples, list(open_stream(Folder(str(folder)), "fear", fold=0, emotions="fear"))


def _inspect(folder: Path) -> object:
    return look_at_shard(folder / SHARD, entry_of(folder, SHARD), EVERY_CLIP)


def _recordings(folder: Path) -> object:
    return [recording.frames.read([0]) for recording in read_equime(folder).recordings[:1]]


def _reviews(folder: Path) -> list[bytes]:
    whole_folder(folder)
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
    clip_id = next(iter(read_shards(folder / PLAN_FILE)))
    said = Review(
        clip_id=clip_id, reviewer="heron-7", reviewed_at=moment, decision="reject", was_blind=True, emotion="fear",
        aus=((1, "left"), (4, "right")), onset_frame=60, apex_frame=63, offset_frame=66, note="too fast",
    )  # fmt: skip
    add_review(folder, said)
    return [(folder / REVIEWS_FILE).read_bytes()]


def _dataset(folder: Path) -> list[bytes]:
    whole_folder(folder / "equime")
    return [(folder / "equime" / SHARD).read_bytes()]


def _exported(folder: Path, *, layout: str) -> None:
    out = folder / "out"
    try:
        export_dataset(folder / "equime", out, format=layout)
    finally:
        shutil.rmtree(out, ignore_errors=True)


TARGETS: Final[dict[str, Target]] = {
    "subjects": Target(
        file=SUBJECTS_FILE,
        samples=partial(_written, name=SUBJECTS_FILE),
        readers=(lambda folder: read_subjects(folder / SUBJECTS_FILE),),
        mutate=mutated_table,
        marks=_MARKS,
    ),
    "plans": Target(
        file=PLAN_FILE,
        samples=partial(_written, name=PLAN_FILE),
        readers=(
            lambda folder: list(read_plans(folder / PLAN_FILE)),
            lambda folder: read_shards(folder / PLAN_FILE),
        ),
        mutate=mutated_table,
        marks=_MARKS,
    ),
    "rejects": Target(
        file=REJECTS_FILE,
        samples=partial(_written, name=REJECTS_FILE),
        readers=(lambda folder: list(read_rejects(folder / REJECTS_FILE)),),
        mutate=mutated_table,
        marks=_MARKS,
    ),
    "shard": Target(
        file=SHARD,
        few=25,
        samples=partial(_written, name=SHARD),
        readers=(
            lambda folder: list(read_rows(folder / SHARD)),
            lambda folder: rows_in(folder / SHARD),
            lambda folder: compact([folder / SHARD], folder / "joined.parquet"),
            lambda folder: list(candidates(folder, [SHARD])),
            lambda folder: summarize(folder, [SHARD]),
            lambda folder: list(find_clips([folder])),
            _inspect,
            _recordings,
            _stream,
        ),
        mutate=mutated_table,
        marks=_MARKS,
        refused=True,
    ),
    "rows": Target(
        file=f"equime/{SHARD}",
        few=25,
        samples=_dataset,
        readers=(
            *(partial(_exported, layout=layout) for layout in _LAYOUTS),
            lambda folder: read_material(folder / "equime"),
            lambda folder: write_vqa(folder / "equime"),
            lambda folder: write_gallery(folder / "equime", clips_per_emotion=1),
        ),
        mutate=mutated_table,
        marks=_MARKS,
    ),
    "reviews": Target(file=REVIEWS_FILE, samples=_reviews, readers=(read_reviews,), mutate=mutated_table, marks=_MARKS),
    "flow": Target(
        file=_FLOW,
        few=25,
        samples=_flow,
        readers=(
            lambda folder: read_flow(folder / _FLOW, "fear-t001-01"),
            lambda folder: check_flow(folder / _FLOW, 2),
        ),
        mutate=mutated_table,
        marks=_MARKS,
    ),
}
