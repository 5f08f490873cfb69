import json
import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from equime_builder.errors import OutputError, UsageError
from equime_builder.records import Demographics, Subject
from equime_generation.claim import claim, pin_photos, room_for
from equime_generation.config import RunConfig
from equime_generation.renderers.ltx.settings import LtxSettings


def config_in(out: Path, **changes: object) -> RunConfig:
    return replace(RunConfig(out=str(out), clips_per_emotion=2), **changes)  # type: ignore[arg-type]


def person(name: str, digest: str = "0" * 64) -> Subject:
    return Subject(
        id=name, demographics=Demographics(), source="openpeople", source_sha256=digest, source_license="MIT"
    )


def test_a_new_folder_is_claimed_and_named(tmp_path: Path) -> None:
    config = config_in(tmp_path / "deep" / "set")
    with claim(config) as workspace:
        kept = json.loads((workspace.folder / "run.json").read_text())
    assert kept == {"fingerprint": config.fingerprint, "recipe": config.recipe}


def test_the_same_run_goes_on(tmp_path: Path) -> None:
    with claim(config_in(tmp_path)):
        pass
    with claim(config_in(tmp_path, workers=7)):
        pass


def test_another_run_is_refused(tmp_path: Path) -> None:
    with claim(config_in(tmp_path)):
        pass
    with (
        pytest.raises(UsageError, match=r"other settings \(seed 0 there, 1 here\); .* choose another --out"),
        claim(config_in(tmp_path, seed=1)),
    ):
        pass


def test_a_batch_size_that_the_memory_chose_is_named(tmp_path: Path) -> None:
    settings = LtxSettings(model="org/name", revision="0" * 40, batch_size=8)
    with claim(config_in(tmp_path, renderer="ltx", ltx=settings)):
        pass
    with (
        pytest.raises(UsageError, match=r"other settings \(ltx\.batch_size 8 there, 4 here\)"),
        claim(config_in(tmp_path, renderer="ltx", ltx=replace(settings, batch_size=4))),
    ):
        pass


def test_two_runs_at_once_are_refused(tmp_path: Path) -> None:
    with (
        claim(config_in(tmp_path)),
        pytest.raises(UsageError, match="another run is at work"),
        claim(config_in(tmp_path)),
    ):
        pass


def test_a_strange_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(UsageError, match="holds something that is no EquiME dataset"), claim(config_in(tmp_path)):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    path = tmp_path / "equime"
    path.write_text("x")
    with pytest.raises(UsageError, match="must be a folder"), claim(config_in(path)):
        pass


@pytest.mark.skipif(os.name != "posix", reason="paths of POSIX")
def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    # root may write everywhere but into the process table
    with (
        pytest.raises(OutputError, match=r"cannot be written: .*; choose another --out"),
        claim(config_in(Path("/proc/equime"))),
    ):
        pass


def test_a_full_disk_is_seen_before_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type("Usage", (), {"free": 1_000_000})
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    with (
        pytest.raises(OutputError, match=r"needs about 0\.0 GB .* disk has 0\.0 GB; make room"),
        claim(config_in(tmp_path)),
    ):
        pass


@pytest.mark.parametrize(
    ("changes", "copies"),
    [
        ({}, 3),  # parts, shards, questions
        ({"with_vqa": False}, 2),
        ({"format": "webdataset"}, 3),  # no questions, and shards only until the tar files stand
        ({"format": "both"}, 4),
    ],
)
def test_room_is_asked_for_all_that_stands_side_by_side(changes: dict[str, Any], copies: int) -> None:
    config = RunConfig(emotions=("fear", "anger"), clips_per_emotion=50, spotting_clips=20, **changes)
    assert room_for(config) == copies * 120 * 300_000
    assert room_for(replace(config, with_flow=True)) == copies * 120 * 550_000


def test_leftovers_of_a_killed_run_are_swept(tmp_path: Path) -> None:
    with claim(config_in(tmp_path)) as workspace:
        leftover = workspace.folder / "parts" / ".fear-train-00000.parquet.1-ab.part"
        leftover.write_bytes(b"half")
    with claim(config_in(tmp_path)):
        assert not leftover.exists()


def test_photos_are_pinned(tmp_path: Path) -> None:
    with claim(config_in(tmp_path)) as workspace:
        pin_photos(workspace, [person("a"), person("b")])
        pin_photos(workspace, [person("b"), person("a")])
        for others in ([person("a")], [person("a"), person("b", "1" * 64)], [person("a"), person("b"), person("c")]):
            with pytest.raises(UsageError, match=r"not those that .* was begun with: [bc] changed, vanished or joined"):
                pin_photos(workspace, others)
