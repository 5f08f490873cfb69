"""What people write about people, parsed: shares of ethnicities and Fitzpatrick types."""

from __future__ import annotations

import re
from typing import Final

FITZPATRICK: Final[tuple[str, ...]] = ("I", "II", "III", "IV", "V", "VI")

_SHARE: Final = re.compile(r"\s*(\d{1,3}(?:\.\d+)?)\s*%\s*(\S[^,%]*?)\s*")


def parse_shares(text: str) -> tuple[tuple[str, float], ...]:
    """Return the groups and shares in a declared ethnicity, or nothing where it is no such list.

    Args:
        text: For example ``"45% Middle Eastern, 55% North African"``.

    Returns:
        (group, share 0-1) in the order written; empty unless every part is a share and they sum to 99-101 per cent.

    Example:
        >>> parse_shares("45% Middle Eastern, 55% North African")
        (('Middle Eastern', 0.45), ('North African', 0.55))
    """
    found = [_SHARE.fullmatch(part) for part in text.split(",")]
    shares = tuple((match[2], float(match[1]) / 100) for match in found if match)
    whole = len(shares) == len(found) and abs(sum(share for _, share in shares) - 1) <= 0.0101
    return shares if whole else ()


def parse_fitzpatrick(text: str) -> str | None:
    """Return the Roman numeral of a Fitzpatrick type written as ``"II"`` or ``"Fitzpatrick II"``; None if it is none.

    Source: Fitzpatrick, "The validity and practicality of sun-reactive skin types I through VI" (1988),
    Arch. Dermatol. 124:869, doi:10.1001/archderm.1988.01670060015008.
    """
    numeral = text.strip().upper().removeprefix("FITZPATRICK").removeprefix(" TYPE").strip()
    return numeral if numeral in FITZPATRICK else None
