"""docs/your_photos.md: every command and line on it runs, on the small run that other tests look at."""

from __future__ import annotations

import doctest
import re
import shlex
import shutil
from pathlib import Path

import datasets
import pytest

from equime_generation.cli import main
from tests.generation.conftest import Ran

PAGE = Path(__file__).resolve().parents[2] / "docs" / "your_photos.md"
TEXT = PAGE.read_text(encoding="utf-8")


def equime(capsys: pytest.CaptureFixture[str], line: str) -> str:
    with pytest.raises(SystemExit) as end:
        main(shlex.split(line))
    captured = capsys.readouterr()
    assert end.value.code in (0, None), captured.err
    return captured.out + captured.err


def test_the_table_is_that_of_the_photos(people_folder: Path) -> None:
    (table,) = re.findall(r"```csv\n(.*?)```", TEXT, re.S)
    assert table == (people_folder / "metadata.csv").read_text()


def test_every_command_runs(
    small_run: Ran,
    people_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    shutil.copytree(people_folder, tmp_path / "my_photos")
    shutil.copytree(small_run.out, tmp_path / "mine")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    plan, render, verify, audit = re.findall(r"^\$ equime (.*)$", TEXT, re.M)
    assert "3 subjects" in equime(capsys, plan)
    before = {path: path.read_bytes() for path in (tmp_path / "mine").rglob("*") if path.is_file()}
    equime(capsys, render)  # the page's settings are those of the small run, so it finds its work done
    assert before == {path: path.read_bytes() for path in (tmp_path / "mine").rglob("*") if path.is_file()}
    assert "mine is whole" in equime(capsys, verify)
    assert "3 people" in equime(capsys, audit)
    result = doctest.testfile(str(PAGE), module_relative=False)
    assert (result.failed, result.attempted) == (0, 2)
