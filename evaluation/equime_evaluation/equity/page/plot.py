"""Values with their intervals, one below the other on a common scale, as SVG."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from equime_builder.gallery.markup import Markup, joined, tag

WIDTH: Final = 760
LEFT: Final = 250
RIGHT: Final = 150
ROW: Final = 21
HEADING: Final = 27
TOP: Final = 8
FOOT: Final = 42
_TICKS: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One value.

    Attributes:
        heading: Shown above the first of several marks that share it.
        label: At the left.
        note: At the right.
        colour: Number of a line colour of the style sheet.
        value: ``None`` is drawn as a word.
    """

    heading: str
    label: str
    note: str
    colour: int
    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Numbers from left to right.

    Attributes:
        step: From tick to tick.
    """

    first: float
    last: float
    step: float

    def x(self, value: float) -> float:
        """Return where a number lies; those outside lie on the nearer edge."""
        inside = min(max(value, self.first), self.last)
        return round(LEFT + (inside - self.first) / (self.last - self.first) * (WIDTH - LEFT - RIGHT), 2)

    @property
    def ticks(self) -> list[float]:
        """Numbers that are written below."""
        count = round((self.last - self.first) / self.step)
        return [self.first + place * self.step for place in range(count + 1)]


def scale_of(marks: Sequence[Mark], *, include: Sequence[float]) -> Scale:
    """Return a scale with round ticks that holds all marks and their intervals.

    Args:
        include: Numbers that must lie on it too, at least one.
    """
    numbers = [*include, *(value for mark in marks for value in (mark.value, mark.low, mark.high) if value is not None)]
    low, high = min(numbers), max(numbers)
    width = (high - low) or max(abs(high), 1.0)
    power = 10.0 ** math.floor(math.log10(width / _TICKS))
    step = next(power * factor for factor in (1, 2, 5, 10) if width / (power * factor) <= _TICKS)
    first, last = math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step
    return Scale(first=first, last=last if last > first else first + step, step=step)


def interval_plot(
    marks: Sequence[Mark],
    *,
    name: str,
    title: str,
    unit: str,
    include: Sequence[float] = (0.0,),
    band: tuple[float, float] | None = None,
) -> Markup:
    """Draw values with their intervals.

    Args:
        name: Unique in the page; names the drawing's title.
        title: What is drawn, for those who do not see it.
        unit: Below the scale.
        include: Numbers that the scale must hold.
        band: Range that is shaded.
    """
    scale = scale_of(marks, include=(*include, *(band or ())))
    headings = len({mark.heading for mark in marks if mark.heading})
    base = TOP + ROW * len(marks) + HEADING * headings
    rows, y, heading = [], float(TOP), ""
    for mark in marks:
        if mark.heading and mark.heading != heading:
            rows.append(_words(LEFT - 12, y + HEADING - 9, mark.heading, anchor="end", kind="markname"))
            y += HEADING
            heading = mark.heading
        rows.append(_row(mark, scale, y + ROW / 2))
        y += ROW
    shade = () if band is None else (_shade(scale, band, base),)
    return tag(
        "svg",
        tag("title", f"{title} {_told(marks)}", id=f"{name}-title"),
        *shade,
        _axis(scale, base, unit),
        *rows,
        viewBox=f"0 0 {WIDTH} {base + FOOT}",
        role="img",
        aria_labelledby=f"{name}-title",
    )


def _told(marks: Sequence[Mark]) -> str:
    known = [f"{mark.heading} {mark.label}: {mark.value:.3g}".strip() for mark in marks if mark.value is not None]
    return "; ".join(known) + "." if known else "Nothing could be computed."


def _shade(scale: Scale, band: tuple[float, float], base: float) -> Markup:
    left, right = (scale.x(edge) for edge in band)
    return tag("rect", x=left, y=TOP, width=round(right - left, 2), height=base - TOP, class_="band")


def _axis(scale: Scale, base: float, unit: str) -> Markup:
    parts = []
    digits = max(0, -math.floor(math.log10(scale.step) + 1e-9))
    for tick in scale.ticks:
        x = scale.x(tick)
        kind = "zero" if abs(tick) < scale.step / 1000 else "grid"
        parts.append(tag("line", x1=x, x2=x, y1=TOP, y2=base, class_=kind))
        parts.append(_words(x, base + 16, f"{tick + 0.0:.{digits}f}", anchor="middle", kind="tick"))
    parts.append(_words(LEFT, base + 34, unit, kind="note"))
    return joined(*parts)


def _row(mark: Mark, scale: Scale, y: float) -> Markup:
    parts = [_words(LEFT - 12, y + 4, mark.label, anchor="end"), _words(WIDTH - RIGHT + 12, y + 4, mark.note)]
    if mark.value is None:
        return joined(*parts, _words(LEFT + 4, y + 4, "not defined", kind="missing"))
    if mark.low is not None and mark.high is not None:
        ends = {"x1": scale.x(mark.low), "x2": scale.x(mark.high)}
        parts.append(tag("line", **ends, y1=y, y2=y, class_=f"span c{mark.colour}"))
    parts.append(tag("circle", cx=scale.x(mark.value), cy=y, r=4, class_=f"dot c{mark.colour}"))
    return joined(*parts)


def _words(x: float, y: float, text: str, *, anchor: str = "start", kind: str = "label") -> Markup:
    return tag("text", text, x=round(x, 2), y=round(y, 2), text_anchor=anchor, class_=kind)
