"""A folder goes to the Hub in one commit: what others read is the old dataset or the new one, never a half."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from equime_builder.hub.client import files_of, in_our_words, is_same, open_hub
from equime_builder.hub.contents import contents_of_dataset, contents_of_release, is_ours
from equime_builder.hub.permission import refuse_what_must_stay
from equime_builder.hub.publication import publication_of, with_publication
from equime_builder.layout import CARD_FILE, CROISSANT_FILE, MANIFEST_FILE
from equime_builder.manifest import stated_manifest
from equime_builder.review_section import recount

if TYPE_CHECKING:
    from huggingface_hub import DatasetInfo, HfApi


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """What a push did.

    Attributes:
        commit: That holds the folder now.
        url: Page of the dataset.
        sent: Files that were new or had changed.
        deleted: Files of ours that the folder no longer has.
        unchanged: How many files were there already.
    """

    repo: str
    commit: str
    url: str
    sent: tuple[str, ...]
    deleted: tuple[str, ...]
    unchanged: int


def push(
    root: Path,
    repo: str,
    *,
    private: bool = False,
    has_permission: bool = False,
    gate: bool = True,
    squash: bool = False,
    creator: str | None = None,
) -> Pushed:
    """Put a dataset folder or a recipe release on the Hub, in one commit with nothing in it but what changed.

    Stopped or killed, the same call goes on: the Hub keeps the files that it has. Files of the repository that are
    none of ours stay. The card counts the reviews, which stay here. ``croissant.json`` says there where the dataset is,
    who answers for it and since when, which the folder's own cannot know.

    Args:
        repo: ``organisation/name``; made where it is missing.
        private: Whether a new repository is private.
        has_permission: As for `equime_builder.hub.permission.refuse_what_must_stay`.
        gate: Whether readers must ask for access by the form on the card.
        squash: Drop the history, so that what earlier commits held cannot be read any more.
        creator: Who answers for the dataset; ``None`` = the repository's account.

    Raises:
        UsageError: A photo's licence keeps the clips here, or the Hub does not let the user at the repository.
        DatasetError: The folder is damaged.
        TransferError: The connection or the Hub failed.
    """
    manifest = stated_manifest(root)
    is_dataset = (root / MANIFEST_FILE).is_file()
    if is_dataset:
        refuse_what_must_stay(root, has_permission=has_permission)
    with tempfile.TemporaryDirectory(prefix="equime-push-") as scratch, in_our_words(repo):
        if is_dataset:
            contents = contents_of_dataset(root, manifest, Path(scratch))
            if recount(root, Path(scratch)):
                contents[CARD_FILE] = Path(scratch) / CARD_FILE
        else:
            contents = contents_of_release(root, manifest)
        hub = open_hub()
        info = _repository(hub, repo, private=private, gate=gate)
        if CROISSANT_FILE in contents:
            known = publication_of(hub, repo, info.created_at, creator)
            contents[CROISSANT_FILE] = with_publication(contents[CROISSANT_FILE], known, Path(scratch))
        return _sent(hub, repo, contents, parent=str(info.sha), squash=squash)


def _repository(hub: HfApi, repo: str, *, private: bool, gate: bool) -> DatasetInfo:
    """Return what the Hub knows of a repository, which is made and gated where it is not yet."""
    hub.create_repo(repo, repo_type="dataset", private=private, exist_ok=True)
    info = hub.dataset_info(repo)
    if gate and not info.gated:
        hub.update_repo_settings(repo, repo_type="dataset", gated="manual")  # before there is anything to see
    return info


def _sent(hub: HfApi, repo: str, contents: Mapping[str, Path], *, parent: str, squash: bool) -> Pushed:
    from huggingface_hub import CommitOperationAdd, CommitOperationCopy, CommitOperationDelete

    there = files_of(hub, repo)
    changed = sorted(path for path, file in contents.items() if path not in there or not is_same(file, there[path]))
    gone = sorted(path for path in there if is_ours(path) and path not in contents)
    commit = parent
    if changed or gone:
        operations: list[CommitOperationAdd | CommitOperationCopy | CommitOperationDelete] = [
            *(CommitOperationAdd(path_in_repo=path, path_or_fileobj=contents[path]) for path in changed),
            *(CommitOperationDelete(path_in_repo=path) for path in gone),
        ]
        message = f"EquiME: {len(changed)} files changed, {len(gone)} removed"
        done = hub.create_commit(repo, operations, commit_message=message, repo_type="dataset", parent_commit=parent)
        commit = done.oid
    if squash:
        hub.super_squash_history(repo, repo_type="dataset", branch="main")
    return Pushed(
        repo=repo,
        commit=commit,
        url=f"{hub.endpoint}/datasets/{repo}",
        sent=tuple(changed),
        deleted=tuple(gone),
        unchanged=len(contents) - len(changed),
    )
