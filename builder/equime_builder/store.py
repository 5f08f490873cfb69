"""Files of a folder behind a URL, on whatever fsspec speaks to: each is whole or not there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from equime_builder.address import checked_url, scrubbed, shown
from equime_builder.errors import (
    DatasetError,
    DatasetMissingError,
    MissingExtraError,
    OutputError,
    TransferError,
    UsageError,
)
from equime_builder.patience import SLOWEST_BYTES_PER_S, STALL_S, may_pass, patiently
from equime_builder.publish import publish

FILES_AT_A_TIME: Final = 4
"""Files that travel at once; a large one goes in several pieces at once besides."""
_KEYS: Final = "keys and rights (for s3://: AWS_PROFILE, or AWS_ACCESS_KEY_ID and its secret; AWS_ENDPOINT_URL)"


@dataclass(frozen=True, slots=True)
class Store:
    """A folder of another machine. Calls are tried again where that may help; a silent store counts as a failing one.

    Attributes:
        url: Of the folder, without a slash at its end; may hold what must not be printed.
    """

    url: str

    @property
    def name(self) -> str:
        """The URL as it may be printed."""
        return shown(self.url)

    def exists(self, path: str) -> bool:
        """Tell whether a file is there.

        Raises:
            TransferError: The store does not answer.
            OutputError: It refuses.
        """
        with self._in_our_words(path):
            return bool(self._ask("exists", self._at(path)))

    def names(self, under: str = "") -> list[str]:
        """Return what stands directly in a folder, files and folders, sorted; nothing where there is no such folder.

        Raises:
            TransferError: The store does not answer.
            OutputError: It refuses.
        """
        with self._in_our_words(under):
            try:
                found = self._ask("ls", self._at(under), detail=False)
            except FileNotFoundError:
                return []
        return sorted({str(name).rstrip("/").rpartition("/")[2] for name in found} - {""})

    def files(self, under: str = "") -> dict[str, int]:
        """Return the size in bytes of all files below a folder, by their paths.

        Raises:
            TransferError: The store does not answer.
            OutputError: It refuses.
        """
        with self._in_our_words(under):
            found = self._ask("find", self._at(under), detail=True)
        start = len(self._root.rstrip("/")) + 1
        return {name[start:]: int(info["size"] or 0) for name, info in sorted(found.items())}

    def read(self, path: str, *, most_bytes: int) -> bytes:
        """Return a whole file; never more of it than the store says that it has.

        Args:
            most_bytes: What it may have at most, whoever has written it.

        Raises:
            DatasetMissingError: There is no such file.
            DatasetError: It is larger.
            TransferError: The store does not deliver it.
            OutputError: It refuses.
        """
        size_bytes = self._size_of(path)
        if size_bytes > most_bytes:
            raise DatasetError(
                f"{self.name}/{path}: over {most_bytes} bytes, which no such file has; check the address"
            )
        if not size_bytes:
            return b""  # a range of nothing is refused
        with self._in_our_words(path):
            return bytes(self._ask("cat_file", self._at(path), start=0, end=size_bytes))

    def fetch(self, path: str, target: Path) -> Path:
        """Bring a file to this machine, whole or not at all.

        Raises:
            DatasetMissingError: There is no such file.
            TransferError: The store does not deliver it.
            OutputError: It refuses, or ``target`` cannot be written.
        """
        size_bytes = self._size_of(path)

        def write(partial: Path) -> None:
            with self._in_our_words(path):
                self._ask("get_file", self._at(path), str(partial), size_bytes=size_bytes)
                if partial.stat().st_size != size_bytes:
                    raise TransferError(f"{self.name}/{path}: arrived cut off; run the same command again")

        return publish(target, write)

    def put(self, file: Path, path: str) -> None:
        """Send a finished file, in place of one that may be there; readers see the old or the new one.

        Raises:
            TransferError: The store does not take it.
            OutputError: It refuses.
        """
        with self._in_our_words(path):
            self._ask("put_file", str(file), self._at(path), size_bytes=file.stat().st_size)

    def write(self, path: str, data: bytes, *, attempts: int | None = None) -> None:
        """Put a small file there, as `put`.

        Args:
            attempts: As for `equime_builder.patience.patiently`.
        """
        with self._in_our_words(path):
            self._ask("pipe_file", self._at(path), data, attempts=attempts)

    def write_new(self, path: str, data: bytes) -> bool:
        """Put a small file there unless one is there already, and tell whether this call did it.

        Of several callers one succeeds where the store decides (S3 by ``If-None-Match``, Google by generation); where
        fsspec only looks first, two calls at the same moment may both.

        Args:
            data: Nobody else writes the same bytes, so that an answer that got lost is not taken for another's file.

        Raises:
            TransferError: The store does not answer.
            OutputError: It refuses.
        """
        with self._in_our_words(path):
            try:
                self._ask("pipe_file", self._at(path), data, mode="create")
                return True
            except OSError as error:
                # not every store says it in the words that fsspec knows
                if not isinstance(error, FileExistsError) and (may_pass(error) or not self.exists(path)):
                    raise
        try:
            return self.read(path, most_bytes=len(data)) == data
        except DatasetError:
            return False  # another's, and longer

    def delete(self, paths: Sequence[str]) -> None:
        """Remove files; those that are gone already are no error.

        Raises:
            TransferError: The store does not answer.
            OutputError: It refuses.
        """
        with self._in_our_words(", ".join(paths[:1])), ThreadPoolExecutor(FILES_AT_A_TIME) as pool:
            list(pool.map(self._delete, paths))

    def _delete(self, path: str) -> None:
        try:
            self._ask("rm_file", self._at(path))
        except FileNotFoundError:
            return

    def drop_unfinished(self) -> None:
        """Have the store forget uploads in pieces below this folder that were never finished; nobody sees them."""
        call = getattr(self._files, "call_s3", None)
        if call is None:
            return
        bucket, _, key = self._root.partition("/")
        with self._in_our_words(""):
            found = patiently(lambda: call("list_multipart_uploads", Bucket=bucket, Prefix=f"{key}/"))
            for upload in found.get("Uploads", []):
                where = {"Bucket": bucket, "Key": upload["Key"], "UploadId": upload["UploadId"]}
                patiently(lambda where=where: call("abort_multipart_upload", **where))  # type: ignore[misc]

    def _size_of(self, path: str) -> int:
        with self._in_our_words(path):
            return int(self._ask("size", self._at(path)) or 0)

    @property
    def _files(self) -> Any:
        return filesystem_of(self.url)[0]  # fsspec keeps one a process, which a fork must not share

    @property
    def _root(self) -> str:
        return filesystem_of(self.url)[1]

    def _at(self, path: str) -> str:
        return f"{self._root.rstrip('/')}/{path}".rstrip("/")

    def _ask(self, method: str, *values: Any, size_bytes: int = 0, attempts: int | None = None, **options: Any) -> Any:
        files, limit_s = self._files, STALL_S + size_bytes / SLOWEST_BYTES_PER_S
        if files.async_impl:  # others are called in this thread, where nothing can end them
            options["timeout"] = limit_s
        return patiently(lambda: getattr(files, method)(*values, **options), attempts=attempts)

    @contextmanager
    def _in_our_words(self, path: str) -> Iterator[None]:
        where = f"{self.name}/{path}".rstrip("/")
        try:
            yield
        except (DatasetMissingError, TransferError, OutputError):
            raise
        except FileNotFoundError as error:
            raise DatasetMissingError(
                f"{where}: there is no such file, bucket or folder; check the address, and make the bucket if it is new"
            ) from error
        except Exception as error:
            reason = scrubbed(str(error), self.url) or type(error).__name__
            if may_pass(error):
                raise TransferError(
                    f"{where}: the store failed again and again: {reason:.200}; check the network and the address, "
                    "then run the same command again, which goes on from here"
                ) from error
            raise OutputError(f"{where}: the store refuses: {reason:.200}; check {_KEYS}, or choose another") from error


def open_store(url: str) -> Store:
    """Return the folder behind a URL; nothing is asked of it yet.

    Raises:
        UsageError: fsspec knows no such kind of URL, or the URL goes on after its path.
        MissingExtraError: The package that speaks to such stores is not installed.
    """
    url = checked_url(url)
    filesystem_of(url)
    return Store(url)


def filesystem_of(url: str) -> tuple[Any, str]:
    """Return the file system of fsspec that a URL belongs to, and the path in it.

    Raises:
        UsageError: fsspec knows no such kind of URL.
        MissingExtraError: The package that speaks to such stores is not installed.
    """
    import fsspec

    kind = url.partition("://")[0]
    try:
        files, root = fsspec.url_to_fs(url, **_OPTIONS.get(kind, _FRESH))
    except ImportError as error:
        step = 'run: pip install "equime[s3]"' if kind in _S3_KINDS else "install that with pip"
        raise MissingExtraError(
            f"{kind}:// needs what is not installed here ({scrubbed(str(error), url):.120}); {step}"
        ) from error
    except ValueError as error:
        raise UsageError(
            f"{shown(url)} is no URL of a store that fsspec knows ({scrubbed(str(error), url):.120}); choose s3://, "
            "gs://, az:// or another of its kinds, or a folder of this machine"
        ) from error
    if kind in _S3_KINDS:
        files.retries = 1
    return files, root


_FRESH: Final[dict[str, Any]] = {"use_listings_cache": False}
_S3_KINDS: Final = ("s3", "s3a")
# botocore mends single requests, so that one lost piece does not cost a large file; whole calls are ours to repeat.
# With the tries of s3fs between them a minute of silence would become an hour.
_REQUESTS: Final = {
    "retries": {"mode": "standard", "total_max_attempts": 3}, "connect_timeout": 10, "read_timeout": 15,
}  # fmt: skip
_OPTIONS: Final[dict[str, dict[str, Any]]] = {
    **{kind: {**_FRESH, "config_kwargs": _REQUESTS} for kind in _S3_KINDS},
    "hf": {},
}
