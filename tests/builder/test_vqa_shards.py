"""The configuration vqa: derived from the shards, listed, described, loaded and verified."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datasets import load_dataset

import equime_dataset
from equime_builder import vqa_shards
from equime_builder.errors import DatasetError, DatasetMissingError
from equime_builder.folder import vqa_paths
from equime_builder.layout import place_of, vqa_path, vqa_split_of
from equime_builder.manifest import entry_of, read_manifest, write_manifest
from equime_builder.schema import COLUMNS, features, named
from equime_builder.verify import verify
from equime_builder.vqa import questions_of
from equime_builder.vqa_rows import VQA, VQA_COLUMNS
from equime_builder.vqa_shards import add_vqa, write_vqa

SHARD = vqa_path("train", 0)


@pytest.fixture(scope="module")
def with_questions(tiny_dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny dataset with questions; not to be changed."""
    root = tmp_path_factory.mktemp("vqa") / "equime"
    shutil.copytree(tiny_dataset, root)
    add_vqa(root)
    return root


@pytest.fixture
def dataset(with_questions: Path, tmp_path: Path) -> Path:
    """The same, to be changed."""
    return Path(shutil.copytree(with_questions, tmp_path / "equime"))


def clips(root: Path, split: str) -> dict[str, dict[str, Any]]:
    rows = [row for path in sorted(root.glob(f"data/*/{split}-*")) for row in pq.read_table(path).to_pylist()]
    return {row["id"]: row for row in rows}


def test_paths() -> None:
    assert SHARD == "vqa/train-00000.parquet"
    assert vqa_split_of(SHARD) == "train"
    assert place_of(SHARD) is None, "no pattern of other configurations takes it"
    for path in ("vqa/dev-00000.parquet", "vqa/train.parquet", "vqa/x/train-00000.parquet", "spotting/train-00000"):
        assert vqa_split_of(path) is None


def test_columns_are_those_of_clips_and_the_questions() -> None:
    own = {column.name for column in VQA_COLUMNS} - {column.name for column in COLUMNS}
    assert own == {"questions"}
    for column in named(*(column.name for column in VQA_COLUMNS if column.name not in own)):
        assert features(VQA_COLUMNS)[column.name] == features()[column.name]


def test_every_clip_is_there_once_with_its_video_and_questions(with_questions: Path) -> None:
    for split in ("train", "validation", "test"):
        rows = pq.read_table(with_questions / vqa_path(split, 0)).to_pylist()
        known = clips(with_questions, split)
        assert sorted(row["id"] for row in rows) == sorted(known)
        for row in rows:
            assert row["questions"] == questions_of(known[row["id"]])
            assert row["video"] == known[row["id"]]["video"]
            assert row["apex_frame"] == known[row["id"]]["apex_frame"]


def test_emotions_take_turns(with_questions: Path) -> None:
    labels = pq.read_table(with_questions / SHARD, columns=["emotion"])["emotion"].to_pylist()
    assert labels == [3, 4, 5, 3, 4, 5]


