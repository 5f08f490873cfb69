"""CASME II: ``sub01/EP02_01f/img46.jpg`` and the coding sheet.

Source: Yan et al., "CASME II: an improved spontaneous micro-expression database and the baseline evaluation", PLOS ONE
9(1): e86041 (2014).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from equime_evaluation.recordings.folders import ImageFolders
from equime_evaluation.recordings.labelled import Labelled, listing_of
from equime_evaluation.recordings.recording import Listing
from equime_evaluation.recordings.sheets import coded_frames, person_number, read_sheet

DATASET: Final = "casme2"
_COLUMNS: Final = ("Subject", "Filename", "OnsetFrame", "ApexFrame", "OffsetFrame", "Estimated Emotion")


def read_casme2(root: Path) -> Listing:
    """List the clips; ``others`` among them.

    Raises:
        DatasetError: There is no sheet, or no images.
    """
    return listing_of(DATASET, _rows(root))


def _rows(root: Path) -> Iterator[Labelled]:
    folders = ImageFolders(root)
    for row in read_sheet(root, _COLUMNS):
        subject = person_number(row, 2)
        end = (f"sub{subject}", row["filename"])
        yield Labelled(
            subject=subject,
            name=row["filename"],
            emotion=row["estimatedemotion"],
            folder=folders.find(end),
            looked_for="/".join(end),
            **coded_frames(row),
        )
