"""CSV text: what Python's reader gives back, and what a spreadsheet would compute."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equime_builder.csv_text import csv_of_records, csv_text

FORMULAS = (
    '=HYPERLINK("http://x.example","open")',
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "=cmd|' /C calc'!A1.mp4",
)
words = st.text(st.characters(blacklist_categories=["Cs"]))


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


@given(st.lists(st.lists(words, min_size=2), min_size=1))
def test_readers_get_back_what_begins_like_no_formula(rows: list[list[str]]) -> None:
    plain = [[cell.replace("\r", "").lstrip("=+-@\t") for cell in row] for row in rows]
    assert read(csv_text(plain)) == plain


@pytest.mark.parametrize("cell", FORMULAS)
def test_a_formula_becomes_text(cell: str) -> None:
    assert read(csv_text([["name", cell]])) == [["name", f"'{cell}"]]


def test_numbers_stay_numbers_and_nothing_an_empty_cell() -> None:
    assert csv_text([(-1.5, -2, "-1.5", "+3", "-inf", None, "")]) == "-1.5,-2,-1.5,+3,-inf,,\n"


def test_a_name_that_is_no_unicode_can_be_written() -> None:
    assert csv_text([["caf\udce9.mp4"]]).encode() == b"caf\\udce9.mp4\n"


def test_a_carriage_return_begins_no_row() -> None:
    assert read(csv_text([["name\r=1,2", "x\ny"]])) == [[r"name\r=1,2", "x\ny"]]


def test_records_stand_below_their_columns() -> None:
    assert csv_of_records(["b", "a"], [{"a": 1, "b": "x"}, {"a": 2}]) == "b,a\nx,1\n,2\n"
