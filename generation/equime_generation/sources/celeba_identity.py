"""Who is who in CelebA-HQ: identity numbers, taken straight or through the mapping to CelebA's own file names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from equime_builder.errors import UsageError
from equime_generation.sources.text import read_text, refuse_bad_rows

HQ_IDENTITY_FILE: Final = "CelebA-HQ-identity.txt"
IDENTITY_FILE: Final = "identity_CelebA.txt"
MAPPING_FILE: Final = "CelebA-HQ-to-CelebA-mapping.txt"


def read_identities(root: Path) -> dict[str, str] | None:
    """Return the identity number of each CelebA-HQ photo, by file name without its suffix.

    ``CelebA-HQ-identity.txt`` (``0.jpg 2880``) is taken as it is; else ``identity_CelebA.txt`` (``000001.jpg 2880``)
    through ``CelebA-HQ-to-CelebA-mapping.txt`` (``idx orig_idx orig_file``).

    Args:
        root: The folder that holds the files.

    Returns:
        None where neither identity file is there.

    Raises:
        UsageError: The mapping is missing, or a file is not as distributed; bad rows are named by their line.
    """
    if (root / HQ_IDENTITY_FILE).exists():
        return _numbers(root / HQ_IDENTITY_FILE)
    if not (root / IDENTITY_FILE).exists():
        return None
    if not (root / MAPPING_FILE).exists():
        raise UsageError(f"{IDENTITY_FILE} names CelebA's files; put {MAPPING_FILE} beside it")
    numbers = _numbers(root / IDENTITY_FILE)
    originals = _pairs(root / MAPPING_FILE, ("idx", "orig_idx", "orig_file"))
    return {stem: numbers[stem_of(file)] for stem, file in originals.items() if stem_of(file) in numbers}


def stem_of(file: str) -> str:
    """Return a file name without its suffix."""
    return PurePosixPath(file).stem


def _numbers(path: Path) -> dict[str, str]:
    numbers = _pairs(path, ())
    wrong = [f"{stem[:40]!r} is {value[:40]!r}" for stem, value in numbers.items() if not _is_number(value)]
    if wrong:
        raise UsageError(f"{path.name} must give a number for each file; {wrong[0]}")
    return numbers


def _is_number(text: str) -> bool:
    return re.fullmatch("[0-9]{1,9}", text) is not None


def _pairs(path: Path, header: tuple[str, ...]) -> dict[str, str]:
    """Return the last cell of each row by the stem of its first."""
    rows = list(_rows(path))
    if header and (not rows or tuple(rows.pop(0)[1]) != header):
        raise UsageError(f"{path.name} must start with the line '{' '.join(header)}'; get the file as distributed")
    wanted = len(header) or 2
    pairs: dict[str, str] = {}
    complaints: list[str] = []
    for line, cells in rows:
        if len(cells) != wanted:
            complaints.append(f"line {line}: a row has {wanted} cells, got {len(cells)}")
        elif stem_of(cells[0]) in pairs:
            complaints.append(f"line {line}: {cells[0][:40]!r} has a row already")
        else:
            pairs[stem_of(cells[0])] = cells[-1]
    refuse_bad_rows(path.name, complaints)
    return pairs


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        if line.strip():
            yield number, line.split()
