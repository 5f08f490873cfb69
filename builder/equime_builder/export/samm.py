"""The layout of SAMM: image sequences by subject, and its sheet of FACS codes.

Source of folders, names and columns: Davison et al. 2016, IEEE Transactions on Affective Computing 9(1):116-129, as its
readers use them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

from equime_builder.csv_text import Cell
from equime_builder.export.clips import Clip
from equime_builder.export.frames import BYTES_PER_IMAGE, write_event
from equime_builder.export.key import KEY_FILE, Key
from equime_builder.export.labels import samm_units
from equime_builder.export.layouts import Pairs, write_csv
from equime_builder.export.xlsx import write_xlsx

IMAGES_FOLDER: Final = "SAMM"
SHEET: Final = "SAMM_Micro_FACS_Codes_equime"
COLUMNS: Final = (
    "Subject", "Filename", "Inducement Code", "Onset Frame", "Apex Frame", "Offset Frame", "Duration", "Micro",
    "Action Units", "Estimated Emotion", "Objective Classes", "Notes",
)  # fmt: skip
HEADING_ROW: Final = 14
"""Row of the headings in the workbook, counted from 1; readers skip what stands above."""

_OBJECTIVE_CLASSES: Final = {name: number for number, name in enumerate(("I", "II", "III", "IV", "V", "VI", "VII"), 1)}
_MICRO: Final = "Micro - 1/2"  # the sheet's word for a movement of at most half a second
_PREAMBLE: Final = (
    "Synthetic micro-expressions made with EquiME, in the layout of SAMM's sheet of FACS codes",
    "Onset Frame: last frame at rest; Apex Frame: largest movement; Offset Frame: first frame at rest again",
    "Frames are numbered from 1; 24 frames a second",
    "Duration: frames from onset to offset, both included",
    "Micro: a movement of at most half a second",
    "Action Units: FACS numbers and letters; L, R: one side only; A: both sides, at unlike letters",
    "Estimated Emotion: the one that was asked for",
    "Objective Classes: 1 to 7, after Davison et al. 2018",
    "Inducement Code: number of the emotion, as nothing was induced",
)


class Samm:
    """Writes ``SAMM/006/006_4_1/006_00025.jpg`` and the sheet as XLSX and CSV."""

    takes_negatives = False
    about = f"""\
Layout: {IMAGES_FOLDER}/<subject>/<filename>/<subject>_<frame>.jpg, from onset to offset; {SHEET}.xlsx and .csv are the
sheet, whose headings stand in row {HEADING_ROW} of the workbook and in row 1 of the CSV file. Frames are numbered from
1 over the whole clip. Onset Frame is the last frame at rest, Offset Frame the first at rest again. Filename is
<subject>_<emotion>_<sequence>.

Unlike SAMM: 24 frames a second instead of 200, so an event has at most 13 frames; 512 x 512 pixels in colour; faces are
aligned already; every Action Unit has the letter of its intensity; an Action Unit on both sides at unlike letters has
an A before it and the letter of the stronger side.
{KEY_FILE} says which clip of the dataset each sequence is, with split, fold and demographics.
"""

    def __init__(self, out: Path, images: str) -> None:
        self._out, self._images = out, images
        self._sheet: list[list[Cell]] = []
        self._key = Key()

    def size_bytes(self, clips: Sequence[Clip]) -> int:
        """Return about how much room the images of so many clips take."""
        return sum(clip.event_frames * BYTES_PER_IMAGE[self._images] for clip in clips)

    def write_shard(self, shard: str, pairs: Pairs) -> None:
        """Write the sequences of clips, and keep their labels.

        Raises:
            MediaError: A video cannot be decoded.
            OutputError: The place cannot be written.
        """
        for clip, row in pairs:
            subject = f"{clip.subject_number:03d}"
            filename = f"{subject}_{clip.emotion_number}_{clip.sequence}"
            name = partial("{}_{:05d}".format, subject)
            write_event(self._out / IMAGES_FOLDER / subject / filename, row, self._images, name)
            frames = [row[name] + 1 for name in ("onset_frame", "apex_frame", "offset_frame")]
            objective_class = _OBJECTIVE_CLASSES.get(row["objective_class"])
            labels: list[Cell] = [samm_units(row["aus"]), clip.emotion.capitalize(), objective_class]
            self._sheet.append(
                [subject, filename, clip.emotion_number, *frames, clip.event_frames, _MICRO, *labels, "synthetic"]
            )
            self._key.add(clip, row, subject=subject, filename=filename)

    def finish(self) -> None:
        """Write the sheet and the key.

        Raises:
            OutputError: The place cannot be written.
        """
        above: list[list[Cell]] = [[line] for line in _PREAMBLE]
        above += [[] for _ in range(HEADING_ROW - 1 - len(_PREAMBLE))]
        write_xlsx(self._out / f"{SHEET}.xlsx", [*above, COLUMNS, *self._sheet])
        write_csv(self._out / f"{SHEET}.csv", [COLUMNS, *self._sheet])
        self._key.write(self._out)
