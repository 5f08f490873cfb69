"""The table of tabs, and the page that holds them."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from equime_builder.errors import need

if TYPE_CHECKING:
    from pathlib import Path

    from gradio import Blocks

TITLE: Final = "EquiME"
NO_DATASET: Final = (
    "No dataset is open. Close the app and start it again with one: `equime app FOLDER`. "
    "To make one first: `equime render --out FOLDER`."
)
_KEPT_S: Final = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """One tab.

    Attributes:
        title: What stands on it.
        module: Has ``build(folder)``, which fills the tab it is called in; ``folder`` is an open dataset folder.
        needs_dataset: Whether it is filled only where a dataset is open; otherwise ``folder`` may be ``None``.
    """

    title: str
    module: str
    needs_dataset: bool = True


TABS: Final[tuple[Tab, ...]] = (
    Tab(title="Make", module="equime_generation.app.make", needs_dataset=False),
    Tab(title="Browse", module="equime_generation.app.browse"),
    Tab(title="Review", module="equime_generation.app.review"),
    Tab(title="Equity", module="equime_generation.app.equity"),
)


def build_app(folder: Path | None) -> Blocks:
    """Return the page with all tabs.

    Args:
        folder: An open dataset folder; ``None`` = there is none.

    Raises:
        MissingExtraError: Gradio is not installed.
    """
    need("gradio", extra="app")
    import gradio as gr

    with gr.Blocks(title=TITLE, analytics_enabled=False, delete_cache=(_KEPT_S, _KEPT_S)) as page:
        gr.HTML(f"<h1>{TITLE}</h1>")
        for tab in TABS:
            with gr.Tab(tab.title):
                if folder is None and tab.needs_dataset:
                    gr.Markdown(NO_DATASET)
                else:
                    importlib.import_module(tab.module).build(folder)
    return page
