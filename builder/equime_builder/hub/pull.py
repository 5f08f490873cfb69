"""A dataset or recipe release comes from the Hub: checked file by file, and in its place when all of it is there."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from equime_builder.digests import sha256_of_file
from equime_builder.errors import DatasetError, OutputError, TransferError, UsageError
from equime_builder.hub.client import RemoteFile, files_of, in_our_words, is_same, open_hub
from equime_builder.hub.contents import is_ours
from equime_builder.layout import MANIFEST_FILE, RECIPE_FILE, check_relative_path
from equime_builder.manifest import MOST_MANIFEST_BYTES, Manifest, parse_manifest
from equime_builder.publish import remove_tree

if TYPE_CHECKING:
    from huggingface_hub import HfApi


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """What a pull did.

    Attributes:
        commit: That the folder follows now; of a store the manifest's name for all shards.
        fetched: Files that were new or had changed.
        deleted: Files of ours that the repository no longer has.
        unchanged: How many files were there already.
        is_release: Whether it is a recipe release, whose clips are yet to be made.
    """

    repo: str
    commit: str
    fetched: tuple[str, ...]
    deleted: tuple[str, ...]
    unchanged: int
    is_release: bool


def pull(repo: str, root: Path, staging: Path, *, revision: str | None = None) -> Pulled:
    """Bring a folder to what a repository holds; whatever is there already, in the same bytes, is not fetched.

    Stopped or killed, the same call goes on where it was. Nothing in the folder changes before everything has arrived
    and has the hash that the manifest or the Hub states; the manifest changes last. Nothing is written that no dataset
    has, whatever the repository holds.

    Args:
        repo: ``organisation/name``.
        root: A dataset folder, or one that is new or empty.
        staging: Folder on the same disk for what has arrived; gone at the end.
        revision: Branch, tag or commit; ``None`` = the newest.

    Raises:
        UsageError: The Hub has no such repository, or ``root`` is a dataset and the repository a recipe release.
        DatasetError: The repository holds no whole dataset.
        TransferError: The connection or the Hub failed, or delivered other bytes than it states.
        OutputError: The folder cannot be written.
    """
    with in_our_words(repo):
        hub = open_hub()
        commit = str(hub.repo_info(repo, repo_type="dataset", revision=revision).sha)
        there = {path: file for path, file in files_of(hub, repo, commit).items() if is_ours(path)}
        download = _Download(hub, repo, commit, staging)
        name, manifest = _manifest(download, there, root)
        wanted = [path for path in sorted(there) if not is_same(root / path, there[path])]
        for path in wanted:
            download.checked(there[path], manifest)
    gone = gone_from(root, there) if name == MANIFEST_FILE else []
    put_in_place(root, staging, sorted(wanted, key=lambda path: path == name), gone)
    return Pulled(
        repo=repo,
        commit=commit,
        fetched=tuple(wanted),
        deleted=tuple(gone),
        unchanged=len(there) - len(wanted),
        is_release=name == RECIPE_FILE,
    )


class _Download:
    """Fetches files of one commit."""

    def __init__(self, hub: HfApi, repo: str, commit: str, staging: Path) -> None:
        self._hub, self._repo, self._commit, self._staging = hub, repo, commit, staging

    def file(self, path: str) -> Path:
        """Return a file of the commit; what an earlier call fetched whole is not fetched again."""
        found = self._hub.hf_hub_download(
            self._repo, path, repo_type="dataset", revision=self._commit, local_dir=self._staging
        )
        return Path(found)

    def checked(self, remote: RemoteFile, manifest: Manifest) -> None:
        """Fetch a file and hold it against its hash."""
        listed = {entry.path: entry.sha256 for entry in manifest.files}
        found, stated = self.file(remote.path), listed.get(remote.path, remote.sha256)
        if stated is not None and sha256_of_file(found) != stated:
            found.unlink()
            raise TransferError(f"{remote.path} arrived with other bytes than were stated; run the same command again")


def _manifest(download: _Download, there: Mapping[str, RemoteFile], root: Path) -> tuple[str, Manifest]:
    for path in there:
        check_relative_path(path)
    name = next((name for name in (MANIFEST_FILE, RECIPE_FILE) if name in there), None)
    if name is None:
        raise DatasetError(f"the repository is no EquiME dataset: it holds neither {MANIFEST_FILE} nor {RECIPE_FILE}")
    if name == RECIPE_FILE and (root / MANIFEST_FILE).exists():
        raise UsageError(f"{root} is a dataset, and the repository a recipe release; pull it into another folder")
    if there[name].size_bytes > MOST_MANIFEST_BYTES:
        raise DatasetError(f"the repository is no EquiME dataset: its {name} has {there[name].size_bytes} bytes")
    manifest = parse_manifest(download.file(name).read_bytes())
    missing = [entry.path for entry in manifest.files if entry.path not in there]
    if name == MANIFEST_FILE and missing:
        raise DatasetError(f"the repository lacks {', '.join(missing[:5])}; tell those who pushed it to push again")
    return name, manifest


def gone_from(root: Path, there: Collection[str]) -> list[str]:
    """Return the files of ours in a folder that are not among those that are ``there``."""
    names = (path.relative_to(root).as_posix() for path in sorted(root.rglob("*")) if path.is_file())
    return [name for name in names if is_ours(name) and name not in there]


def put_in_place(root: Path, staging: Path, paths: list[str], gone: list[str]) -> None:
    """Move files that have arrived into a folder and remove those that are gone, before the last file changes.

    Raises:
        OutputError: The folder cannot be written.
    """
    try:
        for path in paths[:-1]:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            os.replace(staging / path, root / path)
        for path in gone:
            (root / path).unlink()
        for path in paths[-1:]:
            os.replace(staging / path, root / path)
    except OSError as error:
        raise OutputError(f"{root} cannot be written: {error.strerror}; run the same command again") from error
    remove_tree(staging)
