"""docs/add_an_au.md and docs/add_a_renderer.md: their code runs, and what they name is there."""

from __future__ import annotations

import doctest
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from equime_builder.facs import AU_NAMES
from equime_generation import programmes
from equime_generation.causal import plan_clips
from equime_generation.renderers import RENDERERS, RendererKind
from equime_generation.renderers.warp.units import UNITS

if TYPE_CHECKING:
    from equime_generation.faces import Face

ROOT = Path(__file__).resolve().parents[2]
PAGES = {name: ROOT / "docs" / f"{name}.md" for name in ("add_an_au", "add_a_renderer")}


def run(name: str, **known: Any) -> int:
    result = doctest.testfile(str(PAGES[name]), module_relative=False, globs=known)
    assert result.failed == 0
    return result.attempted


def test_a_unit_is_added(default_face: Face) -> None:
    assert 16 not in UNITS, "take another unit for the page"
    try:
        assert run("add_an_au", face=default_face) >= 10
    finally:
        UNITS.pop(16, None)


def test_a_renderer_is_added(default_face: Face, monkeypatch: pytest.MonkeyPatch) -> None:
    page = ModuleType("flicker_page")
    page.load = lambda: space["Flicker"]()  # type: ignore[attr-defined]
    space: dict[str, Any] = {"face": default_face}
    (plan,) = plan_clips({"fear": [default_face.subject.id]}, design="independent", seed=0)
    space["plan"] = plan
    monkeypatch.setitem(sys.modules, "flicker_page", page)
    monkeypatch.setitem(RENDERERS, "flicker", RendererKind(factory="flicker_page:load"))
    text = PAGES["add_a_renderer"].read_text(encoding="utf-8")
    test = doctest.DocTestParser().get_doctest(text, space, "page", None, 0)
    test.globs = space  # not a copy: the table finds the class there
    runner = doctest.DocTestRunner()
    runner.run(test, clear_globs=False)
    assert (runner.failures, runner.tries >= 7) == (0, True)


@pytest.mark.parametrize("name", PAGES)
def test_every_file_that_a_page_names_is_there(name: str) -> None:
    text = PAGES[name].read_text(encoding="utf-8")
    files = re.findall(r"`((?:builder|generation|evaluation|tests|docs)/[\w/]+\.py)`", text)
    files += re.findall(r"(?<= )tests/[\w/]+(?:\.py)?", text)
    assert files
    for file in files:
        assert (ROOT / file).exists(), file


def test_the_tables_that_a_unit_enters_are_those_of_the_page() -> None:
    text = PAGES["add_an_au"].read_text(encoding="utf-8")
    assert 16 not in AU_NAMES
    for name in ("COMBINATIONS", "ONE_SIDED_AUS", "FLOOR_OF"):
        assert hasattr(programmes, name)
        assert f"`{name}`" in text
