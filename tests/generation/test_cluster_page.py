"""docs/cluster.md: each command is one that there is, and does what the page says."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest

from equime_generation.cli import main
from tests.generation.conftest import Ran

ROOT = Path(__file__).resolve().parents[2]
LINES = re.findall(r"^\$ (.*)$", (ROOT / "docs" / "cluster.md").read_text(encoding="utf-8"), re.M)


def commands_of(program: str) -> list[list[str]]:
    return [shlex.split(line)[1:] for line in LINES if line.startswith(f"{program} ")]


def test_ray_takes_the_commands_for_its_nodes() -> None:
    pytest.importorskip("ray", reason="install equime[ray]")
    from ray.scripts.scripts import cli

    commands = commands_of("ray")
    assert [words[0] for words in commands] == ["start", "start"]
    for words in commands:
        assert not cli.commands[words[0]].make_context("ray", words[1:]).args


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_every_run_of_the_page_is_the_same_run(
    small_run: Ran, people_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(people_folder, tmp_path / "my_photos")
    shutil.copytree(small_run.out, tmp_path / "mine")
    monkeypatch.chdir(tmp_path)
    before = {path: path.read_bytes() for path in (tmp_path / "mine").rglob("*") if path.is_file()}
    runs = commands_of("equime")
    assert [words[-2:] for words in runs] == [["--address", "10.0.0.1:6379"], ["--shard", "3/16"]]
    for words in runs:  # with the settings of the small run they find their work done
        with pytest.raises(SystemExit) as end:
            main(words)
        assert end.value.code in (0, None)
    assert before == {path: path.read_bytes() for path in (tmp_path / "mine").rglob("*") if path.is_file()}


def test_the_array_starts_the_script_with_the_options_of_a_run() -> None:
    ((array, script, *words),) = commands_of("sbatch")
    assert array == "--array=1-16"
    assert (ROOT / script).is_file()  # tests/generation/test_array_job.py starts it
    assert words == commands_of("equime")[1][1:-2]
