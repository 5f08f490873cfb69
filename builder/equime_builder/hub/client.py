"""The Hub's own client, with its errors in our words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from equime_builder.digests import sha256_of_file
from equime_builder.errors import EquimeError, TransferError, UsageError

if TYPE_CHECKING:
    from huggingface_hub import HfApi

_LOG_IN: Final = "log in with `hf auth login`, or set HF_TOKEN"
_AGAIN: Final = "run the same command again; what has arrived is not sent twice"


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteFile:
    """A file of a repository.

    Attributes:
        sha256: ``None`` on small files, which the Hub keeps in git.
        blob: Hash that git gives the file.
    """

    path: str
    size_bytes: int
    sha256: str | None
    blob: str


def open_hub() -> HfApi:
    """Return the client for the Hub that ``HF_ENDPOINT`` names, else huggingface.co."""
    from huggingface_hub import HfApi, constants

    return HfApi(endpoint=constants.ENDPOINT, library_name="equime")


def files_of(hub: HfApi, repo: str, revision: str | None = None) -> dict[str, RemoteFile]:
    """Return the files of a dataset repository by their paths."""
    from huggingface_hub.hf_api import RepoFile

    found = hub.list_repo_tree(repo, recursive=True, revision=revision, repo_type="dataset")
    return {
        item.path: RemoteFile(
            path=item.path,
            size_bytes=item.size,
            sha256=item.lfs.sha256 if item.lfs else None,
            blob=item.blob_id,
        )
        for item in found
        if isinstance(item, RepoFile)
    }


def is_same(file: Path, remote: RemoteFile) -> bool:
    """Tell whether a file on the disk is there and holds the bytes of one of the repository."""
    from huggingface_hub.utils.sha import git_hash

    if not file.is_file() or file.stat().st_size != remote.size_bytes:
        return False
    return sha256_of_file(file) == remote.sha256 if remote.sha256 else git_hash(file.read_bytes()) == remote.blob


@contextmanager
def in_our_words(repo: str) -> Iterator[None]:
    """Turn what the client raises into errors that a user can act on.

    Raises:
        UsageError: The Hub has no such repository or revision, or does not let this user at it.
        TransferError: The connection or the Hub failed.
    """
    from huggingface_hub.errors import (
        GatedRepoError,
        HfHubHTTPError,
        HFValidationError,
        LocalEntryNotFoundError,
        OfflineModeIsEnabled,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    http_error: type[Exception] = HfHubHTTPError.__bases__[
        0
    ]  # of the client's own HTTP library, whose name changes with its version
    try:
        yield
    except EquimeError:
        raise
    except HFValidationError as error:
        raise UsageError(f"{repo!r} is no name of a repository: write ORGANISATION/NAME ({_line(error)})") from error
    except GatedRepoError as error:
        raise UsageError(f"{repo} is gated: ask for access on its page, then {_LOG_IN}") from error
    except RevisionNotFoundError as error:
        raise UsageError(f"{repo} has no such revision; name a branch, a tag or a commit") from error
    except RepositoryNotFoundError as error:
        raise UsageError(f"the Hub has no dataset {repo} that you may see; check the name, or {_LOG_IN}") from error
    except OfflineModeIsEnabled as error:
        raise TransferError("HF_HUB_OFFLINE forbids to reach the Hub; unset it and run again") from error
    except LocalEntryNotFoundError as error:
        raise _of_connection(error.__cause__ or error) from error
    except HfHubHTTPError as error:
        raise _of_status(repo, error) from error
    except (http_error, ConnectionError) as error:
        raise _of_connection(error) from error
    except RuntimeError as error:  # what the client makes of a failed upload
        cause = error.__cause__
        if isinstance(cause, HfHubHTTPError):
            raise _of_status(repo, cause) from error
        if isinstance(cause, http_error | OSError):
            raise _of_connection(cause) from error
        raise


def _of_connection(error: BaseException) -> TransferError:
    return TransferError(f"the connection to the Hub failed ({_line(error)}); {_AGAIN}")


def _of_status(repo: str, error: BaseException) -> EquimeError:
    status = getattr(getattr(error, "response", None), "status_code", 0)
    if status in (401, 403):
        return UsageError(f"the Hub does not let you at {repo} ({status}); {_LOG_IN}, with a token that may write")
    if status in (409, 412):
        return TransferError(f"{repo} changed while this ran ({status}); run the same command again")
    return TransferError(f"the Hub answered {status}: {_line(error)}; {_AGAIN}")


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
