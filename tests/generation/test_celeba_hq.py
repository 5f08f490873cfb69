from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equime_builder.errors import UsageError
from equime_builder.licenses import may_be_passed_on
from equime_builder.records import Demographics, Reject
from equime_generation.gate import admit
from equime_generation.landmarks import FaceFinder
from equime_generation.sources import Photo, open_source
from equime_generation.sources.celeba_attributes import MUST_BE_ABSENT, read_attributes
from tests.generation.face_sets import (
    ATTRIBUTE_FILE,
    ATTRIBUTES,
    attribute_csv,
    attribute_text,
    celeba_folder,
    mapping_text,
    put,
)

PRESENT: dict[str, set[str]] = {
    "0.jpg": {"Young", "No_Beard"},
    "1.jpg": {"Male", "Smiling", "Young"},
    "2.jpg": {"Male"},
    "10.jpg": {"Smiling", "Eyeglasses", "Wearing_Hat", "Mouth_Slightly_Open"},
}


def photos_of(root: Path) -> dict[str, Photo]:
    return {photo.name: photo for photo in open_source(f"celeba-hq:{root}")}


def test_forty_attributes() -> None:
    assert len(ATTRIBUTES) == 40
    assert set(MUST_BE_ABSENT) < set(ATTRIBUTES)


def test_the_layout_as_distributed(tmp_path: Path) -> None:
    photos = photos_of(celeba_folder(tmp_path, PRESENT))
    assert list(photos) == ["0.jpg", "1.jpg", "2.jpg", "10.jpg"]
    first = photos["0.jpg"]
    assert first.read() == b"0.jpg"
    assert first.subject_id == "celeba-hq-0"
    assert first.demographics == Demographics(
        gender="female", age_group="young", source="CelebA-HQ attribute annotation (binary, judged by other people)"
    )
    assert (photos["2.jpg"].demographics.gender, photos["2.jpg"].demographics.age_group) == ("male", "not young")
    assert [photo.left_out for photo in photos.values()] == [
        None,
        "attributes must be -1: Smiling",
        None,
        "attributes must be -1: Smiling, Mouth_Slightly_Open, Eyeglasses, Wearing_Hat",
    ]


def test_what_is_made_of_it_stays_on_the_machine(tmp_path: Path) -> None:
    photo = photos_of(celeba_folder(tmp_path, PRESENT))["0.jpg"]
    assert photo.license == "CelebA-HQ: non-commercial research only, not to be passed on"
    assert may_be_passed_on(photo.license) is False


def test_photos_left_out_by_attribute_are_listed_and_never_read(tmp_path: Path, finder: FaceFinder) -> None:
    celeba_folder(tmp_path, PRESENT)
    (tmp_path / "CelebA-HQ-img" / "1.jpg").unlink()
    (tmp_path / "CelebA-HQ-img" / "1.jpg").symlink_to("/nowhere")
    smiling = photos_of(tmp_path)["1.jpg"]
    assert list(admit([smiling], finder)) == [
        Reject(
            kind="photo",
            id="1.jpg",
            reason="attribute",
            detail="attributes must be -1: Smiling",
            subject_id="celeba-hq-1",
        )
    ]


@pytest.mark.parametrize("no", ["-1", "0"])
def test_a_csv_says_the_same(tmp_path: Path, no: str) -> None:
    celeba_folder(tmp_path / "text", PRESENT)
    celeba_folder(tmp_path / "csv", PRESENT)
    (tmp_path / "csv" / ATTRIBUTE_FILE).unlink()
    put(tmp_path / "csv" / "CelebAMask-HQ-attribute-anno.csv", attribute_csv(PRESENT, no))
    assert read_attributes(tmp_path / "csv") == read_attributes(tmp_path / "text")
    assert read_attributes(tmp_path / "text")["10"] == set(MUST_BE_ABSENT)


def test_a_flat_folder_does_too_and_its_masks_are_no_photos(tmp_path: Path) -> None:
    put(tmp_path / ATTRIBUTE_FILE, attribute_text(PRESENT))
    put(tmp_path / "2.png", b"x")
    put(tmp_path / "CelebAMask-HQ-mask-anno" / "0" / "00002_hair.png", b"x")
    assert list(photos_of(tmp_path)) == ["2.png"]
    assert photos_of(tmp_path)["2.png"].demographics.gender == "male"


