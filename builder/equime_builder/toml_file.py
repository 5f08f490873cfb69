"""TOML files of a user's, read with a limit: they may come with somebody else's data."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

from equime_builder.errors import UsageError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

MOST_BYTES: Final = 2**20


def read_toml(path: Path, *, what: str, remedy: str) -> dict[str, Any]:
    """Return the values of a TOML file.

    Args:
        what: The noun for messages, such as ``"configuration"``.
        remedy: What to give instead of a file that cannot be read.

    Raises:
        UsageError: The file is missing, no regular file, larger than 1 MiB, or no TOML.
    """
    try:
        if path.exists() and not path.is_file():
            raise UsageError(f"{what} {path} is no regular file; {remedy}")
        if path.stat().st_size > MOST_BYTES:
            raise UsageError(f"{what} {path} has {path.stat().st_size} bytes, at most {MOST_BYTES} are read")
        return parse_toml(path.read_text(encoding="utf-8"), where=f"{what} {path}")
    except OSError as error:
        raise UsageError(f"{what} {path} cannot be read: {error.strerror}; {remedy}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{what} {path} is not TOML: {error}") from error


def parse_toml(text: str, *, where: str) -> dict[str, Any]:
    """Return the values of a TOML text.

    Raises:
        UsageError: It is no TOML; the message begins with ``where``.
    """
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise UsageError(f"{where} is not TOML: it is nested too deeply") from None
    except ValueError as error:  # a number of thousands of digits is no TOMLDecodeError
        raise UsageError(f"{where} is not TOML: {error}") from error
