"""The clips of a dataset folder that an export takes, numbered once and then read a few at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

from equime_builder.errors import DatasetError, UsageError, choose
from equime_builder.facs import EMOTION_LABELS, LEVELS, SLOTS
from equime_builder.layout import SUBJECTS_FILE, place_of, place_order, tar_place_of
from equime_builder.manifest import Manifest
from equime_builder.reading import read_rows
from equime_builder.records import FRAMES, SPLITS
from equime_builder.rows import Row
from equime_builder.tables import read_subjects
from equime_builder.tars import read_tar

_LISTED: Final = (
    "id", "subject_id", "onset_frame", "apex_frame", "offset_frame", "size_bytes", "source", "source_license",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """What names a clip in an export.

    Attributes:
        shard: Its shard, relative to the dataset folder.
        subject_number: From 1, by the place of the person among all people of the dataset.
        sequence: From 1, among the clips of the same person and emotion in the whole dataset.
        event_frames: Frames from onset to offset, both included; 0 on negatives.
        source: Of the photo, and its licence.
    """

    id: str
    shard: str
    subject_id: str
    subject_number: int
    sequence: int
    emotion: str
    split: str
    event_frames: int
    size_bytes: int
    source: str
    source_license: str

    @property
    def emotion_number(self) -> int:
        """From 1, by the place of the emotion among the labels."""
        return 1 + EMOTION_LABELS.index(self.emotion)


def list_clips(root: Path, manifest: Manifest) -> list[Clip]:
    """Return all clips of one event of a dataset, in the order of their shards; reads no video.

    Numbers are given before anything is chosen, so that a clip has the same name in every export.

    Raises:
        DatasetError: A table or shard is damaged, or a clip's person is not in ``subjects.parquet``.
    """
    numbers = {subject_id: number for number, subject_id in enumerate(sorted(read_subjects(root / SUBJECTS_FILE)), 1)}
    seen: Counter[tuple[str, str]] = Counter()
    clips = []
    for shard in _shards(manifest):
        emotion, split = _place(shard)
        for row in _rows_in(root / shard, only=_LISTED):
            subject_id = row["subject_id"]
            if subject_id not in numbers:
                raise DatasetError(f"{shard}: subject {subject_id!r:.80} is not in {SUBJECTS_FILE}; run equime verify")
            seen[subject_id, emotion] += 1
            sequence = seen[subject_id, emotion]
            clips.append(_clip(row, shard, emotion, split, number=numbers[subject_id], sequence=sequence))
    return clips


def chosen(clips: Sequence[Clip], *, emotions: Sequence[str] = (), splits: Sequence[str] = ()) -> list[Clip]:
    """Return the clips of some emotions and splits; none named = all.

    Raises:
        UsageError: A name is unknown, or no clip is left.
    """
    for emotion in emotions:
        choose("emotion", emotion, EMOTION_LABELS)
    for split in splits:
        choose("split", split, list(SPLITS))
    kept = [
        clip for clip in clips if (not emotions or clip.emotion in emotions) and (not splits or clip.split in splits)
    ]
    if not kept:
        here = ", ".join(sorted({f"{clip.emotion}/{clip.split}" for clip in clips})) or "none"
        raise UsageError(f"no clip of emotions {_words(emotions)} in splits {_words(splits)}; here are: {here}")
    return kept


def rows_of(root: Path, shard: str, clips: Sequence[Clip]) -> Iterator[tuple[Clip, Row]]:
    """Yield some clips of a shard with their whole rows, in the shard's order; holds a few rows in memory.

    Raises:
        DatasetError: The shard is damaged, or a clip is gone.
    """
    wanted = {clip.id: clip for clip in clips}
    for row in _rows_in(root / shard):
        clip = wanted.pop(row["id"], None)
        if clip is not None:
            _check_units(row, shard)
            yield clip, row
    if wanted:
        raise DatasetError(f"{shard}: clip {next(iter(wanted))!r:.80} is no longer there; run equime verify")


def _shards(manifest: Manifest) -> list[str]:
    """Return the Parquet shards, or the WebDataset shards of a folder that has no others."""
    paths = [entry.path for entry in manifest.files]
    shards = [path for path in paths if place_of(path)] or [
        path for path in paths if (tar_place_of(path) or ("",))[0] in EMOTION_LABELS
    ]
    return sorted(shards, key=place_order)


def _place(shard: str) -> tuple[str, str]:
    return place_of(shard) or tar_place_of(shard) or ("", "")


def _rows_in(path: Path, only: Sequence[str] | None = None) -> Iterator[Row]:
    return read_tar(path) if path.suffix == ".tar" else read_rows(path, only=only)


def _clip(row: Row, shard: str, emotion: str, split: str, *, number: int, sequence: int) -> Clip:
    return Clip(
        id=row["id"],
        shard=shard,
        subject_id=row["subject_id"],
        subject_number=number,
        sequence=sequence,
        emotion=emotion,
        split=split,
        event_frames=_event_frames(row, shard),
        size_bytes=row["size_bytes"],
        source=row["source"],
        source_license=row["source_license"],
    )


def _check_units(row: Row, shard: str) -> None:
    units = row["aus"] or ()
    if row["aus"] is None or not all((unit["au"], unit["side"]) in SLOTS and unit["level"] in LEVELS for unit in units):
        raise DatasetError(f"{shard}: clip {row['id']!r:.80} has AUs outside the vocabulary; run equime verify")


def _event_frames(row: Row, shard: str) -> int:
    frames = [row[name] for name in ("onset_frame", "apex_frame", "offset_frame")]
    if frames == [None, None, None]:
        return 0
    if None in frames or any(later <= earlier for earlier, later in pairwise([-1, *frames, FRAMES])):
        raise DatasetError(f"{shard}: clip {row['id']!r:.80} has onset, apex, offset {frames}; run equime verify")
    return int(frames[2] - frames[0] + 1)


def _words(names: Sequence[str]) -> str:
    return ", ".join(names) or "(all)"
