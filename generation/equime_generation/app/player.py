"""A video in the page that can be slowed down and stepped through."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from equime_builder.gallery.markup import Markup, tag
from equime_generation.app.pictures import inline

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

SCRIPT: Final = Path(__file__).with_name("page.js")
"""What the buttons do; stands in the head of the page."""

_SPEEDS: Final = (("Normal speed", "1"), ("Slow, x4", "0.25"), ("Slower, x10", "0.1"))
_STEPS: Final = (("Frame back", "-1"), ("Frame on", "1"))


def bring_into_view(selector: str) -> str:
    """Return JavaScript for an event that scrolls to what the selector finds, which may lie below the screen."""
    return f"() => {{ document.querySelector('{selector}').scrollIntoView() }}"


def player(data: bytes, words: str, row: Mapping[str, Any], *, note: str = "") -> Markup:
    """Return a video with its buttons.

    Args:
        data: A whole MP4 file.
        words: What it shows, for those who do not see it.
        row: Of the clip; tells its rate, and which frames the event takes.
        note: Stands below.
    """
    video = tag(
        "video",
        src=inline(data, "video/mp4"),
        aria_label=words,
        data_fps=row["fps"],
        data_apex=row["apex_frame"],
        autoplay=True,
        loop=True,
        muted=True,
        playsinline=True,
        controls=True,
        width=512,
        height=512,
    )
    apex = "" if row["apex_frame"] is None else tag("button", "Go to the apex", type="button", data_apex="")
    buttons = (
        *(
            tag("button", name, type="button", data_rate=rate, aria_pressed=str(rate == "1").lower())
            for name, rate in _SPEEDS
        ),
        *(tag("button", name, type="button", data_step=step) for name, step in _STEPS),
        apex,
    )
    return tag(
        "figure",
        video,
        tag("div", *buttons, class_="controls"),
        tag("figcaption", note) if note else "",
        class_="player",
    )
