"""Where a folder stands: a path of this machine, or a URL that fsspec knows, which may hold what nobody must read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from equime_builder.errors import UsageError

_HIDDEN: Final = "***"
_OF_THIS_MACHINE: Final = ("file", "local")


def is_url(place: str | os.PathLike[str]) -> bool:
    """Tell whether a place is another machine's; ``file://`` is this one's."""
    scheme, found, _ = os.fspath(place).partition("://")
    return bool(found) and scheme not in _OF_THIS_MACHINE


def local_path(place: str | os.PathLike[str]) -> Path:
    """Return the path of a place of this machine, ``file://`` taken off."""
    scheme, found, _ = os.fspath(place).partition("://")
    is_ours = bool(found) and scheme in _OF_THIS_MACHINE
    return Path(url2pathname(urlsplit(os.fspath(place)).path)) if is_ours else Path(place)


def checked_url(url: str) -> str:
    """Return a folder's URL without a slash at its end.

    Raises:
        UsageError: It has a query, which may be a signature and cannot hold for all files of a folder.
    """
    if "?" in url or "#" in url:
        raise UsageError(
            f"the URL of a folder ends with its path, and {shown(url)} goes on with ? or #; leave that out, and put "
            "keys where the store's own tools look for them (for s3://: AWS_PROFILE, or AWS_ACCESS_KEY_ID and its "
            "secret)"
        )
    return url.rstrip("/")


def shown(url: str) -> str:
    """Return a URL as it may be printed: without user, password, query and fragment.

    Example:
        >>> shown("sftp://me:secret@host/data?token=1"), shown("s3://bucket/equime")
        ('sftp://***@host/data', 's3://bucket/equime')
    """
    scheme, found, rest = url.partition("://")
    if not found:
        return url
    host, slash, path = rest.partition("/")
    who, at, where = host.rpartition("@")
    plain, *_ = f"{where}{slash}{path}".replace("#", "?").partition("?")
    return f"{scheme}://{_HIDDEN + at if who else ''}{plain}"


def scrubbed(text: str, url: str) -> str:
    """Return a text of somebody else, such as an error's, in one line and without what `shown` leaves out of a URL."""
    text = text.replace(url, shown(url))
    who, _, _ = urlsplit(url).netloc.rpartition("@")
    for secret in sorted({*who.split(":"), *map(unquote, who.split(":"))}, key=len, reverse=True):
        text = text.replace(secret, _HIDDEN) if secret else text
    return " ".join(text.split())
