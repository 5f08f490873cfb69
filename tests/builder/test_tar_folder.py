"""Folders with WebDataset shards, beside Parquet or alone: counted, described, loaded, verified."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from datasets import load_dataset
from huggingface_hub import DatasetCard

import equime_dataset
from equime_builder.folder import complete_folder, shard_paths
from equime_builder.layout import PLAN_FILE, parquet_twin, place_of, tar_path, tar_place_of, tar_twin
from equime_builder.manifest import entry_of, read_manifest, write_manifest
from equime_builder.reading import read_rows
from equime_builder.tables import read_plans, read_shards, read_subjects
from equime_builder.tars import read_tar, sample_features, write_tar
from equime_builder.verify import verify

SHARD = tar_path("fear", "train", 0)


def with_tars(tiny_dataset: Path, root: Path, *, tar_only: bool) -> Path:
    shutil.copytree(tiny_dataset, root)
    for path in shard_paths(root):
        write_tar(root / tar_twin(path), read_rows(root / path))
    people = read_subjects(root / "subjects.parquet")
    complete_folder(
        root,
        config=read_manifest(root).config,
        code_version="0.1.0",
        subjects=[subject for subject, _ in people.values()],
        placements={who: placement for who, (_, placement) in people.items()},
        plans={
            shard: list(read_plans(root / PLAN_FILE, shards=[shard]))
            for shard in dict.fromkeys(read_shards(root / PLAN_FILE).values())
        },
        rejects=[],
        tar_only=tar_only,
    )
    return root


@pytest.fixture(scope="module")
def both(tiny_dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Not to be changed."""
    return with_tars(tiny_dataset, tmp_path_factory.mktemp("both") / "equime", tar_only=False)


@pytest.fixture(scope="module")
def alone(tiny_dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Not to be changed."""
    return with_tars(tiny_dataset, tmp_path_factory.mktemp("alone") / "equime", tar_only=True)


def damaged(root: Path, rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Write other rows into a shard, list them, and return what verify says of it."""
    write_tar(root / SHARD, rows)
    manifest = read_manifest(root)
    files = [entry_of(root, SHARD) if entry.path == SHARD else entry for entry in manifest.files]
    write_manifest(root, replace(manifest, files=tuple(files)))
    return [(finding.rule, finding.detail) for finding in verify(root, deep=True) if finding.file == SHARD]


def test_twins() -> None:
    for path in ("data/fear/train-00000.parquet", "spotting/test-00001.parquet"):
        assert parquet_twin(tar_twin(path)) == path
    assert tar_place_of("webdataset/spotting/test-00001.tar") == ("spotting", "test")
    for wrong in (
        "webdataset/joy/train-00000.tar",
        "webdataset/fear/dev-00000.tar",
        "webdataset/fear/train.tar",
        SHARD + "x",
    ):
        assert tar_place_of(wrong) is None
    assert place_of(SHARD) is None, "no pattern of the Parquet configurations takes it"


def test_each_clip_counts_once(both: Path, alone: Path, tiny_dataset: Path) -> None:
    plain = read_manifest(tiny_dataset)
    for root, tar_only in ((both, False), (alone, True)):
        manifest = read_manifest(root)
        assert manifest.is_tar_only == tar_only
        assert (manifest.clips, manifest.counts) == (plain.clips, plain.counts)
        assert len(manifest.tars) == 9
        assert bool(manifest.shards) != tar_only
        assert (root / "data").exists() != tar_only


def test_both_kinds_of_folder_are_whole(both: Path, alone: Path) -> None:
    assert verify(both, deep=True) == []
    assert verify(alone, deep=True) == []


def test_the_cards_describe_them(both: Path, alone: Path) -> None:
    cards = [DatasetCard.load(root / "README.md") for root in (both, alone)]
    for card in cards:
        assert "hold 18 clips as tar files" in card.text
        assert "18 synthetic video clips" in card.text
    assert "clips of the Parquet files once more" in cards[0].text
    configs = [{config["config_name"]: config for config in card.data.to_dict()["configs"]} for card in cards]
    assert configs[0]["all"]["data_files"][0]["path"] == "data/*/train-*.parquet"
    assert configs[1]["fear"]["data_files"][0]["path"] == ["webdataset/fear/train-*.tar"]
    assert list(configs[0]) == list(configs[1]) == ["all", "fear", "anger", "neutral"]


def test_a_tar_only_folder_loads_plainly_and_by_name(alone: Path, tmp_path: Path) -> None:
    options: dict[str, Any] = {"cache_dir": str(tmp_path / "cache")}
    plain = load_dataset(str(alone), "fear", **options)
    assert plain.num_rows == {"train": 2, "validation": 2, "test": 2}
    assert plain["train"].features == sample_features()
    rows = equime_dataset.load_equime("fear", split="train", data_dir=alone, decode=False, **options)
    (first, _) = read_tar(alone / SHARD)
    assert rows[0]["json"]["caption"] == first["caption"]
    assert rows[0]["txt"] == first["prompt"]
    assert equime_dataset.frames(rows[0], [62]).shape == (1, 512, 512, 3)
    assert load_dataset(str(alone), **options).num_rows == {"train": 6, "validation": 6, "test": 6}


def test_streams_read_either_kind(both: Path, alone: Path) -> None:
    options: dict[str, Any] = {"split": "all", "columns": ["id"], "decode": False}
    expected = [sample["id"] for sample in equime_dataset.stream_equime(data_dir=both, **options)]
    assert [sample["id"] for sample in equime_dataset.stream_equime(data_dir=alone, **options)] == expected
    tar = equime_dataset.stream_equime(data_dir=both, format="webdataset", **options)
    assert [sample["id"] for sample in tar] == expected
    assert len(expected) == 18


def test_tar_samples_that_differ_from_their_twins_are_found(both: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(both, tmp_path / "equime"))
    first, second = read_tar(root / SHARD)
    other = {**second, "sha256": "0" * 64}
    assert ("twin", "holds 1 clips, data/fear/train-00000.parquet has 2") in damaged(root, [first])
    assert any(
        rule == "twin" and "has another video than in" in detail for rule, detail in damaged(root, [first, other])
    )
    stranger = {**first, "id": "fear-t009-00"}
    assert any(rule == "twin" and "is not in data/fear" in detail for rule, detail in damaged(root, [first, stranger]))


def test_tar_samples_alone_are_checked_as_rows_are(alone: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(alone, tmp_path / "equime"))
    first, second = read_tar(root / SHARD)
    rules = {rule for rule, _ in damaged(root, [first, {**second, "emotion": 4, "fps": 25.0}])}
    assert {"emotion", "clip-format"} <= rules
    cut = {**second, "video": {**second["video"], "bytes": second["video"]["bytes"][:900]}}
    assert "clip-hash" in {rule for rule, _ in damaged(root, [first, cut])}
    assert "id" in {rule for rule, _ in damaged(root, [first, first])}


def test_a_tar_file_that_is_cut_off_or_unlisted_is_found(alone: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(alone, tmp_path / "equime"))
    shutil.copy(root / SHARD, root / tar_path("fear", "train", 1))
    (root / SHARD).write_bytes((root / SHARD).read_bytes()[:5000])
    found = {(finding.file, finding.rule) for finding in verify(root)}
    assert {(SHARD, "size"), (SHARD, "tar"), (tar_path("fear", "train", 1), "unlisted")} <= found