def test_windows_line_ends_a_byte_order_mark_and_a_blank_end_are_fine(tmp_path: Path) -> None:
    text = attribute_text(PRESENT)
    plain = read_attributes(celeba_folder(tmp_path, PRESENT))
    put(tmp_path / ATTRIBUTE_FILE, b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode() + b"\r\n")
    assert read_attributes(tmp_path) == plain


def test_a_row_without_a_photo_is_nothing_and_a_photo_without_a_row_is_left_out(tmp_path: Path) -> None:
    celeba_folder(tmp_path, PRESENT)
    (tmp_path / "CelebA-HQ-img" / "2.jpg").rename(tmp_path / "CelebA-HQ-img" / "29999.jpg")
    stray = photos_of(tmp_path)["29999.jpg"]
    assert stray.left_out == "the attribute file has no row for it"
    assert (stray.subject_id, stray.demographics) == (None, Demographics())


def test_numbers_with_other_zeros_are_other_names(tmp_path: Path) -> None:
    # some repackagings carry CelebA's own numbers, zero-padded; taking 000002 for 2 would give them a stranger's gender
    put(tmp_path / ATTRIBUTE_FILE, attribute_text(PRESENT))
    put(tmp_path / "000002.jpg", b"x")
    with pytest.raises(UsageError, match=r"the first photo is '000002.jpg', the first row '0'; keep the names"):
        photos_of(tmp_path)


def shortened(text: str, line: int) -> str:
    lines = text.splitlines()
    return "\n".join([*lines[:line], *lines[line + 1 :]])


TEXT = attribute_text(PRESENT)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "must start with the number of its rows"),
        ("\r\n\r\n", "must start with the number of its rows"),
        (shortened(TEXT, 0), "must start with the number of its rows"),
        ("²\n", "must start with the number of its rows"),
        (shortened(TEXT, 1), "announces 4 rows and has 3"),
        (shortened(TEXT, 3), "announces 4 rows and has 3; get the whole file"),
        (TEXT.replace("4\n", "30000\n", 1), "announces 30000 rows and has 4"),
        ("0\n", "needs columns Smiling, Mouth_Slightly_Open, Eyeglasses, Wearing_Hat, Male, Young; get the file"),
        (TEXT.replace(" Male ", " Mail "), "needs columns Male; get the file as distributed, with 40 attributes"),
        (TEXT.replace(" Mustache ", " Male "), "names a column twice"),
        (TEXT.replace("1.jpg  -1", "1.jpg  "), "line 4: a row has 41 cells, got 40"),
        (TEXT.replace("1.jpg  -1", "1.jpg  -1 1"), "line 4: a row has 41 cells, got 42"),
        (TEXT.replace("1.jpg  -1", "1.jpg  yes"), "line 4: an attribute is 1 or -1, got 'yes'"),
        (TEXT.replace("1.jpg  -1", "1.jpg  2"), "line 4: an attribute is 1 or -1, got '2'"),
        (TEXT.replace("2.jpg ", "0.jpg "), "line 5: file '0.jpg' has a row already"),
        (b"4\n\xff\xfe", "must be UTF-8 text, byte 2 is not"),
    ],
)
def test_a_bad_attribute_file_stops_with_one_line(tmp_path: Path, text: str | bytes, message: str) -> None:
    celeba_folder(tmp_path, PRESENT)
    put(tmp_path / ATTRIBUTE_FILE, text)
    with pytest.raises(UsageError, match=message) as caught:
        photos_of(tmp_path)
    assert str(caught.value).startswith(ATTRIBUTE_FILE)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "needs columns Smiling"),
        ("image_id,Smiling\n0.jpg,1\n", "needs columns Mouth_Slightly_Open"),
        (attribute_csv(PRESENT) + "0.jpg\n", "line 6: a row has 41 cells, got 1"),
        (attribute_csv(PRESENT) + '"0.jpg', "is no CSV at line 6"),
    ],
)
def test_a_bad_csv_stops_with_one_line(tmp_path: Path, text: str, message: str) -> None:
    put(tmp_path / "CelebAMask-HQ-attribute-anno.csv", text)
    put(tmp_path / "0.jpg", b"x")
    with pytest.raises(UsageError, match=message):
        photos_of(tmp_path)


