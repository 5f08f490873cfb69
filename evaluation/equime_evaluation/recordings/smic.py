"""SMIC: ``HS/s01/micro/negative/s1_ne_01/image033280.bmp``; folders are the labels, and no apex was ever coded.

Source: Li, Pfister, Huang, Zhao, Pietikäinen, "A spontaneous micro-expression database: inducement, collection and
baseline", FG 2013.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from equime_builder.errors import DatasetError
from equime_evaluation.recordings.labelled import Labelled, listing_of
from equime_evaluation.recordings.recording import Listing

DATASET: Final = "smic"
_EMOTIONS: Final = ("negative", "positive", "surprise")
_SUBJECT: Final = re.compile(r"s0*(\d{1,3})", re.ASCII | re.IGNORECASE)


def read_smic(root: Path) -> Listing:
    """List the micro-expressions of one recording (HS, VIS or NIR); onset and offset are the first and last image.

    Raises:
        DatasetError: There is none, or there are several recordings of the same people.
    """
    places = sorted(Path(folder) for folder, _, _ in os.walk(root) if Path(folder).name.lower() == "micro")
    above = sorted({place.parent.parent for place in places})
    if len(above) != 1:
        listed = ", ".join(path.relative_to(root).as_posix() for path in above)
        found = f"several recordings: {listed}; name one of them" if above else "no folder s01/micro"
        raise DatasetError(f"{root}: holds {found}")
    return listing_of(DATASET, _rows(places))


def _rows(places: list[Path]) -> Iterator[Labelled]:
    for place in places:
        match = _SUBJECT.fullmatch(place.parent.name)
        for emotion in _EMOTIONS:
            clips = sorted(path for path in (place / emotion).glob("*") if path.is_dir())
            for clip in clips:
                yield Labelled(
                    subject=f"s{int(match[1]):02d}" if match else place.parent.name,
                    name=clip.name,
                    emotion=emotion,
                    folder=clip,
                    looked_for=clip.name,
                    onset=None,
                    apex=None,
                    offset=None,
                )
