"""SAMM: ``006/006_1_2/006_05562.jpg`` and the sheet of FACS codes, whose headings stand in row 14.

Source: Davison, Lansley, Costen, Tan, Yap, "SAMM: a spontaneous micro-facial movement dataset", IEEE Transactions on
Affective Computing 9(1):116-129 (2018).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from equime_evaluation.recordings.folders import ImageFolders
from equime_evaluation.recordings.labelled import Labelled, listing_of
from equime_evaluation.recordings.recording import Listing
from equime_evaluation.recordings.sheets import coded_frames, person_number, read_sheet

DATASET: Final = "samm"
_COLUMNS: Final = ("Subject", "Filename", "Onset Frame", "Apex Frame", "Offset Frame", "Estimated Emotion")


def read_samm(root: Path) -> Listing:
    """List the clips; ``others`` among them.

    Raises:
        DatasetError: There is no sheet, or no images.
    """
    return listing_of(DATASET, _rows(root))


def _rows(root: Path) -> Iterator[Labelled]:
    folders = ImageFolders(root)
    for row in read_sheet(root, _COLUMNS):
        subject = person_number(row, 3)
        end = (subject, row["filename"])
        yield Labelled(
            subject=subject,
            name=row["filename"],
            emotion=row["estimatedemotion"],
            folder=folders.find(end, (row["filename"],)),
            looked_for="/".join(end),
            **coded_frames(row),
        )
