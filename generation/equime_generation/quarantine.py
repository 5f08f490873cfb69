"""Bad files of a dataset are moved aside, never deleted; nothing reads them there, and nothing pushes them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from equime_builder.errors import OutputError
from equime_builder.findings import Finding

QUARANTINE_FOLDER: Final = ".quarantine"
"""Where bad files go, inside the dataset folder, under the paths that they had."""
_SHARDS: Final = frozenset({".parquet", ".tar"})
_DO_NOT_BELONG: Final = frozenset({"unlisted", "leftover", "outside"})


def quarantine(root: Path, findings: Iterable[Finding]) -> dict[str, str]:
    """Move the files that findings name out of the way: shards and tables that are wrong, and what does not belong.

    Args:
        findings: Of this folder.

    Returns:
        Where each file lies now, by where it lay, both relative to the folder; a file of the same name that lies there
        since an earlier time keeps its place, and this one gets a number.

    Raises:
        OutputError: A file cannot be moved; those that were come back.
    """
    bad = [one.file for one in findings if one.rule in _DO_NOT_BELONG or Path(one.file).suffix in _SHARDS]
    moved: dict[str, str] = {}
    try:
        for name in dict.fromkeys(bad):
            if os.path.lexists(root / name):
                moved[name] = _free_place(root, name)
                _move(root / name, root / moved[name])
    except OutputError:
        bring_back(root, moved)
        raise
    return moved


def bring_back(root: Path, moved: Mapping[str, str]) -> None:
    """Put files back where they lay, unless others stand there by now.

    Raises:
        OutputError: A file cannot be moved.
    """
    for name, place in moved.items():
        if os.path.lexists(root / place) and not os.path.lexists(root / name):
            _move(root / place, root / name)


def _free_place(root: Path, name: str) -> str:
    place, number = f"{QUARANTINE_FOLDER}/{name}", 1
    while os.path.lexists(root / place):
        number += 1
        place = f"{QUARANTINE_FOLDER}/{name}.{number}"
    return place


def _move(source: Path, target: Path) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(source, target)
    except OSError as error:
        raise OutputError(f"cannot move {source} to {target}: {error.strerror}; make room and run again") from error
