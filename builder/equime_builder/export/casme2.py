"""The layout of CASME II: image sequences by subject, and its coding sheet.

Source of folders, names and columns: Yan et al. 2014, PLOS ONE 9(1): e86041, as its readers use them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from equime_builder.csv_text import Cell
from equime_builder.export.clips import Clip
from equime_builder.export.frames import BYTES_PER_IMAGE, write_event
from equime_builder.export.key import KEY_FILE, Key
from equime_builder.export.labels import casme2_units
from equime_builder.export.layouts import Pairs, write_csv
from equime_builder.export.xlsx import write_xlsx

IMAGES_FOLDER: Final = "CASME2_RAW_selected"
SHEET: Final = "CASME2-coding-equime"
COLUMNS: Final = (
    "Subject", "Filename", None, "OnsetFrame", "ApexFrame", "OffsetFrame", None, "Action Units", "Estimated Emotion",
)  # fmt: skip
"""As the owners': two columns have no heading."""


class Casme2:
    """Writes ``CASME2_RAW_selected/sub01/EP01_01/img25.jpg`` and the coding sheet as XLSX and CSV."""

    takes_negatives = False
    about = f"""\
Layout: {IMAGES_FOLDER}/sub<subject>/<filename>/img<frame>.jpg, from onset to offset; {SHEET}.xlsx and .csv are the
sheet. Frames are numbered from 1 over the whole clip. OnsetFrame is the last frame at rest, OffsetFrame the first at
rest again. Filename is EP<emotion>_<sequence>. An Action Unit on both sides has no letter, on one side L or R.

Unlike CASME II: 24 frames a second instead of 200, so an event has at most 13 frames; 512 x 512 pixels in colour; faces
are aligned already; anger has a label of its own (CASME II codes AU4 and AU4+7 as disgust, SAMM as anger).
{KEY_FILE} says which clip of the dataset each sequence is, with split, fold and demographics.
"""

    def __init__(self, out: Path, images: str) -> None:
        self._out, self._images = out, images
        self._sheet: list[list[Cell]] = [list(COLUMNS)]
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
            subject = f"sub{clip.subject_number:02d}"
            filename = f"EP{clip.emotion_number:02d}_{clip.sequence:02d}"
            write_event(self._out / IMAGES_FOLDER / subject / filename, row, self._images, "img{}".format)
            frames = [row[name] + 1 for name in ("onset_frame", "apex_frame", "offset_frame")]
            self._sheet.append(
                [clip.subject_number, filename, None, *frames, None, casme2_units(row["aus"]), clip.emotion]
            )
            self._key.add(clip, row, subject=subject, filename=filename)

    def finish(self) -> None:
        """Write the sheet and the key.

        Raises:
            OutputError: The place cannot be written.
        """
        write_xlsx(self._out / f"{SHEET}.xlsx", self._sheet)
        write_csv(self._out / f"{SHEET}.csv", self._sheet)
        self._key.write(self._out)
