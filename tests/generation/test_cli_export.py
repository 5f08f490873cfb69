"""`equime export` says what it did, and its errors in one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from equime_generation.cli import main


def run(*words: object) -> int:
    with pytest.raises(SystemExit) as left:
        main(["export", *map(str, words)])
    return left.value.code if isinstance(left.value.code, int) else 0


def test_what_was_exported_is_told(tiny_dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = (tiny_dataset, "--format", "casme2", "--out", tmp_path / "out", "--split", "train, test")
    assert run(*words) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "is whole: 8 clips (anger 4, fear 4)" in shown
    assert "left out: 4 clips without an expression, for which casme2 has no place" in shown
    assert "NOTICE.txt" in shown
    assert run(*words) == 0
    assert "was whole already" in " ".join(capsys.readouterr().out.split())


def test_json_is_one_document(tiny_dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert run(tiny_dataset, "--format", "folder", "--out", out, "--emotions", "fear", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {
        "out": str(out),
        "format": "folder",
        "clips": {"fear": 6},
        "left_out": 0,
        "held_back": 0,
        "already_whole": False,
    }


def test_wrong_usage_is_one_line_and_code_2(
    tiny_dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tiny_dataset, "--format", "avi", "--out", tmp_path / "out") == 2
    told = " ".join(capsys.readouterr().err.split())
    assert "format 'avi' is unknown; choose from: folder, casme2" in told
    assert "Traceback" not in told
    (tmp_path / "mine.txt").touch()
    assert run(tiny_dataset, "--format", "folder", "--out", tmp_path) == 2
    assert "holds something that is no export of EquiME" in " ".join(capsys.readouterr().err.split())


def test_a_folder_without_a_dataset_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, "--format", "folder", "--out", tmp_path / "out") == 1
    assert "manifest.json" in capsys.readouterr().err
