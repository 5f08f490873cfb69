"""The tab Browse: the clips of a dataset, filtered, played, slowed down and magnified."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any, Final

import gradio as gr

from equime_builder.errors import EquimeError
from equime_builder.facs import AU_NAMES
from equime_builder.gallery.markup import Markup, joined, tag
from equime_builder.gallery.pictures import GAIN
from equime_builder.records import SPLITS
from equime_generation.app.listing import TELL_CLIP, listing
from equime_generation.app.magnified import magnified
from equime_generation.app.player import bring_into_view, player
from equime_generation.app.result import downloads, facts
from equime_generation.app.shelf import GROUPS, ORDERS, Choice, Shelf

PER_PAGE: Final = 20
ANY: Final = "any"
_SILENT: Final = {"api_visibility": "private", "show_progress": "hidden"}
_MAGNIFIED: Final = f"Grey where nothing changed against the neutral frame, {GAIN} times the change elsewhere."


class Browser:
    """What the tab's events do.

    Args:
        root: The dataset folder.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    @cached_property
    def shelf(self) -> Shelf:
        """The clips; read when the tab is built."""
        return Shelf(self._root)

    def page(self, number: int, *filters: Any) -> tuple[Markup, int]:
        """Return one page of the clips that the filters keep, and its number, which may have been beyond the last."""
        places = self.shelf.chosen(choice_of(*filters))
        pages = max(1, -(-len(places) // PER_PAGE))
        number = min(max(int(number), 1), pages)
        shown = places[(number - 1) * PER_PAGE : number * PER_PAGE].tolist()
        caption = f"{len(places)} of {len(self.shelf)} clips, page {number} of {pages}"
        return listing(((place, self.shelf.line(place)) for place in shown), caption), number

    def first_page(self, *filters: Any) -> tuple[Markup, int]:
        """Return the first page."""
        return self.page(1, *filters)

    def next_page(self, number: int, *filters: Any) -> tuple[Markup, int]:
        """Return the page after this one."""
        return self.page(number + 1, *filters)

    def page_before(self, number: int, *filters: Any) -> tuple[Markup, int]:
        """Return the page before this one."""
        return self.page(number - 1, *filters)

    def play(self, event: gr.EventData) -> tuple[Markup, Markup, int, Any]:
        """Return the chosen clip, an empty place for its differences, its place, and the button for them."""
        place = min(max(int(event.place), 0), len(self.shelf) - 1)
        try:
            shown, found = _clip(self.shelf.row(place)), True
        except EquimeError as error:
            shown, found = _complaint(error), False
        return shown, Markup(), place, gr.Button(visible=found)

    def magnify(self, place: int) -> Markup:
        """Return the differences of the clip in hand, magnified."""
        try:
            row = self.shelf.row(place)
            words = f"Changes against the neutral frame, times {GAIN}"
            return player(magnified(row), words, row, note=_MAGNIFIED)
        except EquimeError as error:
            return _complaint(error)


def build(folder: Path) -> None:
    """Fill the tab."""
    browser = Browser(folder)
    try:
        shelf = browser.shelf
    except EquimeError as error:
        gr.HTML(_complaint(error))
        return
    filters = _filters(shelf)
    number = gr.State(1)
    place = gr.State(0)
    first, _ = browser.first_page(*[component.value for component in filters])
    clips = gr.HTML(first, js_on_load=TELL_CLIP, apply_default_css=False)
    with gr.Row():
        before = gr.Button("Page before", size="sm")
        after = gr.Button("Next page", size="sm")
    clip = gr.HTML(apply_default_css=False, elem_classes="clip")
    magnify = gr.Button(f"Show what changes, magnified x{GAIN}", visible=False)
    difference = gr.HTML(apply_default_css=False, elem_classes="difference")
    shown = {"outputs": [clips, number], **_SILENT}
    gr.on([component.input for component in filters], browser.first_page, filters, trigger_mode="always_last", **shown)
    before.click(browser.page_before, [number, *filters], **shown)
    after.click(browser.next_page, [number, *filters], **shown)
    chosen = clips.select(browser.play, None, [clip, difference, place, magnify], api_visibility="private")
    chosen.then(None, js=bring_into_view(".clip"))
    magnified_one = magnify.click(browser.magnify, place, difference, api_visibility="private")
    magnified_one.then(None, js=bring_into_view(".difference"))


def _filters(shelf: Shelf) -> list[Any]:
    """Return the filters' components, in the order that `choice_of` takes."""
    units = [(f"AU{au} {name}", au) for au, name in AU_NAMES.items()]
    with gr.Row():
        chosen = [
            gr.CheckboxGroup(shelf.emotions, value=[], label="Emotion"),
            gr.Dropdown(units, value=[], multiselect=True, label="Action Units that move"),
            gr.CheckboxGroup(list(SPLITS), value=[], label="Split"),
        ]
    with gr.Row():
        names = {"gender": "Gender", "age_group": "Age group", "skin_tone": "Skin tone (Fitzpatrick)"}
        chosen += [gr.Dropdown([ANY, *shelf.values(name)], value=ANY, label=names[name]) for name in GROUPS]
    with gr.Row():
        chosen += [
            gr.Slider(0, 10, 0, step=0.1, label="Measured motion, at least (px)", buttons=[]),
            gr.Slider(0, 1, 0, step=0.01, label="Correlation with the plan, at least", buttons=[]),
            gr.Dropdown(list(ORDERS), value=next(iter(ORDERS)), label="Order"),
        ]
    return chosen


def choice_of(
    emotions: list[str],
    aus: list[int],
    splits: list[str],
    gender: str,
    age_group: str,
    skin_tone: str,
    least_motion_px: float,
    least_correlation: float,
    order: str,
) -> Choice:
    """Return what the filters ask for."""
    wanted = zip(GROUPS, (gender, age_group, skin_tone), strict=True)
    return Choice(
        emotions=emotions,
        aus=aus,
        splits=splits,
        groups=[(column, value) for column, value in wanted if value != ANY],
        least_motion_px=least_motion_px,
        least_correlation=least_correlation,
        order=order,
    )


def _clip(row: dict[str, Any]) -> Markup:
    video = player(row["video"]["bytes"], row["caption"], row)
    told = joined(tag("h3", row["id"]), tag("p", row["caption"], class_="caption"), downloads(row))
    return tag("section", tag("div", video, tag("div", told), class_="pair"), facts(row), aria_label=row["id"])


def _complaint(error: EquimeError) -> Markup:
    return tag("p", str(error), class_="verdict dropped", role="alert")
