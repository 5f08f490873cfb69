"""The planned intensity of each Action Unit over the event, drawn as SVG, with what was measured below it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from equime_builder.facs import LEVELS
from equime_builder.gallery.markup import Markup, joined, tag

WIDTH: Final = 560
HEIGHT: Final = 248
LEFT: Final = 34
RIGHT: Final = 10
TOP: Final = 24
PLOT_HEIGHT: Final = 150
MARGIN_FRAMES: Final = 6
"""So many frames at rest are drawn on either side of the event."""

COLOURS: Final = 8
"""Number of line colours that the style sheet defines; units beyond it start again."""

_LIMITS: Final = (0.3, 0.6, 0.85, 1.0)
_BASE: Final = TOP + PLOT_HEIGHT
_MOST_LABELS: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Axes:
    """Where frames and intensities lie in the drawing.

    Attributes:
        first: First frame drawn.
        last: Last frame drawn.
        limit: Intensity at the upper edge: the smallest upper bound of a FACS level that holds every curve.
    """

    first: int
    last: int
    limit: float

    @property
    def step(self) -> float:
        """Width of one frame."""
        return (WIDTH - LEFT - RIGHT) / max(1, self.last - self.first)

    def x(self, frame: float) -> float:
        """Return where a frame lies, from the left; frames outside lie on the nearer edge."""
        return round(LEFT + (min(max(frame, self.first), self.last) - self.first) * self.step, 2)

    def y(self, intensity: float) -> float:
        """Return where an intensity lies, from the top."""
        return round(TOP + PLOT_HEIGHT * (1 - intensity / self.limit), 2)


def axes_of(row: Mapping[str, Any]) -> Axes:
    """Return axes that show a row's event and some frames around it; the whole clip on a negative."""
    final = row["num_frames"] - 1
    if not row["aus"]:
        return Axes(first=0, last=final, limit=_LIMITS[0])
    peak = max(max(unit["curve"], default=0.0) for unit in row["aus"])
    return Axes(
        first=max(0, min(unit["onset_frame"] for unit in row["aus"]) - MARGIN_FRAMES),
        last=min(final, max(unit["offset_frame"] for unit in row["aus"]) + MARGIN_FRAMES),
        limit=next((limit for limit in _LIMITS if peak <= limit), 1.0),
    )


def points_of(unit: Mapping[str, Any], axes: Axes) -> list[tuple[float, float]]:
    """Return the corners of a planned AU's line: one for each frame from its onset to its offset."""
    return [(axes.x(unit["onset_frame"] + index), axes.y(value)) for index, value in enumerate(unit["curve"])]


def colour_of(units: Sequence[Mapping[str, Any]], au: int) -> int:
    """Return the number of a unit's colour, by its place among the units of the clip."""
    return list(dict.fromkeys(unit["au"] for unit in units)).index(au) % COLOURS


def curve_drawing(row: Mapping[str, Any], *, name: str) -> Markup:
    """Draw a row's planned curves and its measured frames.

    Args:
        name: Unique in the page; names the drawing's title.
    """
    axes = axes_of(row)
    title_id = f"{name}-curve"
    return tag(
        "svg",
        tag("title", _title(row), id=title_id),
        _grid(axes),
        _frame_numbers(axes),
        _planned_marks(row, axes),
        *(_line(unit, row["aus"], axes) for unit in row["aus"]),
        "" if row["aus"] else _words(WIDTH / 2, _BASE - 12, "no Action Unit is planned", anchor="middle"),
        _measured_marks(row["measured"], axes),
        tag("line", x1=LEFT, x2=LEFT, y1=TOP, y2=_BASE, class_="now"),
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
        aria_labelledby=title_id,
        data_first=axes.first,
        data_last=axes.last,
        data_step=round(axes.step, 4),
    )


def _title(row: Mapping[str, Any]) -> str:
    if not row["aus"]:
        return "No Action Unit is planned: the line of every unit is zero throughout the clip."
    units = "; ".join(
        f"AU{unit['au']} {unit['side']} rises from frame {unit['onset_frame']} to {unit['intensity']:.2f} "
        f"at frame {unit['apex_frame']} and rests again at frame {unit['offset_frame']}"
        for unit in row["aus"]
    )
    return f"Planned intensity over frames. {units}."


def _grid(axes: Axes) -> Markup:
    parts = [tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=_BASE, y2=_BASE, class_="base")]
    for letter, (low, high) in LEVELS.items():
        if low < axes.limit:
            height = axes.y(low)
            middle = (height + axes.y(min(high, axes.limit))) / 2
            parts.append(tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=height, y2=height, class_="grid"))
            parts.append(_words(LEFT - 10, middle + 4, letter, anchor="end", kind="level"))
    return joined(*parts)


def _frame_numbers(axes: Axes) -> Markup:
    every = max(1, -(-(axes.last - axes.first) // _MOST_LABELS))
    frames = range(-(-axes.first // every) * every, axes.last + 1, every)
    return joined(*(_words(axes.x(frame), _BASE + 17, str(frame), anchor="middle", kind="tick") for frame in frames))


def _planned_marks(row: Mapping[str, Any], axes: Axes) -> Markup:
    parts: list[Markup] = []
    for name, anchor, shift in (("onset", "end", -3), ("apex", "middle", 0), ("offset", "start", 3)):
        frame = row[f"{name}_frame"]
        if frame is not None:
            x = axes.x(frame)
            parts.append(tag("line", x1=x, x2=x, y1=TOP - 6, y2=_BASE, class_=f"mark {name}"))
            parts.append(_words(x + shift, TOP - 11, name, anchor=anchor, kind="markname"))
    return joined(*parts)


def _line(unit: Mapping[str, Any], units: Sequence[Mapping[str, Any]], axes: Axes) -> Markup:
    points = " ".join(f"{x:g},{y:g}" for x, y in points_of(unit, axes))
    label = f"AU{unit['au']} {unit['side']}"
    return tag("polyline", points=points, class_=f"au c{colour_of(units, unit['au'])} {unit['side']}", data_au=label)


def _measured_marks(measured: Mapping[str, Any] | None, axes: Axes) -> Markup:
    y = _BASE + 40
    label = _words(LEFT, y + 24, _measured_words(measured), kind="found")
    if measured is None or measured["apex_frame"] is None:
        return label
    x = axes.x(measured["apex_frame"])
    diamond = tag("polygon", points=f"{x:g},{y - 7} {x + 6:g},{y} {x:g},{y + 7} {x - 6:g},{y}", class_="foundapex")
    ends = [measured[key] for key in ("onset_frame", "offset_frame")]
    if None in ends:
        return joined(diamond, label)
    bar = tag("line", x1=axes.x(ends[0]), x2=axes.x(ends[1]), y1=y, y2=y, class_="foundspan")
    return joined(bar, diamond, label)


def _measured_words(measured: Mapping[str, Any] | None) -> str:
    if measured is None:
        return "motion: not measured"
    if measured["apex_frame"] is None:
        return "measured on the decoded clip: no movement found"
    return f"measured on the decoded clip: apex at frame {measured['apex_frame']}"


def _words(x: float, y: float, text: str, *, anchor: str = "start", kind: str = "note") -> Markup:
    return tag("text", text, x=round(x, 2), y=round(y, 2), text_anchor=anchor, class_=kind)
