from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equime_builder.errors import UsageError
from equime_generation.sources import open_source
from equime_generation.sources.table import COLUMNS, parse_row, read_table


def folder_of(root: Path, table: str | bytes) -> Path:
    for name in ("a.jpg", "b.jpg"):
        (root / name).write_bytes(name.encode())
    (root / "metadata.csv").write_bytes(table if isinstance(table, bytes) else table.encode())
    return root


def test_what_a_user_declares_reaches_the_photo(tmp_path: Path) -> None:
    table = (
        "file,subject_id,gender,age,age_group,ethnicity,skin_tone,license\n"
        'a.jpg,anna-1,Female,34.5,30-40,"40% Thai, 60% Dutch",iv,CC BY 4.0\n'
    )
    first, second = open_source(f"folder:{folder_of(tmp_path, table)}")
    declared = first.demographics
    assert (first.subject_id, first.license) == ("anna-1", "CC BY 4.0")
    assert (declared.gender, declared.age, declared.age_group, declared.skin_tone) == ("female", 34.5, "30-40", "IV")
    assert declared.ethnicity == "40% Thai, 60% Dutch"
    assert declared.ethnicity_distribution == (("Thai", 0.4), ("Dutch", 0.6))
    assert declared.source == "metadata.csv"
    assert (second.subject_id, second.license, second.demographics.source) == (None, "undeclared", "undeclared")


def test_a_byte_order_mark_windows_line_ends_and_blank_lines_are_fine(tmp_path: Path) -> None:
    rows = read_table(
        folder_of(tmp_path, b"\xef\xbb\xbffile,gender\r\n\r\n./a.jpg, male \r\n,\r\n"), {"a.jpg", "b.jpg"}
    )
    assert list(rows) == ["a.jpg"]
    assert rows["a.jpg"].demographics.gender == "male"


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("file,sex,mood\na.jpg,f,sad\n", "unknown columns: 'sex', 'mood'; columns: file, subject_id"),
        ("file,file\na.jpg,a.jpg\n", "names a column twice"),
        ("gender\nfemale\n", "needs a column 'file'"),
        ("", "needs a column 'file'"),
        ("file\na.jpg\nc.jpg\n", "line 3: file 'c.jpg' is no photo in the folder"),
        ("file\na.jpg\n./a.jpg\n", "line 3: file 'a.jpg' has a row already"),
        ("file\n../a.jpg\n", "line 2: file must be a path within the folder"),
        ("file\n/etc/passwd\n", "line 2: file must be a path within the folder"),
        ("file\nx/../../a.jpg\n", "line 2: file must be a path within the folder"),
        ("file\nC:\\a.jpg\n", "line 2: file must be a path within the folder"),
        ("file,age\na.jpg,nan\n", "line 2: age must be a number of years 0-130, got 'nan'"),
        ("file,age\na.jpg,-1\n", "line 2: age must"),
        ("file,age\na.jpg,old\n", "line 2: age must"),
        ("file,skin_tone\na.jpg,VII\n", "line 2: skin_tone must be one of I, II, III, IV, V, VI"),
        ("file,subject_id\na.jpg,../x\n", "line 2: subject_id must be 1-64 of a-z, 0-9 and '-'"),
        ("file,subject_id\na.jpg,Anna\n", "line 2: subject_id must"),
        ("file,gender\na.jpg," + "x" * 201 + "\n", "line 2: gender must be at most 200 printable characters"),
        ('file,gender\na.jpg,"a\nb"\n', "line 3: gender must be at most 200 printable characters"),
        ("file,gender\na.jpg,f,extra\n", "line 2: the row has 3 cells, more than the header"),
        ("file,gender\n,f\n", "line 2: file must not be empty"),
        ('file\n"a.jpg\n', "is no CSV at line"),
        (b"file\n\xff\xfe.jpg\n", "must be UTF-8 text, byte 5 is not"),
        ("file\n" + "".join(f"{n}.jpg\n" for n in range(9)), "line 6: .*; and 4 more"),
    ],
)
def test_a_bad_table_is_named_by_column_or_line(tmp_path: Path, table: str | bytes, message: str) -> None:
    folder_of(tmp_path, table)
    with pytest.raises(UsageError, match=message.replace("\\", "\\\\")) as caught:
        open_source(f"folder:{tmp_path}")
    assert "\n" not in str(caught.value)


def test_a_table_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere.csv").write_text("file\n")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "metadata.csv").symlink_to(tmp_path / "elsewhere.csv")
    with pytest.raises(UsageError, match="must be a regular file"):
        read_table(tmp_path / "in", ())


_words = st.text(st.characters(categories=("L", "Nd", "Zs"), include_characters=",'\"%-"), max_size=30)


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "subject_id": st.from_regex(r"\A([a-z0-9][a-z0-9-]{0,19})?\Z"),
                "gender": _words,
                "age": st.one_of(st.just(""), st.integers(0, 130).map(str)),
                "ethnicity": _words,
                "skin_tone": st.sampled_from(["", "I", "II", "III", "IV", "V", "VI"]),
            }
        ),
        max_size=4,
    )
)
def test_any_declared_words_round_trip(declared: list[dict[str, str]]) -> None:
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, COLUMNS, restval="")
    writer.writeheader()
    writer.writerows({"file": f"{index}.jpg", **cells} for index, cells in enumerate(declared))
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "metadata.csv").write_bytes(buffer.getvalue().encode())
        if any(not value.isprintable() for cells in declared for value in cells.values()):
            return
        rows = read_table(Path(folder), {f"{index}.jpg" for index in range(len(declared))})
    for index, cells in enumerate(declared):
        read = rows[f"{index}.jpg"]
        assert (read.subject_id or "") == cells["subject_id"]
        assert (read.demographics.gender or "") == cells["gender"].strip().lower()
        assert (read.demographics.ethnicity or "") == cells["ethnicity"].strip()
        assert read.demographics.age == (float(cells["age"]) if cells["age"] else None)
        assert (read.demographics.skin_tone or "") == cells["skin_tone"]


@given(st.dictionaries(st.sampled_from(COLUMNS), st.text(max_size=40)))
def test_any_cells_give_a_row_within_the_folder_or_a_one_line_complaint(cells: dict[str, str]) -> None:
    complaint = ""
    try:
        row = parse_row(cells)
    except ValueError as error:
        complaint = str(error)
    else:
        assert ".." not in Path(row.file).parts
        assert not Path(row.file).is_absolute()
    assert len(complaint.splitlines()) <= 1


@given(st.binary(max_size=300))
def test_any_bytes_give_no_row_or_a_one_line_usage_error(data: bytes) -> None:
    complaint = ""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "metadata.csv").write_bytes(data)
        try:
            assert read_table(Path(folder), ()) == {}
        except UsageError as error:
            complaint = str(error)
    assert len(complaint.splitlines()) <= 1
