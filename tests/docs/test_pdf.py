"""`make pdf` prints every page of the documentation, with an outline and page numbers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.browser import MISSING, found

pytest.importorskip("material", reason="install the group dev")
pypdf = pytest.importorskip("pypdf", reason="install the group dev")

DOCS = Path(__file__).resolve().parents[2] / "docs"
FEWEST_PICTURES = 18  # one a unit


def titles(outline: list[Any]) -> list[str]:
    """Return the titles of an outline, whatever their level."""
    return [title for item in outline for title in (titles(item) if isinstance(item, list) else [item.title])]


def letters(text: str) -> str:
    """Return a text without what a line break in the paper changes."""
    return re.sub(r"[\s`]", "", text)


def test_every_page_is_printed(tmp_path: Path) -> None:
    if found() is None:
        pytest.skip(MISSING)
    from docs.make_pdf import make_pdf

    paper = pypdf.PdfReader(make_pdf(tmp_path / "equime.pdf"))
    outline = {letters(title) for title in titles(paper.outline)}
    pages = [page.extract_text() for page in paper.pages]
    text = letters("".join(pages))
    for page in DOCS.glob("*.md"):
        (title,) = re.findall(r"\A# (.+)$", page.read_text(encoding="utf-8"), flags=re.M)
        assert letters(title) in outline, page.name
        assert letters(title) in text, page.name
    assert "load_equime" in text
    assert all(f"Page{number}" in letters(page) for number, page in enumerate(pages, start=1))
    assert sum(len(page.images) for page in paper.pages) >= FEWEST_PICTURES
