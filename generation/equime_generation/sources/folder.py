"""Photos in a folder of the user's, with an optional ``metadata.csv`` about the people on them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from equime_builder.errors import UsageError
from equime_builder.records import Demographics
from equime_generation.sources.photo import Photo

SUFFIXES: Final[tuple[str, ...]] = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif")


def open_folder(argument: str) -> list[Photo]:
    """Return the images below a folder, sorted by path; hidden files and folders are skipped.

    Without a row in ``metadata.csv`` a person is called ``photo-`` and the first 12 hex digits of the file's SHA-256,
    so that no file name of a private photo enters a dataset.

    Args:
        argument: The folder.

    Raises:
        UsageError: The folder is missing, not a folder, or its ``metadata.csv`` cannot be used.
    """
    root = _checked_root(argument)
    return [
        Photo(
            name=path.relative_to(root).as_posix(),
            content=path,
            subject_id=None,
            demographics=Demographics(),
            source="folder",
            license="undeclared",
            root=root,
        )
        for path in sorted(_images(root))
    ]


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
    for folder, below, files in os.walk(root):
        below[:] = [name for name in below if not name.startswith(".")]
        for name in files:
            if not name.startswith(".") and name.lower().endswith(SUFFIXES):
                yield Path(folder, name)
