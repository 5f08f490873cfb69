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

    plain = gr.themes.Base(
        primary_hue="blue",
        neutral_hue="slate",
        font=("system-ui", "sans-serif"),
        font_mono=("ui-monospace", "monospace"),
    )
    # As pale as they come, hints, tabs and buttons fail the contrast that WCAG 2.1 asks for (4.5 : 1).
    return plain.set(
        body_text_color_subdued="*neutral_600",
        body_text_color_subdued_dark="*neutral_300",
        block_title_text_color="*neutral_700",
        block_title_text_color_dark="*neutral_200",
        button_primary_background_fill="*primary_700",
        button_primary_background_fill_dark="*primary_700",
        button_primary_background_fill_hover="*primary_800",
        button_primary_background_fill_hover_dark="*primary_800",
    )
