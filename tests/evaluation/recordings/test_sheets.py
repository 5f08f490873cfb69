from pathlib import Path

import pytest
from PIL import Image

from equime_builder.errors import DatasetError, MediaError
from equime_evaluation.recordings.images import read_image, sequence_in
from equime_evaluation.recordings.sheets import heading, read_sheet, whole_number
from tests.evaluation.recordings import folders


def test_a_sheet_is_known_by_its_headings_and_not_by_its_name(tmp_path: Path) -> None:
    folders.workbook(tmp_path / "a" / "first.xlsx", ("Subject", "Notes"), (1, "x"))
    folders.workbook(tmp_path / "a" / "second.xlsx", (), ("SUBJECT", " Onset  Frame "), (7, 3), ("", ""), ("x", None))
    assert read_sheet(tmp_path, ("Subject", "OnsetFrame")) == [
        {"subject": "7", "onsetframe": "3"},
        {"subject": "x", "onsetframe": ""},
    ]


def test_a_csv_file_will_do(tmp_path: Path) -> None:
    (tmp_path / "sheet.csv").write_bytes("\ufeffSubject,Onset\n006,12.0\n".encode())
    assert read_sheet(tmp_path, ("Subject", "Onset")) == [{"subject": "006", "onset": "12.0"}]


def test_a_damaged_workbook_is_said(tmp_path: Path) -> None:
    (tmp_path / "sheet.xlsx").write_bytes(b"PK\x03\x04 and nothing else")
    with pytest.raises(DatasetError, match="cannot be read as a workbook"):
        read_sheet(tmp_path, ("Subject",))


def test_a_workbook_with_entities_is_refused(tmp_path: Path) -> None:
    import zipfile

    good, bad = tmp_path / "good.xlsx", tmp_path / "bad" / "bad.xlsx"
    folders.workbook(good, ("Subject",), (1,))
    bad.parent.mkdir()
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(bad, "w") as target:
        for name in source.namelist():
            text = source.read(name).decode()
            if name.endswith("sheet1.xml"):
                head, _, rest = text.partition("\n")
                text = f"{head}\n{bomb}{rest}".replace("Subject", "&b;")
            target.writestr(name, text)
    with pytest.raises(DatasetError, match="cannot be read as a workbook"):
        read_sheet(bad.parent, ("Subject",))


@pytest.mark.parametrize(
    ("text", "number"), [("46", 46), (" 46.0 ", 46), ("0", 0), ("/", None), ("", None), ("4.5", None), ("-3", None)]
)
def test_cells_become_numbers_or_nothing(text: str, number: int | None) -> None:
    assert whole_number(text) == number


def test_headings_are_the_same_in_any_spelling() -> None:
    assert {heading(text) for text in ("Onset Frame", "OnsetFrame", "onset_frame", "ONSET-FRAME ")} == {"onsetframe"}


def test_images_are_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    folders.images(tmp_path, (f"reg_img{n}.jpg" for n in (100, 9, 10)))
    (tmp_path / "Thumbs.db").write_bytes(b"x")
    frames = sequence_in(tmp_path)
    assert frames.numbers == (9, 10, 100)
    assert frames.read([2, 0])[:, 0, 0, 0].tolist() == [40, 44]
    assert (frames.place_of(10), frames.place_of(11)) == (1, None)
    before = frames.identity
    folders.images(tmp_path, ["reg_img9.jpg"], size=(40, 40))
    assert frames.identity != before
    with pytest.raises(MediaError, match="differ in size"):
        frames.read([0, 1])


def test_a_number_twice_or_a_single_image_is_no_sequence(tmp_path: Path) -> None:
    folders.images(tmp_path, ["img1.jpg"])
    with pytest.raises(DatasetError, match="holds 1 numbered images"):
        sequence_in(tmp_path)
    folders.images(tmp_path, ["frame01.jpg"])
    with pytest.raises(DatasetError, match="same number"):
        sequence_in(tmp_path)


def test_images_that_are_too_large_together_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders.images(tmp_path, ["img1.png", "img2.png", "img3.png"], size=(30, 40))
    monkeypatch.setattr("equime_builder.demux.MAX_DECODED_BYTES", 2 * 40 * 30 * 3)
    frames = sequence_in(tmp_path)
    assert frames.read([0, 2]).shape == (2, 30, 40, 3)
    with pytest.raises(MediaError, match="3 frames of 40 x 30 take"):
        frames.read([0, 1, 2])


def test_what_is_no_image_or_huge_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "img1.jpg").write_bytes(b"\xff\xd8 no image")
    with pytest.raises(MediaError, match="cannot be read as an image"):
        read_image(tmp_path / "img1.jpg")
    Image.new("L", (30, 30)).save(tmp_path / "img2.png")
    monkeypatch.setattr("equime_evaluation.recordings.images._LARGEST_PIXELS", 800)
    with pytest.raises(MediaError, match="30 x 30 pixels, at most 800 are read"):
        read_image(tmp_path / "img2.png")
