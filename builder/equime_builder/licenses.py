"""What a photo's licence lets one do with clips made from it, read from the licence's own text."""

from __future__ import annotations

import re
from typing import Final

NOT_TO_BE_PASSED_ON: Final = "not to be passed on"
"""Words that a source, or a user's own table, puts into a licence text to keep all that is made from the photo here."""

_FREE: Final = (
    re.compile(r"mit|cc0([ -]1\.0)?|public domain( mark)?( 1\.0)?|us government work|cc by(-nc)?( [1-4]\.0)?", re.I),
    re.compile(r"cc-by(-nc)?(-[1-4]\.0)?", re.I),
)
# No adaptations, or none under other terms than the photo's own, while the dataset stands under CC BY-NC 4.0.
_BOUND: Final = re.compile(r"\bcc[ -]by(-nc)?-(nd|sa)\b|all rights reserved", re.I)


def may_be_passed_on(license: str) -> bool | None:
    """Return whether clips made from a photo may leave the machine under CC BY-NC 4.0.

    Args:
        license: Licence of the photo as its source states it, `Subject.source_license`.

    Returns:
        ``None`` where the text says neither: an unknown licence, or none declared. Whoever passes clips on must then
        be asked for the right to do so.

    Source: the terms of Creative Commons 1.0-4.0: ND forbids adaptations, SA asks for its own licence on them.

    Example:
        >>> may_be_passed_on("CC BY-NC 2.0"), may_be_passed_on("CC BY-ND 4.0"), may_be_passed_on("undeclared")
        (True, False, None)
    """
    text = " ".join(license.split())
    if NOT_TO_BE_PASSED_ON in text.lower() or _BOUND.search(text):
        return False
    return True if any(pattern.fullmatch(text) for pattern in _FREE) else None
