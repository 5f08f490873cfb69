"""CAS(ME)^3, part A: clips in ``spNO.1_a_355/355.jpg`` or whole videos in ``spNO.1/a/color/355.jpg``, and the sheet.

Emotions are what people reported of themselves. Source: Li et al., "CAS(ME)3: a third generation facial spontaneous
micro-expression database with depth information and high ecological validity", IEEE Transactions on Pattern Analysis
and Machine Intelligence 45(3):2782-2800 (2023).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from equime_evaluation.recordings.folders import ImageFolders
from equime_evaluation.recordings.labelled import Labelled, listing_of
from equime_evaluation.recordings.recording import Listing
from equime_evaluation.recordings.sheets import coded_frames, read_sheet

DATASET: Final = "casme3"
_COLUMNS: Final = ("Subject", "Filename", "Onset", "Apex", "Offset", "Objective class", "emotion")


def read_casme3(root: Path) -> Listing:
    """List the micro-expressions of part A; a video has several, so a clip's name ends in its onset.

    Raises:
        DatasetError: There is no sheet, or no images.
    """
    return listing_of(DATASET, _rows(root))


def _rows(root: Path) -> Iterator[Labelled]:
    folders = ImageFolders(root)
    for row in read_sheet(root, _COLUMNS):
        subject, video, frames = row["subject"], row["filename"], coded_frames(row, "")
        clip = f"{subject}_{video}_{row['onset'] if frames['onset'] is None else frames['onset']}"
        yield Labelled(
            subject=subject,
            name=clip,
            emotion=row["emotion"],
            folder=folders.find((clip,), (subject, video, "color"), (subject, video)),
            looked_for=f"{clip} or {subject}/{video}/color",
            **frames,
        )
