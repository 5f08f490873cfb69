"""Tables as CSV text, for programs and for spreadsheets, which would compute what begins like a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

Cell = str | int | float | None

_FORMULA: Final = ("=", "+", "-", "@", "\t")


def csv_text(rows: Iterable[Sequence[Cell]]) -> str:
    """Return rows, headings among them, as CSV; ``None`` becomes an empty cell.

    A text that a spreadsheet would take for a formula gets an apostrophe in front, unless it is a number: names of
    files, prompts and declared words may be a stranger's. A carriage return, with which readers would begin a row, is
    escaped, as are bytes of names that are no Unicode.

    Source: OWASP, "CSV injection".
    """
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([_plain(cell) for cell in row] for row in rows)
    return text.getvalue()


def csv_of_records(columns: Sequence[str], records: Iterable[Mapping[str, Any]]) -> str:
    """Return records as CSV below the names of their columns, as `csv_text`; what a record lacks is an empty cell."""
    return csv_text([columns, *([record.get(name) for name in columns] for record in records)])


def _plain(cell: Cell) -> Cell:
    if not isinstance(cell, str):
        return cell
    text = cell.encode(errors="backslashreplace").decode().replace("\r", "\\r")
    return f"'{text}" if text.startswith(_FORMULA) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
