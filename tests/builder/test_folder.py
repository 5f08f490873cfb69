from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from datasets import load_dataset

from equime_builder.errors import DatasetError
from equime_builder.folder import complete_folder, licence_text
from equime_builder.layout import shard_path
from equime_builder.manifest import Manifest, read_manifest
from equime_builder.shards import write_rows
from equime_builder.tables import read_plans, read_subjects
from tests.samples import byte_row, person


def complete(root: Path) -> Manifest:
    return complete_folder(root, config={}, code_version="1", subjects=[], placements={}, plans={}, rejects=[])


def test_the_folder_holds_what_the_design_names(tiny_dataset: Path) -> None:
    names = {path.relative_to(tiny_dataset).as_posix() for path in tiny_dataset.rglob("*") if path.is_file()}
    shards = {shard_path(emotion, split, 0) for emotion in ("fear", "anger", "neutral")
              for split in ("train", "validation", "test")}  # fmt: skip
    tables = {"plan.parquet", "rejects.parquet", "subjects.parquet"}
    assert names == {"README.md", "LICENSE", "datasheet.md", "croissant.json", "manifest.json"} | tables | shards
    manifest = read_manifest(tiny_dataset)
    assert {entry.path for entry in manifest.files} == tables | shards
    assert {entry.path: entry.rows for entry in manifest.files}["plan.parquet"] == 18
    assert len(list(read_plans(tiny_dataset / "plan.parquet"))) == 18
    assert {placement.split for _, placement in read_subjects(tiny_dataset / "subjects.parquet").values()} == {
        "train", "validation", "test",
    }  # fmt: skip


def test_the_parent_folder_is_all_that_load_dataset_needs(
    tiny_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tiny_dataset.parent)
    clips = load_dataset("equime", "fear", cache_dir=str(tmp_path))
    assert {split: len(rows) for split, rows in clips.items()} == {"train": 2, "validation": 2, "test": 2}
    assert set(clips["train"]["emotion"]) == {3}
    everything = load_dataset(
        "equime", cache_dir=str(tmp_path), filters=[("emotion", "==", 4)], columns=["id", "emotion"]
    )
    assert everything.num_rows == {"train": 2, "validation": 2, "test": 2}


def test_the_same_shards_give_the_same_folder(tmp_path: Path) -> None:
    for name in "ab":
        write_rows(tmp_path / name / shard_path("fear", "train", 0), [byte_row(1, b"abc")])
        complete(tmp_path / name)
    for path in (tmp_path / "a").rglob("*.*"):
        assert path.read_bytes() == (tmp_path / "b" / path.relative_to(tmp_path / "a")).read_bytes()


def test_a_new_shard_enters_the_manifest(tmp_path: Path) -> None:
    write_rows(tmp_path / shard_path("fear", "train", 0), [byte_row(1, b"abc")])
    assert complete(tmp_path).counts == {"fear": {"train": 1}}
    shutil.copy(tmp_path / shard_path("fear", "train", 0), tmp_path / shard_path("fear", "train", 1))
    assert complete(tmp_path).counts == read_manifest(tmp_path).counts == {"fear": {"train": 2}}


def test_a_folder_without_shards_gets_no_manifest(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"no shard under data/.*; render clips first"):
        complete(tmp_path)
    assert not (tmp_path / "manifest.json").exists()


def test_the_licence_names_each_source_once() -> None:
    text = licence_text([person(1), person(2)])
    assert "Attribution-NonCommercial 4.0 International" in text
    assert "https://creativecommons.org/licenses/by-nc/4.0/legalcode" in text
    assert text.count("- test pattern: CC0-1.0\n") == 1


def test_the_licence_is_there_as_a_whole() -> None:
    text = licence_text([person(1)])
    assert [int(number) for number in re.findall(r"^Section (\d) -- ", text, re.M)] == list(range(1, 9))
    assert text.endswith("Creative Commons may be contacted at creativecommons.org.\n")
