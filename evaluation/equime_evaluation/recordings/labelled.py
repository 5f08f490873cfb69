"""Rows of a label sheet become clips; what cannot be true is mended by rule and said, or the clip is left out and said.

Published sheets have apexes that are missing (``/``), offsets before onsets, and frames that have no image; readers
have mended them by hand, each in another way.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from equime_builder.errors import DatasetError
from equime_builder.facs import EMOTION_LABELS
from equime_evaluation.recordings.images import ImageFrames, sequence_in
from equime_evaluation.recordings.recording import Listing, Recording

_WORDS: Final[dict[str, str]] = {
    **{emotion: emotion for emotion in EMOTION_LABELS},
    "happy": "happiness",
    "sad": "sadness",
    "angry": "anger",
    "disgusted": "disgust",
    "repression": "repression",
    "negative": "negative",
    "positive": "positive",
    "other": "others",
    "others": "others",
}
"""Words of the sheets, lower case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """One row, with frames by the numbers that the owners give them; ``None`` where the cell holds no number.

    Attributes:
        folder: Of its images; ``None`` = not found.
        looked_for: Where it should be, for the message.
    """

    subject: str
    name: str
    emotion: str
    folder: Path | None
    looked_for: str
    onset: int | None
    apex: int | None
    offset: int | None


def listing_of(dataset: str, rows: Iterable[Labelled]) -> Listing:
    """Return the clips of a set.

    Raises:
        DatasetError: No row can be used; the message says why the first cannot.
    """
    recordings: list[Recording] = []
    left_out: dict[str, str] = {}
    mended: dict[str, str] = {}
    for row in rows:
        clip = f"{dataset}/{row.subject}/{row.name}"
        try:
            recording, notes = _recording(dataset, row)
        except DatasetError as error:
            left_out[clip] = f"{clip}: {error}"
            continue
        recordings.append(recording)
        if notes:
            mended[clip] = "; ".join(notes)
    if not recordings:
        first = next(iter(left_out.values()), "the sheet has no row")
        raise DatasetError(f"no clip of {dataset} can be read; {first}")
    return Listing(recordings=tuple(recordings), left_out=left_out, mended=mended)


def _recording(dataset: str, row: Labelled) -> tuple[Recording, list[str]]:
    if row.folder is None:
        raise DatasetError(f"there are no images in {row.looked_for}")
    emotion = _WORDS.get(row.emotion.strip().lower())
    if emotion is None:
        raise DatasetError(f"emotion {row.emotion!r:.40} is none that is known")
    frames = _sequence(row.folder)
    (onset, apex, offset), notes = event_in(frames, row.onset, row.apex, row.offset)
    recording = Recording(
        dataset=dataset,
        subject=row.subject,
        name=row.name,
        emotion=emotion,
        frames=frames,
        onset_frame=onset,
        apex_frame=apex,
        offset_frame=offset,
    )
    return recording, notes


@lru_cache(maxsize=4)
def _sequence(folder: Path) -> ImageFrames:
    # long sequences hold several clips, whose rows stand together
    return sequence_in(folder)


def event_in(
    frames: ImageFrames, onset: int | None, apex: int | None, offset: int | None
) -> tuple[tuple[int, int, int], list[str]]:
    """Return the places of onset, apex and offset, and what was mended.

    A frame without an image becomes the nearest one with an image. A missing onset becomes the first image, an offset
    that is missing or not after the onset the last, an apex that is missing or not between them the frame half way.

    Raises:
        DatasetError: There is no span of two frames or more.
    """
    notes: list[str] = []
    first = _place(frames, onset, frames.numbers[0], "onset", notes)
    is_after = offset is not None and offset > frames.numbers[first]
    last = _place(frames, offset if is_after else None, frames.numbers[-1], "offset", notes)
    if last <= first:
        raise DatasetError(f"onset {onset} and offset {offset} span no two images")
    middle = frames.numbers[(first + last + 1) // 2]
    is_between = apex is not None and frames.numbers[first] <= apex <= frames.numbers[last]
    return (first, _place(frames, apex if is_between else None, middle, "apex", notes), last), notes


def _place(frames: ImageFrames, number: int | None, instead: int, what: str, notes: list[str]) -> int:
    if number is None:
        notes.append(f"{what} is missing or out of order; {instead} was taken")
        number = instead
    place = frames.place_of(number)
    if place is not None:
        return place
    nearest = min(range(frames.count), key=lambda at: abs(frames.numbers[at] - number))
    notes.append(f"{what} {number} has no image; {frames.numbers[nearest]} was taken")
    return nearest
