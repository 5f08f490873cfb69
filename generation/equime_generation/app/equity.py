"""The tab Equity."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def build(folder: Path | None) -> None:
    """Fill the tab."""
    import gradio as gr

    gr.Markdown("In the making.")
