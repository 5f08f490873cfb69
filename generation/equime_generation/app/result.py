"""A finished clip in the page: the video, what was planned, what was measured, and the files to take away."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from equime_builder.gallery.entry import curves_of, figures_of
from equime_builder.gallery.markup import Markup, joined, tag
from equime_builder.tars import sample_of
from equime_generation.app.pictures import inline, motion_map, picture
from equime_generation.app.player import player

if TYPE_CHECKING:
    from collections.abc import Mapping

    from equime_generation.app.workbench import Made


def result_of(made: Made) -> Markup:
    """Return everything about a clip that was just made."""
    row = made.row
    return tag(
        "section",
        tag("p", row["caption"], class_="caption"),
        _verdict(made),
        downloads(row),
        tag(
            "div",
            player(row["video"]["bytes"], row["caption"], row),
            _motion(made),
            class_="pair",
        ),
        facts(row),
        class_="result",
        aria_label="The clip",
    )


def facts(row: Mapping[str, Any]) -> Markup:
    """Return the planned curves and the table of planned and measured values."""
    return tag("div", curves_of(row, f"clip-{row['id']}"), figures_of(row), class_="facts")


def downloads(row: Mapping[str, Any]) -> Markup:
    """Return links that save the clip and its row; they hold the files themselves."""
    members = sample_of(row)
    text = json.dumps(json.loads(members["json"]), indent=1, ensure_ascii=False)
    note = f"Your browser saves them as {row['id']}.mp4 and .json, where it keeps its downloads."
    return tag(
        "div",
        _link("Download the clip (MP4)", members["mp4"], "video/mp4", f"{row['id']}.mp4"),
        _link("Download its data (JSON)", text.encode(), "application/json", f"{row['id']}.json"),
        tag("p", note, class_="note"),
        class_="downloads",
    )


def _link(words: str, data: bytes, kind: str, name: str) -> Markup:
    return tag("a", words, href=inline(data, kind), download=name, class_="download")


def _motion(made: Made) -> Markup:
    if made.field is None:
        return tag("p", "Nothing moves on purpose on this clip, so there is no motion to map.", class_="note")
    largest_px = float(np.hypot(made.field[..., 0], made.field[..., 1]).max())
    words = f"Where the skin is at the apex, against the face at rest: up to {largest_px:.1f} pixels"
    note = f"{words}; arrows six times as long."
    return tag("figure", picture(motion_map(made.face, made.field), words), tag("figcaption", note), class_="map")


def _verdict(made: Made) -> Markup:
    if not made.faults:
        words = "Measured on the finished video, this clip shows what was planned, nothing else: a dataset keeps it."
        return tag("p", words, class_="verdict kept")
    reasons = [tag("li", fault.detail) for fault in made.faults]
    words = "Measured on the finished video, this clip does not show what was planned; a dataset drops it:"
    return joined(tag("p", words, class_="verdict dropped"), tag("ul", *reasons))
