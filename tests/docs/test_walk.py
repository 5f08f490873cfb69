"""README's walk to a trained baseline: five commands, each of which there is, on Windows too."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from benchmarks.kept import read_kept
from benchmarks.walk import commands, section
from equime_generation.cli import main
from equime_generation.config import RunConfig

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib  # type: ignore[import-not-found, no-redef]

ROOT = Path(__file__).resolve().parents[2]


def test_five_commands_lead_to_a_trained_baseline() -> None:
    lines = re.findall(r"^\$ (.+)$", section(), flags=re.M)
    assert len(lines) == 5
    assert [line.split()[0] for line in lines] == ["python3", ".", "pip", "equime", "equime"]
    assert not re.search(r"[&|;<>'$]", "".join(lines[2:]))  # what other shells read differently
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    (named,) = re.findall(r'^pip install "\.\[([\w,]+)\]"$', lines[2])
    assert set(named.split(",")) <= set(extras)


def test_what_is_rendered_is_what_is_trained_on_and_what_the_demo_renders() -> None:
    render, train = commands()
    assert render == ["render", "--clips-per-emotion", str(RunConfig().clips_per_emotion), "--out", "equime"]
    assert train[train.index("--data") + 1] == "equime:equime"


def test_the_baseline_is_better_than_chance() -> None:
    figure = read_kept()["walk.uf1"]
    assert figure.low is not None
    assert figure.low > figure.facts["chance_high"]


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_the_last_command_ends_with_a_page(
    tiny_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for module in ("torch", "cv2"):
        pytest.importorskip(module, reason="install equime[render,train]")
    from tests.docs.test_commands import a_face_everywhere

    monkeypatch.setattr("equime_generation.cli.train.face_finder", a_face_everywhere)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    shutil.copytree(tiny_dataset, tmp_path / "equime")
    with pytest.raises(SystemExit) as left:
        main([*commands()[1], "--epochs", "1"])
    assert left.value.code in (None, 0)
    (page,) = re.findall(r"look at it:\s+(\S+)", capsys.readouterr().out)
    assert page in section().replace("`", " ").split()
    assert (tmp_path / page).read_text(encoding="utf-8").startswith("<!doctype html>")
