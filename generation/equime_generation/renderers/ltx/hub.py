"""A checkpoint on the Hugging Face Hub: one pinned commit, from the local cache where it is whole, else downloaded."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from equime_builder.errors import UsageError
from equime_generation.renderers.ltx.faults import CheckpointError

if TYPE_CHECKING:
    from collections.abc import Callable

_ID: Final = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}")
_COMMIT: Final = re.compile(r"[0-9a-f]{40}")
_PARTS: Final[tuple[str, ...]] = ("transformer", "vae", "text_encoder", "tokenizer")
# Repositories of Lightricks hold many single files of 5 to 28 GB at their root, and pictures.
_WANTED: Final[list[str]] = [
    "model_index.json",
    "equime_settings.json",
    *(f"{part}/{pattern}" for part in _PARTS for pattern in ("*.json", "*.safetensors", "*.model", "*.txt")),
]


def is_hub_id(model: str) -> bool:
    """Return whether a text has the form ``owner/name`` of a repository on the Hub."""
    return _ID.fullmatch(model) is not None


def snapshot(model: str, revision: str, whole: Callable[[Path], object]) -> Path:
    """Return the folder of a repository's pinned commit, downloaded where the cache does not hold it whole.

    Args:
        model: Repository, ``owner/name``.
        revision: 40 hex digits; branches and tags move, and with them what a recipe means.
        whole: Raises `CheckpointError` where a folder lacks something.

    Raises:
        UsageError: The revision is not a commit.
        CheckpointError: The Hub cannot be reached or does not have it.
    """
    if not _COMMIT.fullmatch(revision):
        raise UsageError(
            f"revision of {model} must be a commit of 40 hex digits, got {revision!r:.60}; the page "
            f"https://huggingface.co/{model}/commits/main lists them"
        )
    return _cached(model, revision, whole) or _downloaded(model, revision)


def _cached(model: str, revision: str, whole: Callable[[Path], object]) -> Path | None:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        folder = Path(snapshot_download(model, revision=revision, allow_patterns=_WANTED, local_files_only=True))
        whole(folder)
    except (LocalEntryNotFoundError, CheckpointError):
        return None
    return folder


def _downloaded(model: str, revision: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import (
        GatedRepoError,
        HfHubHTTPError,
        LocalEntryNotFoundError,
        OfflineModeIsEnabled,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    try:
        return Path(snapshot_download(model, revision=revision, allow_patterns=_WANTED))
    except GatedRepoError as error:
        raise CheckpointError(
            f"{model} is gated; accept its terms at https://huggingface.co/{model} and run: hf auth login"
        ) from error
    except RevisionNotFoundError as error:
        raise CheckpointError(
            f"{model} has no commit {revision}; https://huggingface.co/{model}/commits/main lists them"
        ) from error
    except RepositoryNotFoundError as error:
        raise CheckpointError(
            f"the Hub has no repository {model} that you may read; check the name, or name a local folder"
        ) from error
    except (LocalEntryNotFoundError, OfflineModeIsEnabled, HfHubHTTPError, OSError) as error:
        raise CheckpointError(
            f"{model} at {revision[:12]} is not in the local cache as a whole and the Hub cannot be reached; go "
            f"online once (hf download {model} --revision {revision}), or name a local folder as the model"
        ) from error
