"""Image files in a folder of the user's, named so that terminals and tables can show them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NoReturn

from equime_builder.errors import UsageError

SUFFIXES: Final[tuple[str, ...]] = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif")


def checked_root(source: str, argument: str) -> Path:
    """Return the folder behind ``source:argument``.

    Raises:
        UsageError: There is none, or it is no folder.
    """
    if not argument:
        raise UsageError(f"source {source} needs a folder; write: {source}:DIR")
    root = Path(argument).expanduser()
    if not root.exists():
        raise UsageError(f"source {source}:{argument} does not exist; give a folder that holds photos")
    if not root.is_dir():
        raise UsageError(f"source {source}:{argument} is a file; give the folder that holds it")
    return root


def images_below(root: Path) -> Iterator[Path]:
    """Yield the image files of a folder and of those within, in any order; hidden ones are skipped.

    Raises:
        UsageError: A folder cannot be read.
    """
    for folder, below, files in os.walk(root, onerror=_unreadable):
        below[:] = [name for name in below if not name.startswith(".")]
        yield from (Path(folder, name) for name in files if _is_image(name))


def images_in(root: Path) -> Iterator[Path]:
    """Yield the image files of a folder alone, in any order; hidden ones are skipped.

    Raises:
        UsageError: The folder cannot be read.
    """
    try:
        names = os.listdir(root)
    except OSError as error:
        _unreadable(error)
    yield from (root / name for name in names if _is_image(name))


def in_number_order(path: Path) -> tuple[bool, int, str]:
    """Sort key: files named by a number first, by that number; then the others by name."""
    is_number = path.stem.isascii() and path.stem.isdigit()
    return not is_number, int(path.stem[:18]) if is_number else 0, path.name


def printable(name: str) -> str:
    """Escape what a file name may hold and a terminal or a UTF-8 table may not."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in name)


def _is_image(name: str) -> bool:
    return not name.startswith(".") and name.lower().endswith(SUFFIXES)


def _unreadable(error: OSError) -> NoReturn:
    raise UsageError(f"folder {error.filename!r} cannot be read: {error.strerror}; allow it or move the photos")
