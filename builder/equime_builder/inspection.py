"""The rows of one shard, checked against its place and their own hashes; what needs other files is left to the ledger.

A shard is looked at by itself, so that shards can be looked at in several processes (see `equime_builder.ledger`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from equime_builder.decode import decode_luma
from equime_builder.demux import probe_video
from equime_builder.errors import DatasetError, MediaError
from equime_builder.facs import EMOTION_LABELS, EMOTIONS
from equime_builder.findings import Finding
from equime_builder.ledger import Fault, Look, Seen
from equime_builder.manifest import FileEntry
from equime_builder.records import FPS, FRAMES, SIZE_PX
from equime_builder.schema import COLUMNS, Columns, check_schema
from equime_builder.spot_check import NO_CLIP, SpotCheck
from equime_builder.spotting import SPOTTING_COLUMNS
from equime_builder.values import value_fault
from equime_builder.vqa_rows import VQA_COLUMNS
from equime_builder.vqa_templates import KINDS

if TYPE_CHECKING:
    import pyarrow.parquet as pq

_FORMAT: Final = {
    "num_frames": FRAMES, "fps": float(FPS), "width": SIZE_PX, "height": SIZE_PX, "codec": "h264", "synthetic": True,
}  # fmt: skip
_COLUMNS: Final = ["id", "subject_id", "fold", "sha256", *_FORMAT]

_BATCH_ROWS: Final = 1024


def look_at_shard(path: Path, entry: FileEntry, check: SpotCheck) -> Look:
    """Return what a Parquet shard holds and what is wrong inside it; whatever the file holds, nothing is raised.

    Args:
        path: The file, known to lie inside the dataset folder.
        check: Clips that are hashed and decoded as well; those of shards of questions are hashed alone, since they
            stand under ``data/`` again.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    before: list[Finding] = []
    rows: list[Seen] = []
    after: list[Finding] = []
    columns = COLUMNS if entry.place else VQA_COLUMNS if entry.vqa_split else SPOTTING_COLUMNS
    try:
        with pq.ParquetFile(path) as file:
            check_schema(file.schema_arrow, where=entry.path, columns=columns)
            if file.metadata.num_rows != entry.rows:
                detail = f"holds {file.metadata.num_rows} rows, the manifest says {entry.rows}"
                before.append(Finding(file=entry.path, rule="rows", detail=detail))
            for found, fault in _batches(file, entry, columns):
                rows.extend(found)
                if fault is not None:
                    after.append(Finding(file=entry.path, rule="values", detail=f"a row's {fault}"))
            if check != NO_CLIP:
                after.extend(_inspect_clips(file, entry, check))
    except DatasetError as error:
        after.append(Finding(file=entry.path, rule="schema", detail=str(error)))
    except (pa.ArrowException, OSError, ValueError) as error:
        after.append(Finding(file=entry.path, rule="unreadable", detail=" ".join(str(error).split())))
    return Look(before=tuple(before), rows=tuple(rows), after=tuple(after))


def _batches(file: pq.ParquetFile, entry: FileEntry, columns: Columns) -> Iterator[tuple[list[Seen], str | None]]:
    """Yield rows, and what no clip has in columns without rules of their own; rows that break those say enough."""
    names = [column.name for column in columns if column.kind != "video"]
    shown = "emotion" if entry.place else "questions" if entry.vqa_split else "events"
    for batch in file.iter_batches(batch_size=_BATCH_ROWS, columns=names):
        found = [seen(row, entry) for row in batch.select([*_COLUMNS, shown]).to_pylist()]
        others = batch.select([name for name in names if name not in _COLUMNS])
        yield found, None if any(row.faults for row in found) else value_fault(others)


def seen(row: Mapping[str, Any], entry: FileEntry) -> Seen:
    """Return what a row says of its clip, with the rules that it breaks by itself."""
    return Seen(row["id"], row["subject_id"], row["fold"], row["sha256"], tuple(_row_faults(row, entry)))


def _row_faults(row: Mapping[str, Any], entry: FileEntry) -> Iterator[Fault]:
    if entry.vqa_split:
        yield from _question_faults(row)
    elif entry.emotion:
        yield from _emotion_faults(row["emotion"], entry.emotion)
    else:
        yield from _event_faults(row["events"])
    wrong = {name: row[name] for name, value in _FORMAT.items() if row[name] != value}
    if wrong:
        yield "clip-format", f"says {wrong}"


def _question_faults(row: Mapping[str, Any]) -> Iterator[Fault]:
    records = row["questions"] or []
    whole = all(record and record["kind"] in KINDS and record["question"] and record["answer"] for record in records)
    if not records or not whole or any(record["image_id"] != row["id"] for record in records):
        yield "questions", "has no questions, or one of another clip, of an unknown kind or without an answer"


def _emotion_faults(found: object, emotion: str) -> Iterator[Fault]:
    if not (isinstance(found, int) and 0 <= found < len(EMOTION_LABELS) and EMOTION_LABELS[found] == emotion):
        yield "emotion", f"has emotion label {found}, the file is for {emotion}"


def _event_faults(events: Sequence[Mapping[str, Any]] | None) -> Iterator[Fault]:
    whole = [event for event in events or () if event]
    frames = [event[name] for event in whole for name in ("onset_frame", "apex_frame", "offset_frame")]
    if not frames or None in frames or any(later <= earlier for earlier, later in pairwise([-1, *frames, FRAMES])):
        yield "events", f"has events at {frames}; frames must rise from event to event within 0-{FRAMES - 1}"
    wrong = sorted({str(event["emotion"]) for event in whole} - set(EMOTIONS))
    if wrong:
        yield "emotion", f"has events of {', '.join(wrong)}"


def _inspect_clips(file: pq.ParquetFile, entry: FileEntry, check: SpotCheck) -> Iterator[Finding]:
    for group in range(file.num_row_groups):
        ids = file.read_row_group(group, columns=["id"])["id"].to_pylist()
        if not any(map(check.holds, map(str, ids))):
            continue  # its videos need not be read
        columns = ["id", "size_bytes", "sha256", "video"]
        for batch in file.iter_batches(batch_size=8, row_groups=[group], columns=columns):
            for row in batch.to_pylist():
                fault = clip_fault(row, decode=not entry.vqa_split) if check.holds(str(row["id"])) else None
                if fault is not None:
                    yield Finding(file=entry.path, rule=fault[0], detail=f"clip {row['id']!r}: {fault[1]}")


def clip_fault(row: Mapping[str, Any], *, decode: bool = True) -> Fault | None:
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
