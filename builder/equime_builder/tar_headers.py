"""The members of a stranger's tar file by their headers, which may promise more than the memory or the file holds."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Iterator
from typing import IO, Any, Final, cast

MOST_BYTES: Final = {"mp4": 2**30, "txt": 2**20, "json": 2**26}
"""Of a member, by its ending."""
_MOST_HEADER_BYTES: Final = 2**20
"""Of all headers in front of a member: long names and attributes are read into memory before anybody sees them."""
_DAMAGED: Final = (EOFError, ValueError, OverflowError, RecursionError)


class _Bounded:
    """What `tarfile` reads headers through."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._left = file, _MOST_HEADER_BYTES
        self.seek, self.tell = file.seek, file.tell

    def begin(self) -> None:
        """Let the headers of one more member be read."""
        self._left = _MOST_HEADER_BYTES

    def read(self, size: int) -> bytes:
        """Return bytes of a header.

        Raises:
            tarfile.ReadError: The headers of a member are too long together.
        """
        self._left -= size
        if size < 0 or self._left < 0:
            raise tarfile.ReadError(f"the headers of a member have more than {_MOST_HEADER_BYTES} bytes")
        return self._file.read(size)


def tar_headers(file: IO[bytes]) -> Iterator[tarfile.TarInfo]:
    """Yield the header of each member of an uncompressed tar file, each behind the one before and inside the file.

    Args:
        file: May be read and moved by the caller in between.

    Raises:
        tarfile.TarError: The file is damaged or cut off.
    """
    end = file.seek(0, os.SEEK_END)
    file.seek(0)
    bounded = _Bounded(file)
    try:
        with tarfile.open(fileobj=cast("Any", bounded), mode="r:") as tar:
            at = -1
            while True:
                bounded.begin()
                member = tar.next()
                tar.members = []  # type: ignore[attr-defined]  # it keeps every header that it read
                if member is None:
                    return
                if member.offset_data <= at:
                    raise tarfile.ReadError("a header points backwards")
                if member.size < 0:
                    raise tarfile.ReadError(f"member {member.name!r:.80} has {member.size} bytes")
                if is_plain(member) and member.offset_data + member.size > end:
                    raise tarfile.ReadError(f"member {member.name!r:.80} is cut off")
                at = member.offset_data
                yield member
    except _DAMAGED as error:
        raise tarfile.ReadError(str(error)) from error


def is_plain(member: tarfile.TarInfo) -> bool:
    """Tell whether a member is a file whose bytes stand behind its header: no link, no device, no holes."""
    return member.type in (tarfile.REGTYPE, tarfile.AREGTYPE) and not member.issparse()
