"""File names that mean the same on every system, whatever stands in a row."""

from __future__ import annotations

import hashlib
import re
from typing import Final

_LONGEST: Final = 100
_PLAIN: Final = re.compile(rf"[A-Za-z0-9][A-Za-z0-9_-]{{0,{_LONGEST - 1}}}")
_RESERVED: Final = re.compile(r"con|prn|aux|nul|com[0-9]|lpt[0-9]", re.I)


def safe_name(text: str) -> str:
    """Return a text as a file name without ending: letters, digits, ``_`` and ``-``, at most 100 of them.

    A text that is such a name already stays as it is; any other gets a few digits of its hash, so that two texts never
    share a name.

    Example:
        >>> safe_name("p001-fear-000"), safe_name("../etc/passwd")
        ('p001-fear-000', 'etc-passwd-3b0aa2f9')
    """
    if _PLAIN.fullmatch(text) and not _RESERVED.fullmatch(text):
        return text
    digest = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:8]
    kept = re.sub(r"[^A-Za-z0-9_]+", "-", text).strip("-_")[: _LONGEST - 9]
    return f"{kept or 'clip'}-{digest}"
