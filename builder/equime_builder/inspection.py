"""The rows of one shard, checked against its place, the subjects, the other shards, and their own hashes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from equime_builder.decode import decode_luma
from equime_builder.demux import probe_video
from equime_builder.errors import DatasetError, MediaError
from equime_builder.facs import EMOTION_LABELS, EMOTIONS
from equime_builder.findings import Finding
from equime_builder.manifest import FileEntry
from equime_builder.records import FPS, FRAMES, SIZE_PX, Placement
from equime_builder.schema import COLUMNS, check_schema
from equime_builder.spotting import SPOTTING_COLUMNS
from equime_builder.vqa_rows import VQA_COLUMNS
from equime_builder.vqa_templates import KINDS

if TYPE_CHECKING:
    import pyarrow.parquet as pq

_FORMAT: Final = {
    "num_frames": FRAMES, "fps": float(FPS), "width": SIZE_PX, "height": SIZE_PX, "codec": "h264", "synthetic": True,
}  # fmt: skip
_COLUMNS: Final = ["id", "subject_id", "fold", "sha256", *_FORMAT]


@dataclass(slots=True)
class Ledger:
    """What was seen in the shards so far.

    Attributes:
        placements: From ``subjects.parquet``; ``None`` where that table cannot be read.
        clips: File of each clip id.
        hashes: Hash of each clip under ``data/``, by id.
        asked: Clips whose questions were seen.
        splits: First split in which each subject was seen.
    """

    placements: Mapping[str, Placement] | None
    clips: dict[str, str] = field(default_factory=dict)
    hashes: dict[str, str] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    splits: dict[str, str] = field(default_factory=dict)


def inspect_shard(path: Path, entry: FileEntry, ledger: Ledger, *, deep: bool) -> Iterator[Finding]:
    """Yield what is wrong inside a shard; whatever the file holds, nothing is raised.

    Args:
        path: The file, known to lie inside the dataset folder.
        deep: Hash and decode every clip as well.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            columns = COLUMNS if entry.place else VQA_COLUMNS if entry.vqa_split else SPOTTING_COLUMNS
            check_schema(file.schema_arrow, where=entry.path, columns=columns)
            if file.metadata.num_rows != entry.rows:
                yield Finding(
                    file=entry.path,
                    rule="rows",
                    detail=f"holds {file.metadata.num_rows} rows, the manifest says {entry.rows}",
                )
            yield from _inspect_rows(file, entry, ledger)
            if deep:
                yield from _inspect_clips(file, entry)
    except DatasetError as error:
        yield Finding(file=entry.path, rule="schema", detail=str(error))
    except (pa.ArrowException, OSError, ValueError) as error:
        yield Finding(file=entry.path, rule="unreadable", detail=" ".join(str(error).split()))


def _inspect_rows(file: pq.ParquetFile, entry: FileEntry, ledger: Ledger) -> Iterator[Finding]:
    shown = "emotion" if entry.place else "questions" if entry.vqa_split else "events"
    for batch in file.iter_batches(columns=[*_COLUMNS, shown]):
        for row in batch.to_pylist():
            for rule, detail in row_faults(row, entry, ledger):
                yield Finding(file=entry.path, rule=rule, detail=f"clip {row['id']!r}: {detail}")


def row_faults(row: Mapping[str, Any], entry: FileEntry, ledger: Ledger) -> Iterator[tuple[str, str]]:
    """Yield the rules that a row of a shard breaks, and how; the ledger is told of the row."""
    emotion = entry.emotion
    if entry.vqa_split:
        yield from _question_faults(row, ledger)
    else:
        yield from _id_faults(row["id"], entry, ledger)
        yield from _emotion_faults(row["emotion"], emotion) if emotion else _event_faults(row["events"])
    if emotion:
        ledger.hashes[row["id"]] = row["sha256"]
    wrong = {name: row[name] for name, value in _FORMAT.items() if row[name] != value}
    if wrong:
        yield "clip-format", f"says {wrong}"
    yield from _subject_faults(row["subject_id"], row["fold"], entry.split, ledger)