def test_without_its_attributes_the_folder_is_another_source(tmp_path: Path) -> None:
    put(tmp_path / "0.jpg", b"x")
    with pytest.raises(UsageError, match=r"needs CelebAMask-HQ-attribute-anno.txt \(or .csv\).*folder:DIR"):
        photos_of(tmp_path)


IDENTITIES = "".join(f"{orig:06d}.jpg {person}\n" for orig, person in {7: 55, 8: 2880, 9: 55, 12: 3, 99: 4}.items())
MAPPING = {0: 7, 1: 9, 2: 8, 10: 12}


def test_one_identity_is_one_subject_through_the_mapping(tmp_path: Path) -> None:
    celeba_folder(tmp_path, PRESENT)
    put(tmp_path / "identity_CelebA.txt", IDENTITIES)
    put(tmp_path / "CelebA-HQ-to-CelebA-mapping.txt", mapping_text(MAPPING))
    people = {name: photo.subject_id for name, photo in photos_of(tmp_path).items()}
    assert people == {
        "0.jpg": "celeba-hq-p55",
        "1.jpg": "celeba-hq-p55",
        "2.jpg": "celeba-hq-p2880",
        "10.jpg": "celeba-hq-p3",
    }


def test_or_straight_from_a_file_about_celeba_hq(tmp_path: Path) -> None:
    celeba_folder(tmp_path, PRESENT)
    put(tmp_path / "CelebA-HQ-identity.txt", "0.jpg 1\n1.jpg 1\n2.jpg 2\n10.jpg 3\n")
    assert photos_of(tmp_path)["1.jpg"].subject_id == "celeba-hq-p1"


@pytest.mark.parametrize(
    ("identities", "mapping", "message"),
    [
        (IDENTITIES, None, "put CelebA-HQ-to-CelebA-mapping.txt beside it"),
        (IDENTITIES, "", "must start with the line 'idx orig_idx orig_file'"),
        (IDENTITIES, mapping_text(MAPPING).partition("\n")[2], "must start with the line 'idx orig_idx orig_file'"),
        (IDENTITIES, mapping_text(MAPPING) + "0 6 000007.jpg\n", "mapping.txt has bad rows: line 6: '0' has a row"),
        (IDENTITIES, mapping_text(MAPPING) + "11 6\n", "line 6: a row has 3 cells, got 2"),
        (IDENTITIES, mapping_text({0: 7, 1: 9, 2: 8}), "lacks photos 10, and one person must not stand as two"),
        ("", mapping_text(MAPPING), "lacks photos 0, 1, 2, 10"),
        (IDENTITIES + "000007.jpg 1\n", mapping_text(MAPPING), "line 6: '000007.jpg' has a row already"),
        ("000007.jpg Ann\n", mapping_text(MAPPING), "must give a number for each file; '000007' is 'Ann'"),
        ("000007.jpg 1 2\n", mapping_text(MAPPING), "line 1: a row has 2 cells, got 3"),
    ],
)
def test_identities_that_do_not_fit_stop_the_run(
    tmp_path: Path, identities: str, mapping: str | None, message: str
) -> None:
    celeba_folder(tmp_path, PRESENT)
    put(tmp_path / "identity_CelebA.txt", identities)
    if mapping is not None:
        put(tmp_path / "CelebA-HQ-to-CelebA-mapping.txt", mapping)
    with pytest.raises(UsageError, match=message):
        photos_of(tmp_path)


@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda text: f"1\n{text}".encode())))
def test_any_bytes_give_no_attributes_or_a_one_line_complaint(data: bytes) -> None:
    complaint = ""
    with tempfile.TemporaryDirectory() as folder:
        put(Path(folder) / ATTRIBUTE_FILE, data)
        try:
            read_attributes(Path(folder))
        except UsageError as error:
            complaint = str(error)
    assert len(complaint.splitlines()) == 1


@given(st.dictionaries(st.integers(0, 29999).map(lambda number: f"{number}.jpg"), st.sets(st.sampled_from(ATTRIBUTES))))
def test_any_attributes_round_trip(present: dict[str, set[str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        put(Path(folder) / ATTRIBUTE_FILE, attribute_text(present))
        read = read_attributes(Path(folder))
    needed = {*MUST_BE_ABSENT, "Male", "Young"}
    assert read == {Path(file).stem: names & needed for file, names in present.items()}