def test_shards_are_cut_by_size_and_others_removed(dataset: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {path: (dataset / path).read_bytes() for path in vqa_paths(dataset)}
    monkeypatch.setattr(vqa_shards, "SHARD_BYTES", 1)
    assert len(write_vqa(dataset)) == len(vqa_paths(dataset)) == 18
    cut = [pq.read_table(dataset / vqa_path("train", number))["id"].to_pylist() for number in range(6)]
    assert [name for names in cut for name in names] == pq.read_table(pa.BufferReader(before[SHARD]))["id"].to_pylist()
    monkeypatch.undo()
    assert sorted(write_vqa(dataset)) == sorted(before)
    assert {path: (dataset / path).read_bytes() for path in vqa_paths(dataset)} == before, "same clips, same bytes"


def test_the_plain_folder_loads(with_questions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(with_questions.parent)
    options: dict[str, Any] = {"cache_dir": str(tmp_path / "cache")}
    rows = load_dataset("./equime", VQA, **options)
    assert rows.num_rows == {"train": 6, "validation": 6, "test": 6}
    assert rows["train"].features == features(VQA_COLUMNS)
    assert rows["train"][0:1]["questions"][0][0]["question"] == "What is the coarse expression class?"
    assert load_dataset("./equime", **options).num_rows == {"train": 6, "validation": 6, "test": 6}


def test_the_registered_builder_loads_streams_and_chooses(with_questions: Path, tmp_path: Path) -> None:
    options: dict[str, Any] = {"data_dir": str(with_questions), "cache_dir": str(tmp_path / "cache")}
    assert load_dataset("equime", VQA, emotions="fear", **options).num_rows == {"train": 2, "validation": 2, "test": 2}
    assert sum(load_dataset("equime", VQA, fold=0, **options).num_rows.values()) == 18
    stream = equime_dataset.load_equime(VQA, split="train", data_dir=with_questions, streaming=True, decode=False)
    row = next(iter(stream))
    assert [record["image_id"] for record in row["questions"]] == [row["id"]] * len(row["questions"])
    assert equime_dataset.frames(row, [row["apex_frame"]]).shape == (1, 512, 512, 3)


def test_the_manifest_lists_and_the_card_describes_it(with_questions: Path, tiny_dataset: Path) -> None:
    manifest = read_manifest(with_questions)
    assert manifest.vqa == {"train": 6, "validation": 6, "test": 6}
    assert manifest.clips == 18, "a clip is counted once"
    assert manifest.config == read_manifest(tiny_dataset).config
    card = (with_questions / "README.md").read_text(encoding="utf-8")
    assert "`anger`, `neutral`, `vqa`." in card
    asked = sum(len(questions_of(row)) for split in manifest.vqa for row in clips(with_questions, split).values())
    assert f"with {asked} questions and their answers" in card
    assert "| `present` | 18 |" in card
    assert verify(with_questions, deep=True) == []
    assert "`vqa`" not in (tiny_dataset / "README.md").read_text(encoding="utf-8")


def test_adding_again_changes_nothing(dataset: Path) -> None:
    before = {path: path.read_bytes() for path in dataset.rglob("*") if path.is_file()}
    add_vqa(dataset)
    assert {path: path.read_bytes() for path in dataset.rglob("*") if path.is_file()} == before


def damage(root: Path, change: Callable[[dict[str, Any]], object]) -> None:
    table = pq.read_table(root / SHARD)
    rows = table.to_pylist()
    change(rows[0])
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), root / SHARD)
    manifest = read_manifest(root)
    write_manifest(root, replace(manifest, files=tuple(entry_of(root, entry.path) for entry in manifest.files)))


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (lambda row: row.update(id="nobody"), "id"),
        (lambda row: row.update(id="anger-t001-00"), "id"),
        (lambda row: row.update(sha256="0" * 64), "clip-hash"),
        (lambda row: row.update(questions=[]), "questions"),
        (lambda row: row.update(questions=None), "questions"),
        (lambda row: row["questions"][0].update(answer=""), "questions"),
        (lambda row: row["questions"][0].update(kind="colour"), "questions"),
        (lambda row: row["questions"][0].update(image_id="another"), "questions"),
        (lambda row: row.update(subject_id="t002"), "split"),
        (lambda row: row.update(num_frames=143), "clip-format"),
    ],
)
def test_verify_finds_damaged_rows(dataset: Path, change: Callable[[dict[str, Any]], object], rule: str) -> None:
    damage(dataset, change)
    assert (SHARD, rule) in [(finding.file, finding.rule) for finding in verify(dataset)]


def test_verify_finds_missing_unlisted_and_incomplete_shards(dataset: Path) -> None:
    (dataset / SHARD).unlink()
    shutil.copy(dataset / vqa_path("test", 0), dataset / vqa_path("test", 1))
    found = {(finding.file, finding.rule) for finding in verify(dataset)}
    assert {(SHARD, "missing"), (vqa_path("test", 1), "unlisted")} <= found
    manifest = read_manifest(dataset)
    write_manifest(dataset, replace(manifest, files=tuple(e for e in manifest.files if e.path != SHARD)))
    assert ("vqa", "questions") in {(finding.file, finding.rule) for finding in verify(dataset)}


def test_a_damaged_shard_or_no_dataset_is_refused(dataset: Path, tmp_path: Path) -> None:
    (dataset / "data/fear/train-00000.parquet").write_bytes(b"no Parquet")
    with pytest.raises(DatasetError, match=r"data/fear/train-00000.parquet: cannot be read.*run equime verify"):
        add_vqa(dataset)
    with pytest.raises(DatasetMissingError, match="no such folder"):
        add_vqa(tmp_path / "none")
