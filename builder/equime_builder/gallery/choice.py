"""Which clips are shown: a few of each emotion, spread over people, skin tones and splits."""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from equime_builder.errors import DatasetError
from equime_builder.facs import EMOTION_LABELS
from equime_builder.layout import place_of, place_order
from equime_builder.reading import read_rows
from equime_builder.schema import check_schema
from equime_builder.values import check_values

if TYPE_CHECKING:
    import pyarrow.parquet as pq

_SAFE_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{4,99}")  # five letters or more: Windows keeps con, nul, com1
_COLUMNS: Final = ("id", "plan_id", "subject_id", "gender", "skin_tone")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A clip that may be shown, and where its row stands.

    Attributes:
        shard: Path relative to the dataset folder.
        row: Number of the row in the shard, from 0.
    """

    id: str
    plan_id: str
    subject_id: str
    gender: str | None
    skin_tone: str | None
    emotion: str
    split: str
    shard: str
    row: int


def candidates(root: Path, shards: Iterable[str]) -> Iterator[Candidate]:
    """Yield every clip of the shards, without reading a video.

    Args:
        shards: Relative to ``root``.

    Raises:
        DatasetError: A shard cannot be read.
    """
    for shard in sorted(shards, key=place_order):
        emotion, split = place_of(shard) or ("", "")
        for number, row in enumerate(read_rows(root / shard, only=_COLUMNS, where=shard)):
            yield Candidate(**row, emotion=emotion, split=split, shard=shard, row=number)


def choose_clips(clips: Iterable[Candidate], *, per_emotion: int) -> list[Candidate]:
    """Choose clips that differ in person, skin tone, split and gender as far as the dataset allows.

    Each choice takes the person who was shown least for the emotion; ties go to the skin tone shown least, then to the
    person shown least for any emotion, then to the split and the gender shown least. Of a person's clips the one comes
    whose AU programme was shown least. No random number is drawn: the same clips give the same choice.

    Returns:
        At most ``per_emotion`` clips of each emotion, in the order of the emotion label, then of choice.
    """
    by_emotion: dict[str, dict[str, list[Candidate]]] = defaultdict(lambda: defaultdict(list))
    for clip in {clip.id: clip for clip in clips}.values():
        by_emotion[clip.emotion][clip.subject_id].append(clip)
    overall: Counter[str] = Counter()
    return [
        clip
        for emotion in sorted(by_emotion, key=EMOTION_LABELS.index)
        for clip in _of_emotion(by_emotion[emotion], per_emotion, overall)
    ]


def rows_of(root: Path, chosen: Iterable[Candidate]) -> Iterator[tuple[Candidate, dict[str, Any]]]:
    """Yield the chosen clips with their whole rows, shard by shard; holds one row group in memory.

    Raises:
        DatasetError: A shard cannot be read.
    """
    ordered = sorted(chosen, key=lambda clip: (place_order(clip.shard), clip.row))
    for shard, group in groupby(ordered, key=lambda clip: clip.shard):
        with _open(root, shard) as file:
            yield from _rows_in_groups(file, list(group))


def stem_of(clip_id: str) -> str:
    """Return a file name without suffix for a clip: its id where that is a plain name, else a hash of it.

    An id is read from a table that somebody else may have written; as a path it could climb out of the folder.
    """
    if _SAFE_NAME.fullmatch(clip_id):
        return clip_id
    return f"id_{hashlib.sha256(clip_id.encode()).hexdigest()[:24]}"


def _of_emotion(people: dict[str, list[Candidate]], count: int, overall: Counter[str]) -> Iterator[Candidate]:
    shown: Counter[tuple[str, str | None]] = Counter()

    def rank(subject_id: str) -> tuple[int | str, ...]:
        clip = people[subject_id][0]
        near = shown["person", subject_id], shown["tone", clip.skin_tone], overall[subject_id]
        return (*near, shown["split", clip.split], shown["gender", clip.gender], subject_id)

    for _ in range(min(count, sum(map(len, people.values())))):
        subject_id = min((name for name, left in people.items() if left), key=rank)
        clip = min(people[subject_id], key=lambda clip: (shown["plan", clip.plan_id], clip.id))
        people[subject_id] = [other for other in people[subject_id] if other is not clip]
        shown.update([("person", subject_id), ("tone", clip.skin_tone), ("plan", clip.plan_id)])
        shown.update([("split", clip.split), ("gender", clip.gender)])
        overall[subject_id] += 1
        yield clip


def _rows_in_groups(file: pq.ParquetFile, wanted: list[Candidate]) -> Iterator[tuple[Candidate, dict[str, Any]]]:
    import pyarrow as pa

    first = 0
    for group in range(file.num_row_groups):
        stop = first + file.metadata.row_group(group).num_rows
        inside = [clip for clip in wanted if first <= clip.row < stop]
        if inside:
            try:
                table = file.read_row_group(group)
            except (pa.ArrowException, OSError, ValueError) as error:
                raise _unreadable(inside[0].shard, error) from error
            for clip in inside:
                row = table.slice(clip.row - first, 1)
                check_values(row, where=clip.shard)
                yield clip, row.to_pylist()[0]
        first = stop


def _open(root: Path, shard: str) -> pq.ParquetFile:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(root / shard)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _unreadable(shard, error) from error
    try:
        check_schema(file.schema_arrow, where=shard)
    except DatasetError:
        file.close()
        raise
    return file


def _unreadable(shard: str, error: Exception) -> DatasetError:
    return DatasetError(f"{shard}: cannot be read: {error}; run equime verify on the dataset")
