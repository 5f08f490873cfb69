"""The documentation builds without a warning, loads nothing from elsewhere, and takes pages that are new."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser import NARROW, WIDE, Scheme, chromium_or_skip, complaints, look, violations

ROOT = Path(__file__).resolve().parents[2]
NEW = ("ltx.md", "zebra.md")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, with one page that `docs/.nav.yml` names and one that it does not."""
    pytest.importorskip("material", reason="install the group dev")
    place = tmp_path_factory.mktemp("site")
    shutil.copytree(ROOT / "docs", place / "docs", ignore=shutil.ignore_patterns("__pycache__"))
    for name in NEW:
        if not (place / "docs" / name).exists():
            (place / "docs" / name).write_text(f"# A page called {name}\n")
    shutil.copy(ROOT / "mkdocs.yml", place)
    for source in ("builder", "evaluation", "generation", "equime_dataset.py"):
        (place / source).symlink_to(ROOT / source)
    # not --quiet: it hides warnings from --strict as well
    words = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(place / "site")]
    quiet = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "DISABLE_MKDOCS_2_WARNING": "true"}
    done = subprocess.run(words, cwd=place, env=quiet, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return place / "site"


def test_every_page_is_there_and_in_the_navigation(site: Path) -> None:
    pages = {path.relative_to(ROOT / "docs").with_suffix(".html").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    text = (site / "index.html").read_text(encoding="utf-8")
    for page in pages | {name.replace(".md", ".html") for name in NEW}:
        assert (site / page).is_file()
        assert f'href="{page}"' in text or page == "index.html", page
    assert not list(site.rglob("*.py"))


def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    loads = re.compile(r"""<(?:script|img|link|iframe|source)[^>]+(?:src|href)=["']?(?:https?:)?//""")
    for path in site.rglob("*.html"):
        assert not loads.search(path.read_text(encoding="utf-8")), path.name
    for path in site.rglob("*.css"):
        assert not re.search(r"url\(['\"]?(?:https?:)?//|@import", path.read_text(encoding="utf-8")), path.name


def test_the_reference_holds_docstrings(site: Path) -> None:
    text = (site / "reference" / "builder.html").read_text(encoding="utf-8")
    assert "What a dataset folder holds." in text
    assert "16 hex digits that name the configuration." in text
    text = (site / "reference" / "index.html").read_text(encoding="utf-8")
    assert "load_equime" in text
    text = (site / "reference" / "generation.html").read_text(encoding="utf-8")
    examples = re.sub("<[^>]+>", "", text)
    assert '&gt;&gt;&gt; [photo.subject_id for photo in open_source("openpeople")][:2]' in examples, "code, not text"


def test_pages_are_for_everybody(site: Path) -> None:
    """Prose, a page of code and one of signatures; no page has kinds of parts that these lack."""
    wanted: list[tuple[tuple[int, int], Scheme]] = [(WIDE, "light"), (NARROW, "dark")]
    with chromium_or_skip() as browser:
        for name in ("index.html", "training.html", "add_an_au.html", "reference/index.html"):
            for size, scheme in wanted:
                look(browser, site / name, size=size, scheme=scheme)
                browser.execute_script("localStorage.clear()")  # which keeps the scheme that was seen first
                look(browser, site / name, size=size, scheme=scheme)
                assert violations(browser) == [], (name, scheme)
                assert complaints(browser) == [], name
                assert browser.execute_script("return document.documentElement.scrollWidth <= innerWidth"), name


@pytest.mark.parametrize("page", sorted(path.name for path in (ROOT / "docs").glob("*.md")))
def test_links_lead_to_files_of_the_project(page: str) -> None:
    text = re.sub(r"```.*?```|`[^`\n]*`", "", (ROOT / "docs" / page).read_text(encoding="utf-8"), flags=re.S)
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
        if not re.match(r"https?:|mailto:", target):
            found = (ROOT / "docs" / target).resolve()
            assert found.is_relative_to(ROOT), target
            assert found.exists(), target


def test_no_marker_is_unfilled() -> None:
    for path in [*(ROOT / "docs").rglob("*.md"), ROOT / "CITATION.cff"]:
        found = re.findall(r"\bTODO\b|\bTBD\b|\bFIXME\b|\bXXX\b|lorem ipsum|More Information", path.read_text("utf-8"))
        assert not found, path.name
