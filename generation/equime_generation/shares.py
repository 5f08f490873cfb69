"""Shares of a run: n jobs of an array have a folder in common, and each renders every n-th part."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from equime_builder.errors import OutputError, UsageError

if TYPE_CHECKING:
    from equime_generation.parts import Part


class FolderBusyError(UsageError):
    """Somebody else is at work in the folder, or at the same share of it."""


@dataclass(frozen=True, slots=True)
class Share:
    """Every n-th part of a run.

    Attributes:
        number: 1 to ``count``.
        count: Shares that there are.
    """

    number: int
    count: int

    @classmethod
    def parse(cls, text: str) -> Share:
        """Read ``i/n``.

        Raises:
            UsageError: It is something else.
        """
        found = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text)
        number, count = map(int, found.groups()) if found else (0, 0)
        if not 1 <= number <= count:
            raise UsageError(
                f"shard must be i/n with i from 1 to n, such as 1/16, got {text}; in a Slurm array of 1-16 it is "
                "$SLURM_ARRAY_TASK_ID/16"
            )
        return cls(number, count)

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"

    def of(self, parts: Sequence[Part]) -> Sequence[Part]:
        """Return the parts of this share."""
        return parts[self.number - 1 :: self.count]


@contextmanager
def keep_share(work: Path, share: Share) -> Iterator[None]:
    """Keep ordinary runs out of a work folder, and other jobs out of one share; jobs of other shares come and go.

    Whoever holds the lock of the folder alone (`equime_generation.claim.hold`) keeps all of them out, and none gets it
    while one of them is there.

    Raises:
        FolderBusyError: An ordinary run, another job of this share, or an array of another size is at work there.
        UsageError: This system has no locks that can be shared.
        OutputError: The folder cannot be written, or its file system has no locks.
    """
    from filelock import FileLock, Timeout

    shares, out = work / "shares", work.parent
    own = FileLock(shares / f"{share.number}-of-{share.count}", timeout=0)
    try:
        shares.mkdir(exist_ok=True)
        own.acquire()
    except Timeout:
        raise FolderBusyError(f"a job is at work on shard {share} of {out} already; wait for it") from None
    except OSError as error:
        raise OutputError(f"{out} cannot be written: {error.strerror}; choose another --out") from error
    with own, _shared(work / "lock", out):
        _refuse_other_array(shares, share, out)
        yield


@contextmanager
def _shared(path: Path, out: Path) -> Iterator[None]:
    while True:
        with path.open("a+b") as file:
            try:
                _lock(file)
            except BlockingIOError:
                raise FolderBusyError(f"another run is at work in {out}; wait for it, or choose another") from None
            except OSError as error:
                raise OutputError(f"{out} has no locks: {error.strerror}; mount its file system with flock") from error
            # a run that ended meanwhile has removed the file with its folder
            if path.exists() and os.path.samestat(path.stat(), os.fstat(file.fileno())):
                yield
                return


def _refuse_other_array(shares: Path, share: Share, out: Path) -> None:
    from filelock import FileLock, Timeout

    for path in sorted(shares.glob("*-of-*")):
        count = path.name.rpartition("-")[2]
        if count == str(share.count):
            continue
        try:
            with FileLock(path, timeout=0):
                pass
        except Timeout:
            raise FolderBusyError(
                f"an array of {count} jobs is at work in {out}, not {share.count}; wait for it, or take a number of its"
            ) from None


def _lock(file: IO[bytes]) -> None:
    """Lock an open file beside others that do the same, or raise at once."""
    if os.name == "posix":
        import fcntl

        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    else:
        raise UsageError("--shard needs locks that Windows has not; render there without it")
