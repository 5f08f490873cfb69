"""The list of clips in the tab Browse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from equime_builder.gallery.markup import Markup, tag

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

TELL_CLIP: Final = """
element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-place]");
  if (button) trigger("select", { place: Number(button.dataset.place) });
});
"""
"""JavaScript of the component that holds the list: a clip reaches Python as an event with its ``place``."""

_HEADS: Final = ("Clip", "Emotion", "Action Units", "Person", "Split", "Motion, px", "Correlation")


def listing(lines: Iterable[tuple[int, Mapping[str, Any]]], caption: str) -> Markup:
    """Return clips as a table, each with a button that plays it.

    Args:
        lines: Place and `equime_generation.app.shelf.Shelf.line` of each.
        caption: How many there are.
    """
    rows = [_row(place, line) for place, line in lines]
    head = tag("tr", *(tag("th", name, scope="col") for name in _HEADS))
    table = tag("table", tag("caption", caption), tag("thead", head), tag("tbody", *rows))
    return tag("div", table, class_="listing", tabindex="0", role="region", aria_label="Clips")


def _row(place: int, line: Mapping[str, Any]) -> Markup:
    button = tag("button", line["id"], type="button", data_place=place, title=f"Play {line['id']}")
    person = [line["gender"], line["age_group"], line["skin_tone"] and f"type {line['skin_tone']}"]
    return tag(
        "tr",
        tag("th", button, scope="row"),
        tag("td", line["emotion"]),
        tag("td", " ".join(f"AU{au}" for au in line["aus"]) or "none"),
        tag("td", ", ".join(word for word in person if word) or "undeclared"),
        tag("td", line["split"]),
        tag("td", _number(line["motion_px"], 2)),
        tag("td", _number(line["correlation"], 3)),
    )


def _number(value: float | None, digits: int) -> str:
    return "not measured" if value is None else f"{value:.{digits}f}"
