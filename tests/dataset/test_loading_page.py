"""docs/loading.md prints what it says it prints."""

from __future__ import annotations

import doctest
import sys
from pathlib import Path
from types import ModuleType

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "loading.md"


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_every_line_of_the_page_runs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch", reason="install equime[train]")
    monkeypatch.chdir(folder.parent)
    monkeypatch.setitem(sys.modules, "page", ModuleType("page"))  # datasets imports the module of a builder
    result = doctest.testfile(
        str(PAGE), module_relative=False, globs={"__name__": "page"}, optionflags=doctest.ELLIPSIS
    )
    assert result.failed == 0
    assert result.attempted > 20
