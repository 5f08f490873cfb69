"""Training curves as SVG: a line a fold over epochs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from equime_builder.gallery.markup import Markup, joined, tag
from equime_evaluation.baselines.checkpoint import Epoch
from equime_evaluation.baselines.results import FoldResult

WIDTH: Final = 560
HEIGHT: Final = 240
_LEFT, _RIGHT, _TOP, _FOOT = 48, 12, 12, 40
_COLOURS: Final = 8
_MOST_LINES: Final = 10


def curves(
    folds: Sequence[FoldResult],
    *,
    name: str,
    title: str,
    trained: Callable[[Epoch], float],
    validated: Callable[[Epoch], float | None],
) -> Markup:
    """Draw a figure of each epoch: a line a fold, a dashed one for the people who choose the epoch.

    Args:
        name: Unique in the page.
        title: What is drawn, with its unit.
        trained: The figure of the clips trained on.
        validated: The figure of those who choose.
    """
    shown = folds[:_MOST_LINES]
    lines: list[tuple[int, str, list[tuple[int, float]]]] = []
    for place, fold in enumerate(shown):
        lines.append((place, "curve", [(epoch.number, trained(epoch)) for epoch in fold.curve]))
        chosen = [(epoch.number, value) for epoch in fold.curve if (value := validated(epoch)) is not None]
        if chosen:
            lines.append((place, "curve chooses", chosen))
    last = max((number for _, _, points in lines for number, _ in points), default=1)
    highest = max((value for _, _, points in lines for _, value in points), default=1.0) or 1.0
    drawn = [_line(points, last, highest, place, kind) for place, kind, points in lines if points]
    told = "; ".join(f"{fold.name} ends at {trained(fold.curve[-1]):.2f}" for fold in shown if fold.curve)
    return tag(
        "svg",
        tag("title", f"{title}: {told}.", id=f"{name}-title"),
        _frame(last, highest, title),
        *drawn,
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
        aria_labelledby=f"{name}-title",
    )


def _line(points: Sequence[tuple[int, float]], last: int, highest: float, place: int, kind: str) -> Markup:
    where = " ".join(f"{_x(number, last):.1f},{_y(value, highest):.1f}" for number, value in points)
    return tag("polyline", points=where, class_=f"{kind} c{place % _COLOURS}")


def _frame(last: int, highest: float, title: str) -> Markup:
    parts = []
    for share in (0.0, 0.5, 1.0):
        y = _y(share * highest, highest)
        parts.append(tag("line", x1=_LEFT, x2=WIDTH - _RIGHT, y1=y, y2=y, class_="grid"))
        parts.append(tag("text", f"{share * highest:.2f}", x=_LEFT - 8, y=y + 4, text_anchor="end"))
    for number in sorted({1, last}):
        parts.append(tag("text", str(number), x=_x(number, last), y=HEIGHT - _FOOT + 16, text_anchor="middle"))
    parts.append(tag("text", f"{title} by epoch, a line a fold", x=_LEFT, y=HEIGHT - 6))
    return joined(*parts)


def _x(number: int, last: int) -> float:
    return round(_LEFT + (number - 1) / max(1, last - 1) * (WIDTH - _LEFT - _RIGHT), 2)


def _y(value: float, highest: float) -> float:
    return round(_TOP + (1 - value / highest) * (HEIGHT - _TOP - _FOOT), 2)
