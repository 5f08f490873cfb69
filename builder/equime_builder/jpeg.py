"""What a JPEG costs before it is decoded: a progressive one may hold a scan for every hundred bytes of it."""

from __future__ import annotations

from typing import IO, Final

FORMATS: Final = ("JPEG", "MPO")
"""Pillow's words for JPEGs."""
MOST_SCANS: Final = 100
"""Each costs a pass over the whole picture; usual files have ten. libtiff draws the line here, too."""
_SCAN: Final = b"\xff\xda"
_BLOCK_BYTES: Final = 2**20


def scans_in(file: IO[bytes]) -> int:
    """Return how many scans the JPEGs in a file have together; the file stays where it was.

    Source: ITU-T T.81, B.1.1: within a scan a zero follows each byte of ones, so that no marker stands there.
    """
    at, found, before = file.tell(), 0, b""
    file.seek(0)
    while block := file.read(_BLOCK_BYTES):
        found += (before + block).count(_SCAN)
        before = block[-1:]
    file.seek(at)
    return found
