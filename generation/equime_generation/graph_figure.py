"""A drawing of the causal model."""

from __future__ import annotations

import math
from html import escape
from typing import Any, Final

from equime_generation.graph import CausalGraph

_PLACES: Final[dict[str, tuple[int, int]]] = {
    "E": (90, 70),
    "A": (300, 70),
    "P": (510, 70),
    "D": (90, 220),
    "V": (300, 220),
    "N": (510, 220),
    "B": (300, 370),
}
_HALF_WIDTH: Final = 78
_HALF_HEIGHT: Final = 26
_STYLE: Final = (
    "text{font:14px system-ui,sans-serif;text-anchor:middle;fill:#1c1b19}.name{font-weight:600}"
    "rect{fill:#fff;stroke:#1c1b19;stroke-width:1.5}path{stroke:#1c1b19;stroke-width:1.5;fill:none}"
    ".cut{stroke:#b3261e;stroke-dasharray:5 4}.cut-label{fill:#b3261e;font-size:13px}"
)


def draw(graph: CausalGraph[Any]) -> str:
    """Return the model as an SVG document: arrows black, arrows that were cut dashed and red.

    Raises:
        KeyError: A variable has no place on the figure.
    """
    arrows = [_arrow(cause, effect, cut=False) for cause, effect in graph.arrows]
    arrows += [_arrow(cause, effect, cut=True) for cause, effect in graph.removed]
    boxes = [_box(variable.name, variable.meaning) for variable in graph.variables]
    return "\n".join(
        [
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 440" role="img">',
            "<title>Causal model: emotion causes Action Units, which cause prompt and video</title>",
            f"<style>{_STYLE}</style>",
            '<rect x="0" y="0" width="600" height="440" style="stroke:none"/>',
            f"<defs>{_tip('tip', '#1c1b19')}{_tip('cut-tip', '#b3261e')}</defs>",
            *arrows,
            *boxes,
            "</svg>\n",
        ]
    )


def _tip(name: str, colour: str) -> str:
    return (
        f'<marker id="{name}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        f'<path d="M0 0L8 4L0 8z" style="fill:{colour};stroke:none"/></marker>'
    )


def _box(name: str, meaning: str) -> str:
    x, y = _PLACES[name]
    return (
        f'<rect x="{x - _HALF_WIDTH}" y="{y - _HALF_HEIGHT}" width="{2 * _HALF_WIDTH}" height="{2 * _HALF_HEIGHT}" '
        f'rx="8"/><text class="name" x="{x}" y="{y - 5}">{escape(name)}</text>'
        f'<text x="{x}" y="{y + 14}">{escape(meaning)}</text>'
    )


def _arrow(cause: str, effect: str, *, cut: bool) -> str:
    if {cause, effect} == {"E", "P"}:  # over the box between them
        return '<path d="M90 44C150 4 450 4 510 42" marker-end="url(#tip)"/>'
    start, end = _border(cause, effect), _border(effect, cause)
    line = f'd="M{start[0]:.0f} {start[1]:.0f}L{end[0]:.0f} {end[1]:.0f}"'
    if not cut:
        return f'<path {line} marker-end="url(#tip)"/>'
    x, y = (start[0] + end[0]) / 2 - 24, (start[1] + end[1]) / 2 - 6
    label = f'<text class="cut-label" x="{x:.0f}" y="{y:.0f}">cut</text>'
    return f'<path class="cut" {line} marker-end="url(#cut-tip)"/>{label}'


def _border(name: str, towards: str) -> tuple[float, float]:
    (x, y), (to_x, to_y) = _PLACES[name], _PLACES[towards]
    length = math.hypot(to_x - x, to_y - y)
    across, down = (to_x - x) / length, (to_y - y) / length
    reach = min(
        (_HALF_WIDTH + 4) / abs(across) if across else math.inf, (_HALF_HEIGHT + 4) / abs(down) if down else math.inf
    )
    return x + across * reach, y + down * reach
