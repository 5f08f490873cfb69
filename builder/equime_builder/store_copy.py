"""Dataset folders of a store, brought to this machine."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from equime_builder.digests import sha256_of_file
from equime_builder.errors import DatasetError, DatasetMissingError, TransferError, UsageError
from equime_builder.hub.contents import is_ours
from equime_builder.hub.pull import Pulled, gone_from, put_in_place
from equime_builder.layout import CARD_FILE, MANIFEST_FILE, RECIPE_FILE, check_relative_path
from equime_builder.manifest import Manifest, parse_manifest
from equime_builder.store import FILES_AT_A_TIME, Store, open_store

_MOST_BYTES: Final = 64 * 2**20
"""Of a manifest or a card."""
_HIDDEN: Final = "."
"""What begins so belongs to runs, not to the dataset."""


def pull_from_store(url: str, root: Path, staging: Path) -> Pulled:
    """Bring a folder to what a store holds, as `equime_builder.hub.pull` does from the Hub.

    Shards and tables are held against the manifest's hashes, and those that are there already are not fetched.

    Args:
        url: Of a dataset folder or recipe release.
        root: A dataset folder, or one that is new or empty.
        staging: Folder on the same disk for what has arrived; gone at the end.

    Raises:
        UsageError: ``root`` is a dataset and the store holds a recipe release.
        DatasetMissingError: The store holds neither.
        DatasetError: What it holds is not whole.
        TransferError: It failed, or delivered other bytes than its manifest states.
        OutputError: It refuses, or the folder cannot be written.
    """
    store = open_store(url)
    there = [path for path in _paths(store) if is_ours(path)]
    name, manifest = _manifest(store, there, root)
    stated = {entry.path: entry.sha256 for entry in manifest.files}
    wanted = [path for path in there if not _is_same(root / path, stated.get(path))]
    with ThreadPoolExecutor(FILES_AT_A_TIME, thread_name_prefix="equime-pull") as pool:
        list(pool.map(lambda path: _fetch(store, path, staging / path, stated.get(path)), wanted))
    gone = gone_from(root, there) if name == MANIFEST_FILE else []
    put_in_place(root, staging, sorted(wanted, key=lambda path: path == name), gone)
    return Pulled(
        repo=store.name,
        commit=manifest.contents,
        fetched=tuple(wanted),
        deleted=tuple(gone),
        unchanged=len(there) - len(wanted),
        is_release=name == RECIPE_FILE,
    )


def skeleton_of(store: Store, folder: Path) -> Path:
    """Write a folder that has a dataset's names, card and manifest, and nothing in its shards.

    Raises:
        DatasetMissingError: There is no dataset.
        DatasetError: Its manifest is damaged.
        TransferError: The store failed.
        OutputError: It refuses.
    """
    text, card = (store.read(name, most_bytes=_MOST_BYTES) for name in (MANIFEST_FILE, CARD_FILE))
    for path in ("", *(entry.path for entry in parse_manifest(text).files)):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        if path:
            (folder / path).touch()
    (folder / MANIFEST_FILE).write_bytes(text)
    (folder / CARD_FILE).write_bytes(card)
    return folder


def _paths(store: Store) -> list[str]:
    paths = [path for path in store.files() if not path.startswith(_HIDDEN)]
    for path in paths:
        check_relative_path(path)
    return paths


def _manifest(store: Store, there: list[str], root: Path) -> tuple[str, Manifest]:
    name = next((name for name in (MANIFEST_FILE, RECIPE_FILE) if name in there), None)
    if name is None:
        raise DatasetMissingError(
            f"{store.name} is no whole EquiME dataset: it holds neither {MANIFEST_FILE} nor {RECIPE_FILE}; check the "
            "address, or let the run that makes it come to its end"
        )
    if name == RECIPE_FILE and (root / MANIFEST_FILE).exists():
        raise UsageError(f"{root} is a dataset, and {store.name} a recipe release; pull it into another folder")
    manifest = parse_manifest(store.read(name, most_bytes=_MOST_BYTES))
    missing = sorted({entry.path for entry in manifest.files} - set(there))
    if name == MANIFEST_FILE and missing:
        raise DatasetError(f"{store.name} lacks {', '.join(missing[:5])}; run equime verify {store.name}")
    return name, manifest


def _is_same(file: Path, sha256: str | None) -> bool:
    return sha256 is not None and file.is_file() and sha256_of_file(file) == sha256


def _fetch(store: Store, path: str, target: Path, sha256: str | None) -> None:
    if _is_same(target, sha256):
        return  # an earlier call that was stopped brought it
    store.fetch(path, target)
    if sha256 is not None and sha256_of_file(target) != sha256:
        target.unlink()
        raise TransferError(f"{store.name}/{path} arrived with other bytes than its manifest states; run equime verify")
