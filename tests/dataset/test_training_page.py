"""docs/training.md: its lines print what they say, and its commands run and print lines of the shapes that it shows."""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.dataset.conftest import ROOT, SOURCES
from tests.dataset.hub_server import serving

pytest.importorskip("torch", reason="install equime[train]")
pytest.importorskip("transformers", reason="install equime[train]")

PAGE = ROOT / "docs" / "training.md"


def commands() -> dict[str, list[str]]:
    """Return the page's commands with the lines that each is said to print."""
    blocks = re.findall(r"```console\n\$ (.+?)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return {command: printed.splitlines() for command, printed in blocks}


def shapes(lines: list[str]) -> set[str]:
    """Return lines without numbers, and without what stands behind a colon."""
    return {re.sub(r"[\d.]+", "#", line.partition(": ")[0]) for line in lines if ": What is" not in line}


@pytest.mark.filterwarnings("ignore:.*gradient_checkpointing.*:FutureWarning")
@pytest.mark.filterwarnings("ignore:.*pin_memory.*:UserWarning")
def test_every_line_of_the_page_runs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("trl", reason="install the dev group")
    monkeypatch.chdir(folder.parent)
    result = doctest.testfile(str(PAGE), module_relative=False, optionflags=doctest.ELLIPSIS)
    assert result.failed == 0
    assert result.attempted > 15


def test_every_command_of_the_page_runs(moving: Path, tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "equime").symlink_to(moving)
    (tmp_path / "work" / "examples").symlink_to(ROOT / "examples")
    with serving({"org/equime": moving}) as hub:
        own = {
            "HF_HOME": str(tmp_path / "hf"),
            "HF_ENDPOINT": hub.endpoint,
            "PYTHONPATH": os.pathsep.join(map(str, SOURCES)),
        }
        assert len(commands()) == 4
        for command, shown in commands().items():
            words = [sys.executable, *command.split()[1:]]
            done = subprocess.run(words, cwd=tmp_path / "work", env=os.environ | own, capture_output=True, text=True)
            assert done.returncode == 0, done.stderr
            printed = done.stdout.splitlines()
            assert not shown or shapes(printed) == shapes(shown), command
            check_falling(command, printed)
        opened = {line.rpartition("/")[2] for line, _ in hub.requests if line.endswith(".parquet")}
    assert {"train-00000.parquet", "validation-00000.parquet", "test-00000.parquet"} <= opened


def check_falling(command: str, printed: list[str]) -> None:
    """Check that the tiny model's loss falls by a third in its thirty steps, on what it learnt from and on others."""
    losses = [float(line.split()[-1]) for line in printed if line.startswith("step ")]
    if losses and "--model" not in command:
        before, after = re.findall(r"\d+\.\d+", next(line for line in printed if line.startswith("on people")))
        assert losses[-1] < 0.67 * losses[0]
        assert float(after) < 0.67 * float(before)
