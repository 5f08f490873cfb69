"""Tiny folders in the layouts of recorded datasets; every row and pixel is made here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from equime_builder.csv_text import Cell
from equime_builder.export.xlsx import write_xlsx


def images(folder: Path, names: Iterable[str], shade: int = 40, size: tuple[int, int] = (24, 20)) -> None:
    """Write one image a name, each a little brighter than the one before."""
    folder.mkdir(parents=True, exist_ok=True)
    for place, name in enumerate(names):
        picture = np.full((*size, 3), shade + 4 * place, np.uint8)
        Image.fromarray(picture).save(folder / name)


def workbook(path: Path, *rows: Sequence[Cell]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_xlsx(path, rows)


def casme2(root: Path) -> Path:
    heads = (
        "Subject", "Filename", None, "OnsetFrame", "ApexFrame", "OffsetFrame", None, "Action Units",
        "Estimated Emotion",
    )  # fmt: skip
    workbook(
        root / "CASME2-coding-20140508.xlsx",
        heads,
        (1, "EP02_01f", None, 46, 50, 52, None, "4+L10", "disgust"),
        (1, "EP03_02", None, 10, "/", 14, None, "R12", "happiness"),  # no apex was coded
        (17, "EP05_09", None, 20, 24, 9, None, "14", "repression"),  # the offset lies before the onset
        (17, "EP06_01", None, 1, 3, 5, None, "?", "others"),
        (2, "EP09_01", None, 1, 3, 5, None, "1+2", "surprise"),  # no images came with it
        (2, "EP09_02", None, 1, 3, 5, None, "1+2", "bored"),
    )
    raw, cropped = root / "CASME2_RAW_selected", root / "Cropped"
    images(raw / "sub01" / "EP02_01f", (f"img{n}.jpg" for n in range(46, 53)))
    images(cropped / "sub01" / "EP02_01f", (f"reg_img{n}.jpg" for n in range(46, 53)), shade=200)
    images(raw / "sub01" / "EP03_02", (f"img{n}.jpg" for n in range(10, 15)))
    images(raw / "sub17" / "EP05_09", (f"img{n}.jpg" for n in range(20, 27)))
    images(raw / "sub17" / "EP06_01", (f"img{n}.jpg" for n in range(1, 6)))
    images(raw / "sub02" / "EP09_02", (f"img{n}.jpg" for n in range(1, 6)))
    return root


def samm(root: Path) -> Path:
    heads = (
        "Subject", "Filename", "Inducement Code", "Onset Frame", "Apex Frame", "Offset Frame", "Duration", "Micro",
        "Action Units", "Estimated Emotion", "Objective Classes", "Notes",
    )  # fmt: skip
    above: list[Sequence[Cell]] = [("Micro-movements", None), *[()] * 12]
    workbook(
        root / "SAMM_Micro_FACS_Codes_v2.xlsx",
        *above,
        heads,
        ("006", "006_1_2", 1, 5562, 5565, 5568, 7, "Micro - 1/2", "L12 or L14", "Happiness", 1, ""),
        (7, "007_3_1", 3, 100, 99, 110, 11, "Micro - 1/2", "A1B+A2C", "Surprise", 2, "While blinking"),
        (7, "007_3_2", 3, 100, 103, 140, 11, "Micro", "R20B", "Other", 6, ""),  # the last image is 110
    )
    images(root / "SAMM" / "006" / "006_1_2", (f"006_{n:05d}.jpg" for n in range(5562, 5569)))
    images(root / "SAMM" / "007" / "007_3_1", (f"007_{n:05d}.jpg" for n in range(100, 111)))
    images(root / "SAMM" / "007" / "007_3_2", (f"007_{n:05d}.jpg" for n in range(100, 111)))
    return root


def smic(root: Path, recording: str = "HS") -> Path:
    for subject, emotion, clip, first in (
        ("s01", "negative", "s1_ne_01", 33280),
        ("s01", "surprise", "s1_sur_01", 90823),
        ("s11", "positive", "s11_po_02", 100),
    ):
        folder = root / recording / subject / "micro" / emotion / clip
        images(folder, (f"image{n:06d}.bmp" for n in range(first, first + 5)))
    images(root / recording / "s01" / "non_micro" / "s1_n_01", (f"image{n}.bmp" for n in range(3)))
    return root


def mmew(root: Path) -> Path:
    heads = (
        "Subject", "Filename", "OnsetFrame", "ApexFrame", "OffsetFrame", "Action Units", "Estimated Emotion", "remarks",
    )  # fmt: skip
    workbook(
        root / "MMEW_Micro_Exp.xlsx",
        heads,
        (1, "S01-05-001", 1, 4, 7, "4+7", "anger", None),
        (12, "S12-02-003", 2, 3, 5, "1+2", "surprise", "checked"),
    )
    images(root / "Micro_Expression" / "anger" / "S01-05-001", (f"{n}.jpg" for n in range(1, 9)))
    images(root / "Micro_Expression" / "surprise" / "S12-02-003", (f"{n}.jpg" for n in range(1, 6)))
    images(root / "Macro_Expression" / "S01" / "anger" / "S01-05-001", (f"{n}.jpg" for n in range(1, 4)), shade=200)
    return root


def casme3(root: Path) -> Path:
    heads = ("Subject", "Filename", "Onset", "Apex", "Offset", "AU", "Objective class", "emotion")
    workbook(
        root / "annotation" / "cas(me)3_part_A_ME_label_JpgIndex_v2.xlsx",
        heads,
        ("spNO.1", "a", 355, 358, 361, "14", 7, "happy"),
        ("spNO.2", "b", 10, 12, 15, "4", 3, "anger"),
        ("spNO.2", "b", 30, 33, 36, "1+2", 2, "surprise"),
        ("spNO.2", "e", 0, 0, 25, "4", 3, "sad"),  # images begin at 1
    )
    images(root / "Part_A_ME_clip" / "frame" / "spNO.1_a_355", (f"{n}.jpg" for n in range(355, 362)))
    images(root / "data" / "spNO.2" / "b" / "color", (f"{n}.jpg" for n in range(1, 41)))
    images(root / "data" / "spNO.2" / "e" / "color", (f"{n}.jpg" for n in range(1, 27)))
    return root


def miex(root: Path) -> Path:
    for name, shades in (("000106_mmew_0", (40, 60)), ("000106_mmew_1", (40, 70)), ("000203_mmew_2", (50, 50))):
        for number, shade in enumerate(shades):
            images(root / name, (f"{number}.jpg",), shade=shade)
    images(root / "notes", ("0.jpg", "1.jpg"))
    return root
