"""Label sheets: the table with the headings that a reader asks for, wherever in a folder its owners put it.

Sheets differ between versions in name, in what stands above the headings, and in how headings are spaced; so a sheet is
known by its headings. A workbook is a stranger's: its XML is read by defusedxml, formulas are never computed.
"""

from __future__ import annotations

import csv
import io
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final, TypedDict

from equime_builder.errors import DatasetError, need

Row = dict[str, str]
"""Text of each cell by heading, as `heading` writes it; empty cells are empty texts."""


class CodedFrames(TypedDict):
    """Onset, apex and offset; ``None`` where the cell holds no number."""

    onset: int | None
    apex: int | None
    offset: int | None


_SUFFIXES: Final = (".xlsx", ".csv")
_DEEPEST: Final = 3
_LARGEST_BYTES: Final = 50_000_000
_MOST_UNPACKED_BYTES: Final = 200_000_000
_MOST_SHEETS: Final = 32
_MOST_ROWS: Final = 100_000
_MOST_COLUMNS: Final = 64
_HEADING_WITHIN: Final = 40
"""Rows that may stand above the headings; SAMM has 13."""


def heading(text: str) -> str:
    """Return a heading without case, spaces and signs: ``Onset Frame`` and ``OnsetFrame`` are the same."""
    return re.sub(r"[^a-z0-9]", "", text.lower())


def read_sheet(root: Path, columns: Sequence[str]) -> list[Row]:
    """Return the rows below the headings of the first sheet that has all columns.

    Args:
        root: Searched three folders deep, workbooks first.
        columns: Headings, in any spelling that `heading` makes the same.

    Raises:
        DatasetError: There is no such sheet, or a file is damaged, huge or in the old binary format.
        MissingExtraError: There is a workbook, and openpyxl is not installed.
    """
    wanted = {heading(column) for column in columns}
    places = sorted(_sheets_below(root), key=lambda path: (_SUFFIXES.index(path.suffix.lower()), path.as_posix()))
    for place in places:
        for table in _tables(place):
            rows = _below_headings(table, wanted)
            if rows is not None:
                return rows
    old = next(root.rglob("*.xls"), None)
    hint = f"; {old.name} is in the old format: save it as .xlsx or .csv" if old else ""
    raise DatasetError(f"{root}: holds no sheet (.xlsx or .csv) with the columns {', '.join(columns)}{hint}")


def whole_number(text: str) -> int | None:
    """Return a cell as a number without fraction, or ``None`` for anything else, such as ``/`` or nothing."""
    match = re.fullmatch(r"\s*(\d{1,9})(?:\.0*)?\s*", text, re.ASCII)
    return int(match[1]) if match else None


def coded_frames(row: Row, ending: str = "frame") -> CodedFrames:
    """Return the frames of a row, by the numbers that the owners give them.

    Args:
        ending: What stands behind onset, apex and offset in the headings.
    """
    return {
        "onset": whole_number(row[f"onset{ending}"]),
        "apex": whole_number(row[f"apex{ending}"]),
        "offset": whole_number(row[f"offset{ending}"]),
    }


def person_number(row: Row, digits: int) -> str:
    """Return a row's subject with as many digits as folders have; what is no number stays as it is."""
    number = whole_number(row["subject"])
    return row["subject"] if number is None else f"{number:0{digits}d}"


def _sheets_below(root: Path) -> Iterator[Path]:
    for depth in range(1, _DEEPEST + 1):
        for path in root.glob("/".join("*" * depth)):
            if path.suffix.lower() in _SUFFIXES and not path.name.startswith(("~", ".")) and path.is_file():
                yield path


def _tables(place: Path) -> Iterator[Iterable[Sequence[str]]]:
    if place.stat().st_size > _LARGEST_BYTES:
        raise DatasetError(f"{place}: is larger than 50 MB, which no label sheet is")
    if place.suffix.lower() == ".csv":
        yield _csv_rows(place)
        return
    need("defusedxml", extra="sheets")  # openpyxl takes it where it is there
    openpyxl = need("openpyxl", extra="sheets")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of parts of a workbook that hold no cell
            _check_unpacked(place)
            book = openpyxl.load_workbook(place, read_only=True, data_only=True)
            for sheet in book.worksheets[:_MOST_SHEETS]:
                yield [[_text(cell) for cell in row] for row in islice(_values(sheet), _MOST_ROWS)]
            book.close()
    except DatasetError:
        raise
    except Exception as error:  # a damaged workbook raises whatever its damage leads to
        raise DatasetError(f"{place}: cannot be read as a workbook: {error}") from error


def _csv_rows(place: Path) -> Iterator[Sequence[str]]:
    text = place.read_bytes().decode("utf-8-sig", errors="replace")
    try:
        yield from csv.reader(io.StringIO(text))
    except csv.Error as error:
        raise DatasetError(f"{place}: cannot be read as CSV: {error}") from error


def _check_unpacked(place: Path) -> None:
    """Refuse a workbook whose small members unpack to much; none unpacks to more than it states."""
    with zipfile.ZipFile(place) as archive:
        unpacked = sum(member.file_size for member in archive.infolist())
    if unpacked > _MOST_UNPACKED_BYTES:
        raise DatasetError(f"{place}: unpacks to {unpacked} bytes, which no label sheet does")


def _values(sheet: object) -> Iterator[Sequence[object]]:
    yield from sheet.iter_rows(max_col=_MOST_COLUMNS, values_only=True)  # type: ignore[attr-defined]


def _text(cell: object) -> str:
    return "" if cell is None else str(cell).strip()


def _below_headings(table: Iterable[Sequence[str]], wanted: set[str]) -> list[Row] | None:
    rows = iter(table)
    for cells in islice(rows, _HEADING_WITHIN):
        headings = [heading(cell) for cell in cells]
        if wanted <= set(headings):
            found = (_named(headings, row) for row in rows)
            return [row for row in islice(found, _MOST_ROWS) if any(row.values())]
    return None


def _named(headings: Sequence[str], cells: Sequence[str]) -> Row:
    padded = [*cells, *[""] * (len(headings) - len(cells))]  # CSV may leave out empty cells at the end
    return {name: cell.strip() for name, cell in zip(headings, padded, strict=False) if name}
