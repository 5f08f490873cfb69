"""Text tables beside the photos, read with limits: they are hostile input until parsed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from equime_builder.errors import UsageError

MAX_TABLE_BYTES: Final = 64 * 2**20
MAX_COMPLAINTS: Final = 5


def read_text(path: Path, most_bytes: int = MAX_TABLE_BYTES) -> str:
    """Return a UTF-8 text file's content, without its byte order mark.

    Raises:
        UsageError: The file is no regular file, too large, no UTF-8, or cannot be read.
    """
    name = path.name
    try:
        if not path.is_file() or path.is_symlink():
            raise UsageError(f"{name} must be a regular file")
        if path.stat().st_size > most_bytes:
            raise UsageError(f"{name} may hold {most_bytes} bytes, this one has {path.stat().st_size}")
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{name} must be UTF-8 text, byte {error.start} is not") from None
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror}") from None


def refuse_bad_rows(name: str, complaints: Sequence[str]) -> None:
    """Stop at a table's bad rows, if any.

    Raises:
        UsageError: There are complaints; the message names the first five.
    """
    if complaints:
        more = f"; and {len(complaints) - MAX_COMPLAINTS} more" if len(complaints) > MAX_COMPLAINTS else ""
        raise UsageError(f"{name} has bad rows: {'; '.join(complaints[:MAX_COMPLAINTS])}{more}")
