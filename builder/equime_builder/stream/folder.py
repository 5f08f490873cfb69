"""Files of a dataset folder, on this machine or behind a URL: whole, or a piece at a time."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TypeVar

from equime_builder.address import scrubbed, shown
from equime_builder.errors import DatasetMissingError, TransferError, UsageError
from equime_builder.locate import dataset_url, find_dataset
from equime_builder.patience import may_pass, patiently, transport_errors
from equime_builder.store import filesystem_of

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Folder:
    """A place that holds files.

    Attributes:
        root: A local folder, absolute, or a URL that fsspec knows, such as ``hf://datasets/org/equime`` or
            ``s3://bucket/equime``.
    """

    root: str

    @property
    def is_local(self) -> bool:
        """Whether the files stand on this machine's disk."""
        return "://" not in self.root

    def read(self, path: str, *, most_bytes: int) -> bytes:
        """Return a whole file, or one byte more than ``most_bytes`` of a larger one.

        Raises:
            DatasetMissingError: There is no such file.
            TransferError: Another machine does not deliver it.
        """
        with self.open(path) as file:
            return bytes(file.read(most_bytes + 1))

    def open(self, path: str) -> IO[bytes]:
        """Open a file to read anywhere in it.

        Raises:
            DatasetMissingError: There is no such file.
            TransferError: Another machine does not deliver it.
        """
        if self.is_local:
            try:
                return Path(self.root, path).open("rb")
            except FileNotFoundError as error:
                raise DatasetMissingError(f"{self.root}/{path}: no such file; check the folder's name") from error
        return io.BufferedReader(_Remote(self.root, path), buffer_size=2**16)


class _Remote(io.RawIOBase):
    """A file of another machine; a read that breaks off is tried again from where it was."""

    def __init__(self, root: str, path: str) -> None:
        super().__init__()
        self._where = f"{root}/{path}"
        self._at = 0
        self._file = self._patiently(self._opened)
        self._size = int(self._file.size)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        wanted = min(len(buffer), self._size - self._at)
        if wanted <= 0:
            return 0
        data = self._patiently(lambda: self._piece(wanted))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def _piece(self, wanted: int) -> bytes:
        self._file.seek(self._at)
        data = bytes(self._file.read(wanted))
        if not data:
            raise ConnectionError("the other side sent nothing")
        return data

    def _opened(self) -> Any:
        files, path = filesystem_of(self._where)
        # Arrow asks for whole column chunks: reading ahead would fetch what nobody wants.
        return files.open(path, "rb", cache_type="none")

    def _patiently(self, read: Callable[[], _T]) -> _T:
        try:
            # the Hub's own client tries again by itself
            return patiently(read, attempts=1 if self._where.startswith("hf://") else None)
        except FileNotFoundError as error:
            raise DatasetMissingError(f"{shown(self._where)}: no such file; check the name and the revision") from error
        except transport_errors() as error:
            reason = scrubbed(str(error) or type(error).__name__, self._where)
            if may_pass(error):
                raise TransferError(
                    f"{shown(self._where)}: the connection failed again and again at byte {self._at}: {reason:.200}; "
                    "check the network, then go on from the last state_dict()"
                ) from error
            raise TransferError(
                f"{shown(self._where)}: cannot be read: {reason:.200}; check the address and that you may read there"
            ) from error


def _hub_errors() -> tuple[type[BaseException], ...]:
    from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled

    return (HfHubHTTPError, OfflineModeIsEnabled, *transport_errors())


def open_folder(source: str | os.PathLike[str] | None, *, repository: bool = False) -> Folder:
    """Return the dataset folder that ``source`` names.

    Args:
        source: A local folder, a URL of fsspec, or ``None`` for what `find_dataset` finds.
        repository: Whether ``source`` is a repository of the Hub such as ``"org/equime"``; it is pinned to its
            present commit.

    Raises:
        DatasetMissingError: There is no dataset.
        TransferError: The Hub does not answer.
        UsageError: ``source`` is no repository's name.
    """
    if repository:
        return Folder(_pinned(str(source)))
    if (url := dataset_url(source)) is not None:
        return Folder(_pinned(url.removeprefix("hf://datasets/")) if url.startswith("hf://") else url)
    return Folder(str(find_dataset(source)))


def _pinned(name: str) -> str:
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HFValidationError, RepositoryNotFoundError

    repo, _, revision = name.strip("/").partition("@")
    if repo.count("/") != 1:
        raise UsageError(f"{name!r:.80} is no dataset of the Hub; a name looks like 'org/equime'")
    try:
        commit = HfApi().dataset_info(repo, revision=revision or None).sha
    except (RepositoryNotFoundError, HFValidationError) as error:
        raise DatasetMissingError(
            f"the Hub has no dataset {repo!r:.80}, or none that you may see; "
            "check the name, and log in with `hf auth login` where access is granted on request"
        ) from error
    except _hub_errors() as error:
        raise TransferError(f"the Hub does not answer for {repo}: {' '.join(str(error).split()):.200}") from error
    return f"hf://datasets/{repo}@{commit}"
