"""``metadata.csv``: what a user declares about the people in a folder of photos.

The file is hostile input: its columns, paths, names and numbers are checked, and a row that does not hold is named by
its line. Nothing is guessed; one wrong row stops the run, because a person without the declared group would silently
unbalance the dataset.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from equime_builder.errors import UsageError
from equime_builder.records import DEVICE_NAMES, Demographics
from equime_generation.sources.declared import FITZPATRICK, parse_fitzpatrick, parse_shares
from equime_generation.sources.photo import UNDECLARED_LICENSE
from equime_generation.sources.text import MAX_COMPLAINTS, read_text, refuse_bad_rows

TABLE_NAME: Final = "metadata.csv"
COLUMNS: Final[tuple[str, ...]] = (
    "file",
    "subject_id",
    "gender",
    "age",
    "age_group",
    "ethnicity",
    "skin_tone",
    "license",
)
MAX_TEXT: Final = 200
MAX_AGE: Final = 130

_SUBJECT_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the table; ``subject_id`` is None where the cell is empty."""

    file: str
    subject_id: str | None
    demographics: Demographics
    license: str


def read_table(root: Path, photos: Collection[str]) -> dict[str, Row]:
    """Return the rows of a folder's ``metadata.csv`` by file (POSIX path within the folder); none without the table.

    Args:
        root: The folder.
        photos: Paths of its photos within it; a row about another file is wrong.

    Raises:
        UsageError: The table is unreadable, has unknown columns or none called ``file``, or has bad rows; the message
            names the first five by line.
    """
    path = root / TABLE_NAME
    if not path.exists():
        return {}
    rows: dict[str, Row] = {}
    complaints: list[str] = []
    for line, cells in _records(read_text(path)):
        try:
            row = parse_row(cells)
            if row.file in rows:
                raise ValueError(f"file {row.file!r} has a row already")
            if row.file not in photos:
                raise ValueError(f"file {row.file!r} is no photo in the folder")
            rows[row.file] = row
        except ValueError as error:
            complaints.append(f"line {line}: {error}")
    refuse_bad_rows(TABLE_NAME, complaints)
    return rows


def _records(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield line number and cells of each row that is not blank."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        _check_header(header)
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            # Cells that the header does not name go under the empty name, for the row's own check to complain about.
            named = dict(zip(header, cells, strict=False))
            yield reader.line_num, named | ({"": str(len(cells))} if len(cells) > len(header) else {})
    except csv.Error as error:
        raise UsageError(f"{TABLE_NAME} is no CSV at line {reader.line_num}: {error}") from None


def _check_header(header: list[str]) -> None:
    unknown = [name for name in header if name not in COLUMNS]
    if unknown:
        listed = ", ".join(repr(name[:40]) for name in unknown[:MAX_COMPLAINTS])
        raise UsageError(f"{TABLE_NAME} has unknown columns: {listed}; columns: {', '.join(COLUMNS)}")
    if len(set(header)) < len(header):
        raise UsageError(f"{TABLE_NAME} names a column twice; columns: {', '.join(header)}")
    if "file" not in header:
        raise UsageError(f"{TABLE_NAME} needs a column 'file'; columns: {', '.join(COLUMNS)}")


def parse_row(cells: dict[str, str]) -> Row:
    """Return a row from its cells, stripped; empty ones count as not declared.

    Raises:
        ValueError: A cell breaks its rule; the message names column, value and rule.
    """
    if "" in cells:
        raise ValueError(f"the row has {cells['']} cells, more than the header")
    kept = {name: value.strip() for name, value in cells.items() if value.strip()}
    for name, value in kept.items():
        if len(value) > MAX_TEXT or not value.isprintable():
            raise ValueError(f"{name} must be at most {MAX_TEXT} printable characters")
    subject_id = kept.get("subject_id")
    if subject_id is not None and not _SUBJECT_ID.fullmatch(subject_id):
        raise ValueError(f"subject_id must be 1-64 of a-z, 0-9 and '-', no '-' first, got {subject_id!r}")
    if subject_id in DEVICE_NAMES:
        raise ValueError(f"subject_id names files, and none can be called {subject_id!r} on Windows; take another")
    return Row(
        file=_file(kept.get("file", "")),
        subject_id=subject_id,
        demographics=_demographics(kept),
        license=kept.get("license", UNDECLARED_LICENSE),
    )


def _file(text: str) -> str:
    """Return the path in its shortest form, if it stays in the folder."""
    path = PurePosixPath(text)
    if not text:
        raise ValueError("file must not be empty")
    if path.is_absolute() or ".." in path.parts or "\\" in text or ":" in text:
        raise ValueError(f"file must be a path within the folder, with '/', got {text!r}")
    return path.as_posix()


def _demographics(cells: dict[str, str]) -> Demographics:
    declared = {name: cells[name] for name in COLUMNS[2:7] if name in cells}
    if not declared:
        return Demographics()
    ethnicity = cells.get("ethnicity")
    return Demographics(
        gender=declared["gender"].lower() if "gender" in declared else None,
        age=_age(declared["age"]) if "age" in declared else None,
        age_group=declared.get("age_group"),
        ethnicity=ethnicity,
        ethnicity_distribution=parse_shares(ethnicity) if ethnicity else (),
        skin_tone=_skin_tone(declared["skin_tone"]) if "skin_tone" in declared else None,
        source=TABLE_NAME,
    )


def _age(text: str) -> float:
    try:
        age = float(text)
    except ValueError:
        age = math.nan
    if not 0 <= age <= MAX_AGE:
        raise ValueError(f"age must be a number of years 0-{MAX_AGE}, got {text!r}")
    return age


def _skin_tone(text: str) -> str:
    numeral = parse_fitzpatrick(text)
    if numeral is None:
        raise ValueError(f"skin_tone must be one of {', '.join(FITZPATRICK)} (Fitzpatrick), got {text!r}")
    return numeral
