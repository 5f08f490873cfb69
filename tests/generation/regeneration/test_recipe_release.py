"""A release without media becomes the very same dataset where the photos are."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from datasets import load_dataset

import equime_dataset
from equime_builder.digests import sha256_of_file
from equime_builder.errors import DatasetMissingError, UsageError
from equime_builder.recipes import write_recipe_release
from equime_builder.verify import verify
from equime_generation.progress import Tally
from equime_generation.regeneration import Means, regenerate
from equime_generation.run import render_dataset
from tests.generation.conftest import Ran

FEAR = "data/fear/test-00000.parquet"


@pytest.fixture
def release(small_run: Ran, tmp_path: Path) -> Path:
    write_recipe_release(small_run.out, tmp_path / "release")
    return tmp_path / "release"


def shards(root: Path) -> dict[str, str]:
    folders = ("data", "spotting", "flow", "vqa", "gallery")
    files = (path for folder in folders for path in (root / folder).rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): sha256_of_file(path) for path in files}


def test_a_release_is_built_step_by_step_into_the_very_same_dataset(
    small_run: Ran, release: Path, people_folder: Path
) -> None:
    """To save time all shards but one are laid into the release, as if they had been built by earlier calls."""
    for folder in ("data", "spotting", "flow"):
        shutil.copytree(small_run.out / folder, release / folder)
    (release / FEAR).unlink()
    done = regenerate(release, [], Means(sources=(f"folder:{people_folder}",)), Tally())
    assert [(shard.shard, shard.verdict) for shard in done.shards] == [(FEAR, "identical")]
    assert done.is_whole
    assert shards(release) == shards(small_run.out)
    for name in ("README.md", "plan.parquet", "subjects.parquet", "LICENSE", "run.toml"):
        assert sha256_of_file(release / name) == sha256_of_file(small_run.out / name), name
    assert verify(release) == []
    assert not (release / "recipe.json").exists()
    assert not (release / "labels").exists()
    assert equime_dataset.load_equime("fear", split="test", data_dir=release, decode=False)[0]["sha256"]


def test_what_is_not_whole_yet_says_so(small_run: Ran, release: Path) -> None:
    for folder in ("spotting", "flow", "data"):
        shutil.copytree(small_run.out / folder, release / folder)
    (release / "data/fear/train-00000.parquet").write_bytes(b"cut off")
    with pytest.raises(UsageError, match="the photos are needed as well"):
        regenerate(release, [], Means(), Tally())
    assert (release / "recipe.json").exists()
    assert not (release / "manifest.json").exists()


def test_labels_load_without_a_clip(release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")
    rows = load_dataset(str(release), "fear", split="test")
    assert rows.num_rows == 1
    assert "video" not in rows.column_names
    assert rows[0]["measured"]["correlation"] > 0.8
    assert load_dataset(str(release), "spotting", split="test")[0]["events"]
    assert load_dataset(str(release), split="train").num_rows == 2


def test_a_release_is_not_taken_for_data_and_says_what_to_do(release: Path, small_run: Ran) -> None:
    with pytest.raises(DatasetMissingError, match=r"is a recipe release without clips; make them with `equime regener"):
        equime_dataset.load_equime("fear", data_dir=release)
    (finding,) = verify(release)
    assert "a recipe release, which holds no clips" in finding.detail
    with pytest.raises(UsageError, match="is a recipe release; make its clips with equime regenerate"):
        render_dataset(replace(small_run.config, out=str(release)), Tally())


def test_a_release_is_the_same_bytes_each_time(small_run: Ran, release: Path, tmp_path: Path) -> None:
    write_recipe_release(small_run.out, tmp_path / "again")
    write_recipe_release(small_run.out, release)
    found = [
        {path.relative_to(root).as_posix(): sha256_of_file(path) for path in root.rglob("*") if path.is_file()}
        for root in (release, tmp_path / "again")
    ]
    assert found[0] == found[1]
    assert not [path for path in release.rglob("*") if path.is_file() and b"broken.jpg" in path.read_bytes()]
