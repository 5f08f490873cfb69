"""Histogram and scatter plot as SVG."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from equime_builder.gallery.drawing import COLOURS
from equime_builder.gallery.markup import Markup, joined, tag
from equime_builder.gallery.tally import Dot

WIDTH: Final = 520
HEIGHT: Final = 266
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 12, 12, 50
_PLOT_W: Final = WIDTH - _LEFT - _RIGHT
_PLOT_H: Final = HEIGHT - _TOP - _BOTTOM
_MOST_TICKS: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """Two histograms over the same whole numbers.

    Attributes:
        first: Smallest number shown.
        last: Largest number shown; what lies beyond is counted in it.
        filled: Counts drawn as filled bars.
        outlined: Counts drawn as a line over them.
    """

    first: int
    last: int
    filled: Counter[int]
    outlined: Counter[int]

    def clipped(self, counts: Counter[int]) -> list[int]:
        """Return the counts from `first` to `last`."""
        found = [0] * (self.last - self.first + 1)
        for value, count in counts.items():
            found[min(max(value, self.first), self.last) - self.first] += count
        return found


def histogram(bars: Bars, *, title: str, unit: str) -> Markup:
    """Draw the two histograms.

    Args:
        title: What a reader who sees nothing is told.
        unit: Of the horizontal axis.
    """
    filled, outlined = bars.clipped(bars.filled), bars.clipped(bars.outlined)
    limit = nice_limit(max([*filled, *outlined]), whole=True)
    step = _PLOT_W / len(filled)
    height = _PLOT_H / limit

    def bar(place: int, count: int) -> Markup:
        words = f"{bars.first + place} frames: {count:,} planned, {outlined[place]:,} measured"
        x, y = _LEFT + place * step + step * 0.08, _TOP + _PLOT_H - count * height
        rectangle = tag("rect", x=_r(x), y=_r(y), width=_r(step * 0.84), height=_r(count * height), class_="fill")
        return tag("g", tag("title", words), rectangle)

    corners = [(place + side, count) for place, count in enumerate(outlined) for side in (0, 1)]
    path = " ".join(f"{_r(_LEFT + x * step):g},{_r(_TOP + _PLOT_H - count * height):g}" for x, count in corners)
    every = -(-len(filled) // _MOST_TICKS)
    ticks = [(_LEFT + (place + 0.5) * step, str(bars.first + place)) for place in range(0, len(filled), every)]
    return _frame(
        title,
        _levels(limit, lambda value: _TOP + _PLOT_H - value * height),
        *(bar(place, count) for place, count in enumerate(filled)),
        tag("polyline", points=path, class_="outline") if any(outlined) else "",
        _ticks(ticks, unit),
    )


def scatter(dots: Sequence[Dot], emotions: Sequence[str]) -> Markup:
    """Draw a dot a clip, measured over true motion, with the line on which they are equal, and a legend."""
    limit = nice_limit(max(max(dot.true_px, dot.measured_px) for dot in dots))

    def x(value: float) -> float:
        return _r(_LEFT + value / limit * _PLOT_W)

    def y(value: float) -> float:
        return _r(_TOP + _PLOT_H - value / limit * _PLOT_H)

    def draw(dot: Dot) -> Markup:
        words = f"{dot.clip_id}, {dot.emotion}: rendered {dot.true_px:.2f} px, measured {dot.measured_px:.2f} px"
        colour = f"dot c{emotions.index(dot.emotion) % COLOURS}"
        return tag("circle", tag("title", words), cx=x(dot.true_px), cy=y(dot.measured_px), r=4, class_=colour,
                   data_emotion=dot.emotion, data_clip=dot.clip_id)  # fmt: skip

    title = f"Measured over rendered motion of {len(dots):,} clips, in pixels, from 0 to {limit:g}."
    marks = [limit * part / 4 for part in range(5)]
    names = [name for name in emotions if any(dot.emotion == name for dot in dots)]
    swatches = (
        tag("li", tag("span", class_=f"swatch c{emotions.index(name) % COLOURS}", aria_hidden="true"), name)
        for name in names
    )
    drawing = _frame(
        title,
        _levels(limit, y),
        tag("line", x1=x(0), y1=y(0), x2=x(limit), y2=y(limit), class_="equal"),
        *map(draw, dots),
        _ticks([(x(value), f"{value:g}") for value in marks], "pixels as rendered"),
    )
    return joined(drawing, tag("ul", *swatches, class_="chips"))


def nice_limit(largest: float, *, whole: bool = False) -> float:
    """Return the end of an axis that holds a value and whose quarters are plain numbers.

    Args:
        whole: Quarters are whole numbers, for counts.

    Example:
        >>> nice_limit(7.6), nice_limit(11), nice_limit(0.3), nice_limit(3, whole=True), nice_limit(5.5, whole=True)
        (8.0, 12.0, 0.32, 4.0, 8.0)
    """
    quarter = max(largest / 4, 1.0 if whole else 1e-9)
    scale = 10.0 ** math.floor(math.log10(quarter))
    steps = (round(part * scale, 12) for part in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10))
    return 4 * next(step for step in steps if step >= quarter * (1 - 1e-9) and (not whole or step.is_integer()))


def _frame(title: str, *content: str) -> Markup:
    base = tag("line", x1=_LEFT, x2=WIDTH - _RIGHT, y1=_TOP + _PLOT_H, y2=_TOP + _PLOT_H, class_="base")
    return tag(
        "svg", tag("title", title), *content, base, viewBox=f"0 0 {WIDTH} {HEIGHT}", role="img", aria_label=title
    )


def _levels(limit: float, y: Callable[[float], float]) -> Markup:
    parts: list[Markup] = []
    for part in range(1, 5):
        value = limit * part / 4
        height = _r(y(value))
        parts.append(tag("line", x1=_LEFT, x2=WIDTH - _RIGHT, y1=height, y2=height, class_="grid"))
        parts.append(tag("text", f"{value:g}", x=_LEFT - 8, y=_r(height + 4), text_anchor="end", class_="tick"))
    return joined(*parts)


def _ticks(marks: Sequence[tuple[float, str]], unit: str) -> Markup:
    base = _TOP + _PLOT_H
    names = (tag("text", text, x=_r(x), y=base + 17, text_anchor="middle", class_="tick") for x, text in marks)
    return joined(*names, tag("text", unit, x=WIDTH - _RIGHT, y=HEIGHT - 6, text_anchor="end", class_="tick"))


def _r(value: float) -> float:
    return round(value, 2)
