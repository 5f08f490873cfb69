"""``load_equime(render="missing")`` makes what is not there; nothing else ever renders."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import equime_dataset
from equime_builder.digests import sha256_of_file
from equime_builder.errors import DatasetMissingError, UsageError
from equime_builder.manifest import read_manifest
from equime_builder.recipes import write_recipe_release
from equime_generation import on_demand
from equime_generation.progress import Tally
from tests.generation.conftest import Ran

FEAR = "data/fear/test-00000.parquet"


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """What would be rendered, in place of rendering it."""
    calls: list[tuple[str, Any]] = []
    monkeypatch.setattr(on_demand, "render_dataset", lambda config, watch: calls.append(("render", config)))
    monkeypatch.setattr(on_demand, "extend_dataset", lambda config, watch: calls.append(("extend", config)))
    monkeypatch.setattr(on_demand, "regenerate", lambda root, words, means, watch: calls.append(("again", means)))
    return calls


def test_a_lost_shard_is_made_again_and_loads(small_run: Ran, people_folder: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(small_run.out, tmp_path / "equime"))
    (copy / FEAR).unlink()
    faces = f"folder:{people_folder}"
    rows = equime_dataset.load_equime("fear", split="test", data_dir=copy, decode=False, render="missing", faces=faces)
    assert rows.num_rows == 1
    assert sha256_of_file(copy / FEAR) == sha256_of_file(small_run.out / FEAR)


def test_a_folder_that_is_not_there_is_rendered(tmp_path: Path, asked: list[tuple[str, Any]]) -> None:
    on_demand.make_missing(tmp_path / "new", "fear", faces=None, watch=Tally())
    on_demand.make_missing(tmp_path / "new", "all", faces="folder:x", watch=Tally())
    (_, fear), (_, whole) = asked
    assert (fear.out, fear.emotions, fear.faces) == (str(tmp_path / "new"), ("fear",), "openpeople")
    assert (len(whole.emotions), whole.faces) == (6, "folder:x")


def test_an_emotion_that_is_not_there_is_added_with_the_settings_of_the_dataset(
    small_run: Ran, asked: list[tuple[str, Any]]
) -> None:
    on_demand.make_missing(small_run.out, "anger", faces="folder:y", watch=Tally())
    ((what, config),) = asked
    assert what == "extend"
    expected = replace(small_run.config, out=str(small_run.out), faces="folder:y", emotions=("anger",), workers=0)
    assert config == expected


def test_what_is_there_is_left_alone(small_run: Ran, asked: list[tuple[str, Any]]) -> None:
    for name in ("fear", "all", "spotting", "vqa"):
        on_demand.make_missing(small_run.out, name, faces=None, watch=Tally())
    assert asked == []
    assert read_manifest(small_run.out).clips


def test_a_recipe_release_is_built(small_run: Ran, tmp_path: Path, asked: list[tuple[str, Any]]) -> None:
    write_recipe_release(small_run.out, tmp_path / "release")
    with pytest.raises(DatasetMissingError):  # nothing was built: regenerate is replaced here
        on_demand.make_missing(tmp_path / "release", "fear", faces="celeba-hq:z", watch=Tally())
    assert [(what, means.sources) for what, means in asked] == [("again", ("celeba-hq:z",))]


def test_plain_loading_never_renders(small_run: Ran, tmp_path: Path, asked: list[tuple[str, Any]]) -> None:
    with pytest.raises(DatasetMissingError):
        equime_dataset.load_equime("fear", data_dir=tmp_path / "new")
    with pytest.raises(UsageError, match="nothing is rendered without render='missing'"):
        equime_dataset.load_equime("fear", data_dir=small_run.out, faces="openpeople")
    with pytest.raises(UsageError, match="path='org/equime' is not local; pull it first"):
        equime_dataset.load_equime("fear", path="org/equime", render="missing")
    assert asked == []
