"""`equime forget`: a person leaves a dataset, or a run that was stopped."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from equime_builder.tables import read_subjects
from equime_builder.verify import verify
from equime_generation.claim import claim, pin_photos
from equime_generation.cli import main
from equime_generation.config import RunConfig
from equime_generation.progress import Tally
from equime_generation.run import render_dataset
from tests.generation.conftest import Ran
from tests.generation.test_claim import person


def command(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as end:
        main([*map(str, words)])
    captured = capsys.readouterr()
    return int(end.value.code or 0), captured.out, " ".join(captured.err.split())


@pytest.fixture
def copy(small_run: Ran, tmp_path: Path) -> Path:
    return Path(shutil.copytree(small_run.out, tmp_path / "equime"))


def test_a_person_leaves_and_the_run_is_still_whole(
    small_run: Ran, copy: Path, people_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (copy / "audit").mkdir()
    (copy / "audit" / "index.html").write_text("3 people")
    for name in ("quality", "attributes"):
        (copy / name).mkdir()
        (copy / name / "clips.csv").write_text("ann-fear-000\n")
    code, out, _ = command(capsys, "forget", copy, "ann", "--json")
    told = json.loads(out)
    assert (code, told["left"]) == (0, [])
    assert {"audit", "quality", "attributes"} <= set(told["removed"])
    assert told["clips"] == len([path for path in told["removed"] if path.startswith(("data/", "spotting/"))])
    assert set(read_subjects(copy / "subjects.parquet")) == {"ben", "cay"}
    assert list(verify(copy)) == []
    assert not (copy / "audit").exists()
    assert not (copy / ".work").exists()
    fewer = Path(shutil.copytree(people_folder, tmp_path / "fewer"))
    (fewer / "P001.jpg").unlink()
    (fewer / "metadata.csv").write_text("file,subject_id\nP002.jpg,ben\nP005.jpg,cay\n")
    again = replace(small_run.config, out=str(copy), faces=f"folder:{fewer}")
    assert render_dataset(again, Tally()).already_whole


def test_files_of_others_that_name_the_person_are_told(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (copy / "notes.csv").write_text("clip\nann-fear-000\n")
    (copy / "more.txt").write_text("annual, joann, ann2")
    code, _, err = command(capsys, "forget", copy, "ann")
    assert code == 1
    assert err.endswith("these name ann still, see to them yourself: notes.csv")
    assert list(verify(copy)) == []


def test_a_call_that_was_killed_is_finished_first(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (copy / ".work").mkdir()
    (copy / ".work" / "forget.json").write_text('{"subject": "ann"}')
    assert command(capsys, "forget", copy, "ben")[0] == 0
    assert set(read_subjects(copy / "subjects.parquet")) == {"cay"}
    assert list(verify(copy)) == []


def test_a_run_that_was_stopped_begins_again_without_the_person(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = RunConfig(out=str(tmp_path / "equime"), clips_per_emotion=2)
    with claim(config) as workspace:
        pin_photos(workspace, [person("ann"), person("ben")])
        for who in ("ann", "ben"):
            workspace.face_path(who).write_bytes(b"a face")
        (workspace.folder / "parts" / "fear-train-00000.parquet").write_bytes(b"a part")
        (workspace.out / "data" / "fear").mkdir(parents=True)
    assert command(capsys, "forget", config.out, "cay")[0] == 2
    code, out, _ = command(capsys, "forget", config.out, "ann")
    assert (code, "begins again" in out) == (0, True)
    assert [path.name for path in (tmp_path / "equime" / ".work" / "faces").iterdir()] == ["ben.npz"]
    assert not any((tmp_path / "equime").rglob("*.parquet"))
    with claim(config) as workspace:
        pin_photos(workspace, [person("ben")])


@pytest.mark.parametrize(
    ("where", "who", "code", "message"),
    [
        ("equime", "bob", 2, "nobody in equime is called 'bob'; choose from: ann, ben, cay"),
        ("elsewhere", "ann", 1, "elsewhere: holds no dataset and no run; name the dataset's folder"),
    ],
)
def test_mistakes_get_one_line(
    copy: Path, where: str, who: str, code: int, message: str, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(copy.parent)
    found, _, err = command(capsys, "forget", where, who)
    assert (found, message in err) == (code, True), err
    assert list(verify(copy)) == []
