"""The layout of the MEGC 2019 composite set: one list of three classes, apex images, and image sequences.

Source of the columns: the list that readers of the composite set share (HTNet, STSTNet and their kin).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from equime_builder.csv_text import Cell
from equime_builder.export.clips import Clip
from equime_builder.export.frames import BYTES_PER_IMAGE, write_event, write_frame
from equime_builder.export.key import KEY_FILE, Key
from equime_builder.export.layouts import Pairs, write_csv
from equime_builder.facs import EMOTIONS_3CLASS

DATASET: Final = "equime"
APEX_FOLDER: Final = "datasets/combined_datasets_whole"
SEQUENCES_FOLDER: Final = "datasets/sequences"
SHEET: Final = "combined_3_class2_for_optical_flow.csv"
COLUMNS: Final = ("dataset", "sub", "filename_o", "label", "apex", "imagename", "sub_filename")
CLASSES: Final = {"negative": 0, "positive": 1, "surprise": 2}


class Megc:
    """Writes the list, ``combined_datasets_whole/equime006_EP04_01.jpg`` (apexes) and the sequences."""

    takes_negatives = False
    about = f"""\
Layout: {SHEET} lists dataset, sub, filename_o, label (0 negative, 1 positive, 2 surprise), apex (frame, counted from 1
over the whole clip), imagename (the apex image in {APEX_FOLDER}) and sub_filename (the sequence from onset to offset in
{SEQUENCES_FOLDER}, whose first image is the onset). Its lines can be put under those of a composite list: dataset is
{DATASET}, and no sub is one of CASME II, SMIC or SAMM.

Unlike the sets of MEGC 2019: 24 frames a second instead of 100 or 200; 512 x 512 pixels in colour; faces are aligned
already. {KEY_FILE} says which clip of the dataset each line is, with split, fold and demographics.
"""

    def __init__(self, out: Path, images: str) -> None:
        self._out, self._images = out, images
        self._list: list[list[Cell]] = [list(COLUMNS)]
        self._key = Key()

    def size_bytes(self, clips: Sequence[Clip]) -> int:
        """Return about how much room the images of so many clips take."""
        return sum((clip.event_frames + 1) * BYTES_PER_IMAGE[self._images] for clip in clips)

    def write_shard(self, shard: str, pairs: Pairs) -> None:
        """Write the apex images and sequences of clips, and keep their labels.

        Raises:
            MediaError: A video cannot be decoded.
            OutputError: The place cannot be written.
        """
        for clip, row in pairs:
            subject = f"{DATASET}{clip.subject_number:03d}"
            filename = f"EP{clip.emotion_number:02d}_{clip.sequence:02d}"
            image = f"{subject}_{filename}.{self._images}"
            write_frame(self._out / APEX_FOLDER / image, row, row["apex_frame"])
            write_event(self._out / SEQUENCES_FOLDER / subject / filename, row, self._images, "img{}".format)
            label, apex_frame = CLASSES[EMOTIONS_3CLASS[clip.emotion] or ""], row["apex_frame"] + 1
            self._list.append([DATASET, subject, filename, label, apex_frame, image, f"{subject}/{filename}"])
            self._key.add(clip, row, subject=subject, filename=filename)

    def finish(self) -> None:
        """Write the list and the key.

        Raises:
            OutputError: The place cannot be written.
        """
        write_csv(self._out / SHEET, self._list)
        self._key.write(self._out)
