"""Dataset folders of a store, looked at one file after another; no more is on this machine than is looked at."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from equime_builder.errors import DatasetMissingError, OutputError
from equime_builder.layout import (
    LICENSE_FILE,
    MANIFEST_FILE,
    PAPER_FILES,
    RECIPE_FILE,
    TABLE_FILES,
    check_relative_path,
)
from equime_builder.store import FILES_AT_A_TIME, Store, open_store

_HIDDEN: Final = "."
"""What begins so belongs to runs, not to the dataset."""
_BROUGHT: Final = (MANIFEST_FILE, RECIPE_FILE, *TABLE_FILES, *PAPER_FILES, LICENSE_FILE)


@dataclass(frozen=True, slots=True)
class Looked:
    """A folder that is looked at.

    Attributes:
        root: On this machine.
        store: Where its shards are; ``None`` = in ``root``. Else ``root`` holds empty files in their places.
    """

    root: Path
    store: Store | None = None


@contextmanager
def looked_at(url: str, *, workers: int) -> Iterator[Looked]:
    """Give a folder under ``TMPDIR`` with the names, tables and papers of a stored dataset; it is gone afterwards.

    Args:
        workers: Processes that look, each at a shard at a time, for which there must be room.

    Raises:
        DatasetMissingError: There is nothing.
        DatasetError: A file's name leads out of the folder.
        TransferError: The store failed.
        OutputError: It refuses, or this machine lacks room.
    """
    store = open_store(url)
    sizes = {path: size for path, size in store.files().items() if not path.startswith(_HIDDEN)}
    if not sizes:
        raise DatasetMissingError(f"{store.name}: no such folder, or an empty one; name the dataset's folder")
    for path in sizes:
        check_relative_path(path)
    brought = [path for path in _BROUGHT if path in sizes]
    with TemporaryDirectory(prefix="equime-look-") as scratch:
        root = Path(scratch)
        shards = sorted(size for path, size in sizes.items() if path not in brought)
        _refuse_full_disk(root, [*(sizes[path] for path in brought), *shards[-workers:]])
        for path in sizes:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).touch()
        with ThreadPoolExecutor(FILES_AT_A_TIME, thread_name_prefix="equime-look") as pool:
            list(pool.map(lambda path: store.fetch(path, root / path), brought))
        yield Looked(root, store)


@contextmanager
def at_hand(looked: Looked, path: str) -> Iterator[Path]:
    """Give a file, which is brought where it stands in a store, and let go of afterwards; its name stays.

    Raises:
        DatasetMissingError: It went since the folder was listed.
        TransferError: The store failed.
        OutputError: It refuses, or the disk does.
    """
    place = looked.root / path
    if looked.store is None or place.stat().st_size:
        yield place
        return
    looked.store.fetch(path, place)
    try:
        yield place
    finally:
        place.write_bytes(b"")


def _refuse_full_disk(folder: Path, sizes: Collection[int]) -> None:
    wanted, free = sum(sizes), shutil.disk_usage(folder).free
    if free < wanted:
        raise OutputError(
            f"{folder} needs {wanted / 1e9:.1f} GB for what is looked at and the disk has {free / 1e9:.1f} GB; make "
            "room, point TMPDIR to a larger disk, or take fewer --workers"
        )
