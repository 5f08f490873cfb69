"""Figures as short text, the same on the page and in the terminal."""

from __future__ import annotations

from collections.abc import Iterable

from equime_evaluation.equity.association import Association, Strength
from equime_evaluation.equity.counterfactual import Counterfactual
from equime_evaluation.equity.outcomes import ACCEPTED, MEASURED_MOTION


def figure(value: float | None, digits: int = 3) -> str:
    """Return a number with so many digits after the point, or a dash for none."""
    return "-" if value is None else f"{value + 0.0:.{digits}f}"


def span(low: float | None, high: float | None, digits: int = 3) -> str:
    """Return an interval such as ``0.010 to 0.200``, or nothing where there is none."""
    return "" if low is None or high is None else f"{figure(low, digits)} to {figure(high, digits)}"


def group_text(group: str, *, people: int, clips: int) -> str:
    """Return a group with its size: ``female (7 people, 35 clips)``."""
    return f"{group} ({people} {'person' if people == 1 else 'people'}, {clips} {'clip' if clips == 1 else 'clips'})"


def percent(value: float | None) -> str:
    """Return per cent with a sign and one digit."""
    return "-" if value is None else f"{value:+.1f} %"


def p_text(item: Association) -> str:
    """Return the p-value, its corrected form and how many arrangements they rest on, or why there is none."""
    if item.p is None or item.p_holm is None:
        return item.note or ""
    tried = f"all {item.arrangements:,}" if item.exhaustive else f"{item.arrangements:,}"
    return f"p {figure(item.p)}, corrected {figure(item.p_holm)} ({tried} arrangements)"


def strength_text(strength: Strength) -> str:
    """Return value and interval."""
    inside = span(strength.low, strength.high)
    return f"{figure(strength.value)} ({inside})" if inside else figure(strength.value)


def counterfactual_text(found: Iterable[Counterfactual]) -> str:
    """Return in one sentence how far two people lie apart under one programme; empty where none share any."""
    gaps = {gap.outcome: gap for gap in found}
    told = []
    if MEASURED_MOTION in gaps and gaps[MEASURED_MOTION].percent is not None:
        told.append(f"measured motion differs by {gaps[MEASURED_MOTION].percent:.1f} % of its mean")
    if ACCEPTED in gaps:
        gap = gaps[ACCEPTED]
        told.append(f"the screen decides differently on {100 * gap.difference:.1f} % of {gap.pairs:,} pairs")
    return f"{', '.join(told)}." if told else ""
