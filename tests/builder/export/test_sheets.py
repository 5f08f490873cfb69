"""Image sequences and label sheets, read with pandas and Pillow as the readers of the recorded sets read theirs."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from equime_builder.csv_text import Cell
from equime_builder.export import export_dataset
from equime_builder.export.xlsx import write_xlsx

openpyxl = pytest.importorskip("openpyxl", reason="install equime[sheets]")

FRAMES = [[31, 33, 36], [41, 43, 46], [98, 100, 103], [111, 113, 116], [61, 63, 66]]
"""Onset, apex and offset of joy-1, joy-2, startle, dread and rage, counted from 1."""


def frame_shown(path: Path) -> int:
    """Return the frame, counted from 0, whose number an image shows."""
    with Image.open(path) as image:
        grey = np.asarray(image.convert("L"), dtype=float)
    twelves, units = (round((float(half[:, 8:24].mean()) - 20) / 18) for half in np.split(grey, 2, axis=1))
    return 12 * twelves + units


def lines(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_casme2_as_its_readers_read_it(dataset: Path, tmp_path: Path) -> None:
    exported = export_dataset(dataset, tmp_path, format="casme2", images="png")
    assert (exported.clips, exported.left_out) == ({"happiness": 2, "surprise": 1, "fear": 1, "anger": 1}, 1)
    sheet: Any = pd.read_excel(tmp_path / "CASME2-coding-equime.xlsx")
    assert list(sheet.columns) == [
        "Subject", "Filename", "Unnamed: 2", "OnsetFrame", "ApexFrame", "OffsetFrame", "Unnamed: 6", "Action Units",
        "Estimated Emotion",
    ]  # fmt: skip
    assert sheet[["Subject", "Filename"]].to_numpy().tolist() == [
        [1, "EP01_01"], [1, "EP01_02"], [1, "EP03_01"], [3, "EP04_01"], [2, "EP05_01"],
    ]  # fmt: skip
    assert sheet[["OnsetFrame", "ApexFrame", "OffsetFrame"]].to_numpy().tolist() == FRAMES
    assert [str(units) for units in sheet["Action Units"]] == ["12", "L12", "1+2", "R20", "4+7"]
    assert list(sheet["Estimated Emotion"]) == ["happiness", "happiness", "surprise", "fear", "anger"]
    for subject, filename, onset, offset in sheet[["Subject", "Filename", "OnsetFrame", "OffsetFrame"]].to_numpy():
        folder = tmp_path / "CASME2_RAW_selected" / f"sub{subject:02d}" / filename
        shown = {path.name: frame_shown(path) for path in folder.iterdir()}
        assert shown == {f"img{number}.png": number - 1 for number in range(onset, offset + 1)}
    with (tmp_path / "CASME2-coding-equime.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0][2] == rows[0][6] == ""
    assert [row[3:6] for row in rows[1:]] == [[str(number) for number in frames] for frames in FRAMES]


def test_samm_as_its_readers_read_it(dataset: Path, tmp_path: Path) -> None:
    export_dataset(dataset, tmp_path, format="samm")
    book = tmp_path / "SAMM_Micro_FACS_Codes_equime.xlsx"
    sheet: Any = pd.read_excel(book, header=13, dtype={"Subject": str})
    assert list(sheet.columns) == [
        "Subject", "Filename", "Inducement Code", "Onset Frame", "Apex Frame", "Offset Frame", "Duration", "Micro",
        "Action Units", "Estimated Emotion", "Objective Classes", "Notes",
    ]  # fmt: skip
    raw: Any = pd.read_excel(book)
    assert raw.loc[12].tolist() == list(sheet.columns), "readers that take the headings from the 13th row of data"
    assert sheet[["Subject", "Filename"]].to_numpy().tolist() == [
        ["001", "001_1_1"], ["001", "001_1_2"], ["001", "001_3_1"], ["003", "003_4_1"], ["002", "002_5_1"],
    ]  # fmt: skip
    assert sheet[["Onset Frame", "Apex Frame", "Offset Frame"]].to_numpy().tolist() == FRAMES
    assert list(sheet["Duration"]) == [6] * 5
    assert list(sheet["Action Units"]) == ["12C", "L12B", "1C+2C", "R20B", "A4C+7C"]
    assert list(sheet["Estimated Emotion"]) == ["Happiness", "Happiness", "Surprise", "Fear", "Anger"]
    assert list(sheet["Objective Classes"]) == [1, 1, 2, 6, 3]
    for subject, filename, onset, offset in sheet[["Subject", "Filename", "Onset Frame", "Offset Frame"]].to_numpy():
        folder = tmp_path / "SAMM" / subject / filename
        shown = {path.name: frame_shown(path) for path in folder.iterdir()}
        assert shown == {f"{subject}_{number:05d}.jpg": number - 1 for number in range(onset, offset + 1)}


def test_megc_as_readers_of_the_composite_set_read_it(dataset: Path, tmp_path: Path) -> None:
    export_dataset(dataset, tmp_path, format="megc")
    sheet: Any = pd.read_csv(tmp_path / "combined_3_class2_for_optical_flow.csv")
    assert list(sheet.columns) == ["dataset", "sub", "filename_o", "label", "apex", "imagename", "sub_filename"]
    assert list(sheet["label"]) == [1, 1, 2, 0, 0], "0 negative, 1 positive, 2 surprise"
    assert list(sheet["apex"]) == [frames[1] for frames in FRAMES]
    assert list(sheet["sub"]) == ["equime001", "equime001", "equime001", "equime003", "equime002"]
    for (onset, apex, offset), (_, row) in zip(FRAMES, sheet.iterrows(), strict=True):
        assert frame_shown(tmp_path / "datasets/combined_datasets_whole" / row["imagename"]) == apex - 1
        sequence = tmp_path / "datasets/sequences" / row["sub_filename"]
        assert sorted(map(frame_shown, sequence.iterdir())) == list(range(onset - 1, offset))


@pytest.mark.parametrize("format", ["casme2", "samm", "megc"])
def test_the_key_leads_back_to_each_clip(dataset: Path, tmp_path: Path, format: str) -> None:
    export_dataset(dataset, tmp_path, format=format)
    key = lines(tmp_path / "equime-key.csv")
    assert [line["id"] for line in key] == ["joy-1", "joy-2", "startle", "dread", "rage"]
    assert [line["subject_id"] for line in key] == ["007"] * 3 + ["cem", "bea"]
    assert [line["split"] for line in key] == ["train"] * 3 + ["test", "validation"]
    assert [line["gender"] for line in key] == ["female"] * 3 + ["nonbinary", ""]
    for line in key:
        (folder,) = (path for path in tmp_path.rglob(line["filename"]) if path.parent.name == line["subject"])
        assert folder.is_dir()


def test_a_clip_has_one_name_whatever_is_chosen(dataset: Path, tmp_path: Path) -> None:
    export_dataset(dataset, tmp_path, format="samm", emotions=["anger", "fear"], splits=["validation"])
    (line,) = lines(tmp_path / "equime-key.csv")
    assert (line["id"], line["filename"]) == ("rage", "002_5_1")


def test_texts_of_a_workbook_are_never_formulas(tmp_path: Path) -> None:
    rows: list[list[Cell]] = [['a<b> & "c"', 3, 0.5, None, "", "=1+1", " ü\x00\n "], [*[None] * 26, "AA"]]
    book = openpyxl.load_workbook(write_xlsx(tmp_path / "t.xlsx", rows))
    cells = [cell.value for cell in book.active[1]][:7]
    assert cells == ['a<b> & "c"', 3, 0.5, None, None, "=1+1", " ü "]
    assert book.active["F1"].data_type in ("s", "inlineStr")
    assert book.active["AA2"].value == "AA"
