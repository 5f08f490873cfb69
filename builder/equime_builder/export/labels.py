"""Action Units in the words of the label sheets of CASME II and SAMM."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from equime_builder.facs import SIDES


def casme2_units(aus: Iterable[Mapping[str, Any]]) -> str:
    """Return planned AUs as CASME II codes them: numbers joined by ``+``, ``L`` or ``R`` before one-sided ones.

    Example:
        >>> casme2_units([{"au": 4, "side": s} for s in ("left", "right")] + [{"au": 10, "side": "left"}])
        '4+L10'
    """
    return "+".join(f"{_side(sides)}{au}" for au, sides in _by_number(aus).items())


def samm_units(aus: Iterable[Mapping[str, Any]]) -> str:
    """Return planned AUs as SAMM codes them: as CASME II, with the FACS letter of the intensity after each number.

    ``A`` before a number says that its sides differ in their letter; the letter is then that of the stronger side.

    Example:
        >>> samm_units([{"au": 20, "side": "right", "intensity": 0.2, "level": "B"}])
        'R20B'
    """
    return "+".join(_with_letter(au, sides) for au, sides in _by_number(aus).items())


def _with_letter(au: int, sides: Mapping[str, Mapping[str, Any]]) -> str:
    letters = {unit["level"] for unit in sides.values()}
    strongest = max(sides.values(), key=lambda unit: float(unit["intensity"]))
    prefix = _side(sides) or ("A" if len(letters) > 1 else "")
    return f"{prefix}{au}{strongest['level']}"


def _side(sides: Mapping[str, object]) -> str:
    return "" if len(sides) == len(SIDES) else next(iter(sides))[0].upper()


def _by_number(aus: Iterable[Mapping[str, Any]]) -> dict[int, dict[str, Mapping[str, Any]]]:
    found: dict[int, dict[str, Mapping[str, Any]]] = {}
    for unit in sorted(aus, key=lambda unit: (unit["au"], SIDES.index(unit["side"]))):
        found.setdefault(unit["au"], {})[unit["side"]] = unit
    return found
