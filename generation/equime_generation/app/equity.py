"""The tab Equity: the audit of the open dataset, with its plots and tables."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import gradio as gr

from equime_builder.errors import EquimeError
from equime_builder.gallery.markup import Markup, tag
from equime_builder.locate import content_key


def build(folder: Path) -> None:
    """Fill the tab."""
    gr.Markdown(
        "Who is in the open dataset, whether anything that was planned goes with who is shown, and what differs where "
        "only the person does. The same figures as `equime audit` gives; nothing is written."
    )
    compute = gr.Button("Audit this dataset", variant="primary", elem_id="equity-begin")
    page = gr.HTML(elem_id="equity-page", apply_default_css=False)
    compute.click(lambda: _page(folder), None, page, api_visibility="private")


def _page(folder: Path) -> Markup:
    try:
        content = _audited(folder, content_key(folder))
    except (EquimeError, OSError) as error:
        return tag("p", str(error), class_="dropped", role="alert")
    # a document of its own: its styles stay inside, and nothing in it runs
    return tag("iframe", srcdoc=content, title="Equity audit", sandbox="", class_="audit")


@lru_cache(maxsize=1)
def _audited(folder: Path, key: str) -> str:
    """Return the audit's page; ``key`` names the contents, so that a folder that changed is audited anew."""
    from equime_evaluation.equity import audit
    from equime_evaluation.equity.page.writing import page

    return page(audit(folder))