def _id_faults(clip_id: str | None, entry: FileEntry, ledger: Ledger) -> Iterator[tuple[str, str]]:
    if not clip_id:
        yield "id", "has no id"
    elif clip_id in ledger.clips:
        yield "id", f"is in {ledger.clips[clip_id]} already"
    else:
        ledger.clips[clip_id] = entry.path


def _question_faults(row: Mapping[str, Any], ledger: Ledger) -> Iterator[tuple[str, str]]:
    if row["id"] in ledger.asked:
        yield "id", "has questions already"
    ledger.asked.add(row["id"])
    if row["id"] not in ledger.hashes:
        yield "id", "is in no shard under data/"
    elif ledger.hashes[row["id"]] != row["sha256"]:
        yield "clip-hash", "has another video than the clip of this name under data/"
    records = row["questions"] or []
    whole = all(record and record["kind"] in KINDS and record["question"] and record["answer"] for record in records)
    if not records or not whole or any(record["image_id"] != row["id"] for record in records):
        yield "questions", "has no questions, or one of another clip, of an unknown kind or without an answer"


def _emotion_faults(found: object, emotion: str) -> Iterator[tuple[str, str]]:
    if not (isinstance(found, int) and 0 <= found < len(EMOTION_LABELS) and EMOTION_LABELS[found] == emotion):
        yield "emotion", f"has emotion label {found}, the file is for {emotion}"


def _event_faults(events: Sequence[Mapping[str, Any]] | None) -> Iterator[tuple[str, str]]:
    whole = [event for event in events or () if event]
    frames = [event[name] for event in whole for name in ("onset_frame", "apex_frame", "offset_frame")]
    if not frames or None in frames or any(later <= earlier for earlier, later in pairwise([-1, *frames, FRAMES])):
        yield "events", f"has events at {frames}; frames must rise from event to event within 0-{FRAMES - 1}"
    wrong = sorted({str(event["emotion"]) for event in whole} - set(EMOTIONS))
    if wrong:
        yield "emotion", f"has events of {', '.join(wrong)}"


def _subject_faults(subject: str, fold: int, split: str, ledger: Ledger) -> Iterator[tuple[str, str]]:
    first = ledger.splits.setdefault(subject, split)
    if first != split:
        yield "split", f"subject {subject!r} is in {split} and in {first}"
    if ledger.placements is None:
        return
    placement = ledger.placements.get(subject)
    if placement is None:
        yield "subject", f"subject {subject!r} is not in subjects.parquet"
    elif (placement.split, placement.fold) != (split, fold):
        yield (
            "split",
            f"is in {split}, fold {fold}; subjects.parquet has {subject!r} in {placement.split}, fold {placement.fold}",
        )


def _inspect_clips(file: pq.ParquetFile, entry: FileEntry) -> Iterator[Finding]:
    for batch in file.iter_batches(batch_size=8, columns=["id", "size_bytes", "sha256", "video"]):
        for row in batch.to_pylist():
            fault = clip_fault(row)
            if fault is not None:
                yield Finding(file=entry.path, rule=fault[0], detail=f"clip {row['id']!r}: {fault[1]}")


def clip_fault(row: Mapping[str, Any], *, decode: bool = True) -> tuple[str, str] | None:
    """Return the rule that a row's video breaks, and how, or None.

    Args:
        decode: Decode every frame; without it the bytes are hashed only.
    """
    data = (row["video"] or {}).get("bytes")
    if not data:
        return "clip-hash", "holds no video bytes"
    if len(data) != row["size_bytes"] or hashlib.sha256(data).hexdigest() != row["sha256"]:
        return "clip-hash", f"its {len(data)} video bytes do not have the row's size and sha256"
    if not decode:
        return None
    try:
        facts = probe_video(data)
        found = (facts.codec, facts.frames, facts.fps, facts.width, facts.height)
        if found != ("h264", FRAMES, FPS, SIZE_PX, SIZE_PX):
            return "clip-format", f"its video is {found}"
        decoded = len(decode_luma(data))
    except MediaError as error:
        return "clip-decode", str(error)
    return None if decoded == FRAMES else ("clip-decode", f"decodes to {decoded} frames")
