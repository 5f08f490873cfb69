"""Photos in a folder of the user's, with an optional ``metadata.csv`` about the people on them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from equime_builder.errors import UsageError
from equime_builder.records import Demographics
from equime_generation.sources.photo import Photo
from equime_generation.sources.table import UNDECLARED_LICENSE, Row, read_table

SUFFIXES: Final[tuple[str, ...]] = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif")


def open_folder(argument: str) -> list[Photo]:
    """Return the images below a folder, sorted by path; hidden files and folders are skipped.

    The table's columns are file, subject_id, gender, age, age_group, ethnicity, skin_tone and license; all but the
    first may be absent or empty. Several files may show one subject. Without a subject_id a person is called
    ``photo-`` and the first 12 hex digits of the file's SHA-256, so that no file name of a private photo enters a
    dataset.

    Args:
        argument: The folder.

    Raises:
        UsageError: The folder is missing, not a folder, or its ``metadata.csv`` cannot be used.
    """
    root = _checked_root(argument)
    names = sorted(path.relative_to(root).as_posix() for path in _images(root))
    rows = read_table(root, frozenset(names))
    return [_photo(root, name, rows.get(name)) for name in names]


def _photo(root: Path, name: str, row: Row | None) -> Photo:
    return Photo(
        name=_printable(name),
        content=root / name,
        subject_id=row.subject_id if row else None,
        demographics=row.demographics if row else Demographics(),
        source="folder",
        license=row.license if row else UNDECLARED_LICENSE,
        root=root,
    )


def _printable(name: str) -> str:
    """Escape what a file name may hold and a terminal or a UTF-8 table may not."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in name)


def _checked_root(argument: str) -> Path:
    if not argument:
        raise UsageError("source folder needs a folder; write: folder:DIR")
    root = Path(argument).expanduser()
    if not root.exists():
        raise UsageError(f"source folder:{argument} does not exist; give a folder that holds photos")
    if not root.is_dir():
        raise UsageError(f"source folder:{argument} is a file; give the folder that holds it")
    return root


def _images(root: Path) -> Iterator[Path]:
    for folder, below, files in os.walk(root, onerror=_unreadable):
        below[:] = [name for name in below if not name.startswith(".")]
        for name in files:
            if not name.startswith(".") and name.lower().endswith(SUFFIXES):
                yield Path(folder, name)


def _unreadable(error: OSError) -> None:
    raise UsageError(f"folder {error.filename!r} cannot be read: {error.strerror}; allow it or move the photos")
