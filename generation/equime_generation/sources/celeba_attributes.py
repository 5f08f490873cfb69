"""CelebA-HQ's attribute file: forty yes-or-no judgements a photo, made by other people than the one on it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Final

from equime_builder.errors import UsageError
from equime_generation.sources.text import read_text, refuse_bad_rows

TEXT_FILE: Final = "CelebAMask-HQ-attribute-anno.txt"
CSV_FILE: Final = "CelebAMask-HQ-attribute-anno.csv"

MUST_BE_ABSENT: Final[Mapping[str, str]] = {
    "Smiling": "AU6 and AU12 are at work already, a micro-expression starts from rest",
    "Mouth_Slightly_Open": "AU25 is at work already, and teeth would have to be invented when the lips move",
    "Eyeglasses": "frames and reflections would be bent with the lids",
    "Wearing_Hat": "a brim hides the forehead and the brows, or moves with them",
}
"""Attributes that must be -1, and why. No others: a condition on hair or beard would refuse one gender more."""
MALE: Final = "Male"
YOUNG: Final = "Young"
NEEDED: Final[tuple[str, ...]] = (*MUST_BE_ABSENT, MALE, YOUNG)

_VALUES: Final = {"1": True, "-1": False, "0": False}

Rows = Sequence[tuple[int, Sequence[str]]]
"""Line number and cells."""


def read_attributes(root: Path) -> dict[str, frozenset[str]]:
    """Return which of the needed attributes each photo has, by file name without its suffix, in the file's order.

    The text file starts with the number of rows and a line of names; the CSV names its columns, the first of which
    holds the file. A value is 1 or -1; the CSVs that write 0 for -1 are read too. The text file wins over the CSV.

    Args:
        root: The folder that holds the file.

    Raises:
        UsageError: There is no such file, or it is not as distributed; bad rows are named by their line.
    """
    if (root / TEXT_FILE).exists():
        return _parse(TEXT_FILE, *_split_text(read_text(root / TEXT_FILE)))
    if (root / CSV_FILE).exists():
        return _parse(CSV_FILE, *_split_csv(read_text(root / CSV_FILE)))
    raise UsageError(
        f"source celeba-hq needs {TEXT_FILE} (or .csv) in its folder; put it there, or give folder:DIR to go without"
    )


def absent_complaint(present: frozenset[str]) -> str | None:
    """Return which conditions a photo breaks, in one line; None where it keeps them.

    Example:
        >>> absent_complaint(frozenset({"Male", "Smiling"}))
        'attributes must be -1: Smiling'
    """
    broken = [name for name in MUST_BE_ABSENT if name in present]
    return f"attributes must be -1: {', '.join(broken)}" if broken else None


def _split_text(text: str) -> tuple[Sequence[str], Rows]:
    lines = [(number, line.split()) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    count = lines[0][1] if lines else []
    if len(count) != 1 or not re.fullmatch("[0-9]{1,9}", count[0]):
        raise UsageError(f"{TEXT_FILE} must start with the number of its rows; get the file as distributed")
    rows = lines[2:]
    if len(rows) != int(count[0]):
        raise UsageError(f"{TEXT_FILE} announces {count[0]} rows and has {len(rows)}; get the whole file")
    return lines[1][1] if len(lines) > 1 else [], rows


def _split_csv(text: str) -> tuple[Sequence[str], Rows]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        rows = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader if any(cells)]
    except csv.Error as error:
        raise UsageError(f"{CSV_FILE} is no CSV at line {reader.line_num}: {error}") from None
    return (rows[0][1][1:], rows[1:]) if rows else ([], [])


def _parse(file: str, header: Sequence[str], rows: Rows) -> dict[str, frozenset[str]]:
    missing = [name for name in NEEDED if name not in header]
    if missing:
        raise UsageError(f"{file} needs columns {', '.join(missing)}; get the file as distributed, with 40 attributes")
    if len(set(header)) < len(header):
        raise UsageError(f"{file} names a column twice; get the file as distributed")
    places = [(name, header.index(name) + 1) for name in NEEDED]
    found: dict[str, frozenset[str]] = {}
    complaints: list[str] = []
    for line, cells in rows:
        try:
            stem, values = _checked(cells, len(header) + 1)
            if stem in found:
                raise ValueError(f"file {cells[0][:40]!r} has a row already")
            found[stem] = frozenset(name for name, place in places if values[place])
        except ValueError as error:
            complaints.append(f"line {line}: {error}")
    refuse_bad_rows(file, complaints)
    return found


def _checked(cells: Sequence[str], wanted: int) -> tuple[str, list[bool]]:
    """Return the stem of a row's file, and its values with one in front for the file."""
    if len(cells) != wanted:
        raise ValueError(f"a row has {wanted} cells, got {len(cells)}")
    wrong = next((cell for cell in cells[1:] if cell not in _VALUES), None)
    if wrong is not None:
        raise ValueError(f"an attribute is 1 or -1, got {wrong[:40]!r}")
    return PurePosixPath(cells[0]).stem, [True, *(_VALUES[cell] for cell in cells[1:])]
