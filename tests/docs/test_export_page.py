"""docs/export.md: its commands run, print what it says they print, and it names every format."""

from __future__ import annotations

import doctest
import re
import shlex
from pathlib import Path

import pytest

from equime_builder.export import FORMATS
from equime_generation.cli import main

PAGE = Path(__file__).resolve().parents[2] / "docs" / "export.md"
TEXT = PAGE.read_text(encoding="utf-8")


def test_every_format_stands_there() -> None:
    assert re.findall(r"^\| `(\w+)` \|", TEXT, re.M) == list(FORMATS)


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_every_line_of_the_page_runs(tiny_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("openpyxl", reason="install equime[sheets]")
    (tmp_path / "equime").symlink_to(tiny_dataset)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")
    commands = re.findall(r"^\$ equime (.+)$", TEXT, re.M)
    assert len(commands) == len(FORMATS)
    for command in commands:
        with pytest.raises(SystemExit) as left:
            main(shlex.split(command))
        assert left.value.code in (None, 0), command
    result = doctest.testfile(str(PAGE), module_relative=False, optionflags=doctest.ELLIPSIS)
    assert result.failed == 0
    assert result.attempted > 9
