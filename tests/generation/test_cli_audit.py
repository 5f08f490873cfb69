import json
import shutil
from pathlib import Path

import pytest

from equime_generation.cli import main


@pytest.fixture
def dataset(tiny_dataset: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_dataset, tmp_path / "equime"))


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(["audit", *words])
    return left.value.code if isinstance(left.value.code, int) else 0


def test_json_is_one_document_with_all_that_was_found(dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(str(dataset), "--json", "--resamples", "100") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["people"], found["clips_planned"], found["clips_accepted"]) == (3, 18, 18)
    assert found["repeats"]["resamples"] == 100
    assert {item["attribute"] for item in found["planned"]} == {
        "gender",
        "skin tone band",
        "age group",
        "main ethnicity",
    }
    true = [gap for gap in found["gaps"] if gap["outcome"] == "true motion (interocular)"]
    assert {(gap["first"], gap["second"], gap["difference"]) for gap in true} >= {("female", "male", 0.0)}
    assert Path(found["page"]).read_text(encoding="utf-8").startswith("<!doctype html>")


def test_tables_name_groups_and_limits(dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(str(dataset), "--resamples", "100") == 0
    shown = capsys.readouterr().out
    assert "3 people, 18 planned clips, 18 accepted" in shown
    assert "gender: female" in shown
    assert "strongest of 4 AUs" in shown
    assert "- There are 3 people." in shown
    assert "audit/index.html" in shown.replace("\n", "")


def test_a_folder_without_a_dataset_fails_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(str(tmp_path)) == 1
    assert "holds no manifest.json" in capsys.readouterr().err


def test_too_few_resamples_are_wrong_usage(dataset: Path) -> None:
    assert run(str(dataset), "--resamples", "3") == 2
