"""MMEW: ``Micro_Expression/<emotion>/<clip>/1.jpg`` and its sheet.

Source: Ben et al., "Video-based facial micro-expression analysis: a survey of datasets, features and algorithms", IEEE
Transactions on Pattern Analysis and Machine Intelligence 44(9):5826-5846 (2022).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from equime_evaluation.recordings.folders import ImageFolders
from equime_evaluation.recordings.labelled import Labelled, listing_of
from equime_evaluation.recordings.recording import Listing
from equime_evaluation.recordings.sheets import coded_frames, read_sheet

DATASET: Final = "mmew"
_COLUMNS: Final = ("Subject", "Filename", "OnsetFrame", "ApexFrame", "OffsetFrame", "Estimated Emotion", "remarks")


def read_mmew(root: Path) -> Listing:
    """List the micro-expressions; macro-expressions are not read.

    Raises:
        DatasetError: There is no sheet, or no images.
    """
    return listing_of(DATASET, _rows(root))


def _rows(root: Path) -> Iterator[Labelled]:
    folders = ImageFolders(root)
    for row in read_sheet(root, _COLUMNS):
        emotion, name = row["estimatedemotion"], row["filename"]
        yield Labelled(
            subject=row["subject"],
            name=name,
            emotion=emotion,
            folder=folders.find(("Micro_Expression", emotion, name), (emotion, name)),
            looked_for=f"Micro_Expression/{emotion}/{name}",
            **coded_frames(row),
        )
