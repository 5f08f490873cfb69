"""Fonts and colours of the page; nothing of it comes from the network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from gradio.themes import Base

STYLE_SHEET: Final = Path(__file__).with_name("app.css")


def theme() -> Base:
    """Return a theme in the system's own fonts."""
    import gradio as gr

    return gr.themes.Base(
        primary_hue="blue",
        neutral_hue="slate",
        font=("system-ui", "sans-serif"),
        font_mono=("ui-monospace", "monospace"),
    )
