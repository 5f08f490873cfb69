"""Layouts of whole videos, read with the readers that they are made for."""

from __future__ import annotations

import json
import tarfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from equime_builder.export import export_dataset
from equime_builder.layout import shard_path, tar_path
from equime_builder.reading import read_rows
from equime_builder.tars import sample_features, write_tar


def test_the_published_folder_layout(dataset: Path, staircase: bytes, tmp_path: Path) -> None:
    exported = export_dataset(dataset, tmp_path, format="folder")
    assert exported.left_out == 0
    root = tmp_path / "ME-VLM/emotion_categories"
    videos = {path.relative_to(root).as_posix() for path in root.rglob("*.mp4")}
    assert videos == {
        "happiness/f_007_001.mp4",
        "happiness/f_007_002.mp4",
        "surprise/f_007_001.mp4",
        "anger/u_bea_001.mp4",
        "neutral/u_bea_001.mp4",
        "fear/x_cem_001.mp4",
    }
    for name in videos:
        path = root / name
        assert path.read_bytes() == staircase
        found = json.loads((path.parent / "metadata" / f"{path.stem}_metadata.json").read_text(encoding="utf-8"))
        assert found["video"] == path.name
        assert found["emotion"] == path.parent.name


def test_the_metadata_hold_what_the_published_description_promises(dataset: Path, tmp_path: Path) -> None:
    export_dataset(dataset, tmp_path, format="folder")
    (path,) = tmp_path.rglob("x_cem_001_metadata.json")
    found = json.loads(path.read_text(encoding="utf-8"))
    assert (found["id"], found["split"], found["fold"], found["emotion_3class"]) == ("dread", "test", 2, "negative")
    assert found["demographics"]["gender"] == "nonbinary"
    technical = found["technical"]
    assert (technical["duration_s"], technical["frame_count"], technical["fps"]) == (6.0, 144, 24.0)
    size_bytes = technical["file_size_bytes"]
    assert size_bytes == (path.parents[1] / found["video"]).stat().st_size
    assert technical["bitrate_kbps"] == pytest.approx(8 * size_bytes / 6 / 1000)
    assert found["generation"]["random_seed"] == 2**62
    assert found["generation"]["configuration"]["nested"] == {"list": [1, None, "ü"]}
    assert set(found["quality"]) >= {"psnr", "ssim", "tv", "brisque", "clip_iqa"}
    assert set(found["quality"].values()) == {None}, "what was not measured is null"
    assert found["prompt"]["muscle_movements"] == "nothing moves"
    (unit,) = found["action_units"]["aus"]
    assert (unit["au"], unit["side"], unit["level"], unit["apex_frame"]) == (20, "right", "B", 112)


def test_mevqa_has_the_challenge_s_records(dataset: Path, staircase: bytes, tmp_path: Path) -> None:
    export_dataset(dataset, tmp_path, format="mevqa")
    records = {
        path.stem.removeprefix("me_vqa_equime_"): [json.loads(line) for line in path.read_text().splitlines()]
        for path in tmp_path.glob("*.jsonl")
    }
    assert set(records) == {f"{kind}{split}" for kind in ("", "truth_") for split in ("train", "validation", "test")}
    fields = ["id", "dataset", "image_id", "subject", "filename", "question", "answer"]
    assert {tuple(record) for record in records["train"] + records["truth_validation"]} == {tuple(fields)}
    assert {tuple(record) for record in records["test"]} == {(*fields, "onset_frame", "offset_frame")}
    assert {(one["onset_frame"], one["offset_frame"]) for one in records["test"]} == {(110, 115)}
    asked = {one["question"]: one["answer"] for one in records["test"]}
    assert asked["What is the coarse expression class?"] == "negative"
    assert asked["What is the fine-grained expression class?"] == "fear"
    assert asked["What is the action unit?"] == "lip stretcher"
    assert asked["Is the action unit lip stretcher located on the left or right face?"] == "right"
    assert Counter(one["answer"] for one in records["test"] if " shown on the face?" in one["question"]) == {
        "yes": 1,
        "no": 1,
    }
    ids = [one["id"] for group in records.values() for one in group]
    assert len(set(ids)) == len(ids)
    for one in (one for group in records.values() for one in group):
        assert (tmp_path / "videos" / f"{one['filename']}.mp4").read_bytes() == staircase
        assert one["filename"] == one["image_id"]


def test_webdataset_shards_are_those_of_render(dataset: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    export_dataset(dataset, out, format="webdataset")
    rows = list(read_rows(dataset / shard_path("happiness", "train", 0)))
    write_tar(tmp_path / "direct.tar", rows)
    shard = out / tar_path("happiness", "train", 0)
    assert shard.read_bytes() == (tmp_path / "direct.tar").read_bytes()
    with tarfile.open(shard) as tar:
        names = tar.getnames()
    assert names == [f"joy-{number}.{ending}" for number in (1, 2) for ending in ("mp4", "txt", "json")]


def test_the_webdataset_package_reads_the_shards(dataset: Path, staircase: bytes, tmp_path: Path) -> None:
    readers = pytest.importorskip("webdataset.tariterators", reason="install equime's group bench")
    export_dataset(dataset, tmp_path, format="webdataset")
    samples = []
    for shard in tmp_path.rglob("*.tar"):
        with shard.open("rb") as stream:  # the package leaves the files that it opens itself open
            samples += readers.group_by_keys(readers.tar_file_expander([{"url": str(shard), "stream": stream}]))
    assert sorted(sample["__key__"] for sample in samples) == ["dread", "joy-1", "joy-2", "rage", "rest", "startle"]
    for sample in samples:
        assert sample["mp4"] == staircase
        fields = json.loads(sample["json"])
        assert sample["txt"].decode() == fields["prompt"]
        assert fields["id"] == sample["__key__"]


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_datasets_reads_webdataset_shards(dataset: Path, tmp_path: Path) -> None:
    from datasets import Video, load_dataset

    export_dataset(dataset, tmp_path, format="webdataset")
    files = {"train": [str(path) for path in sorted((tmp_path / "webdataset").rglob("train-*.tar"))]}
    loaded: Any = load_dataset(
        "webdataset", data_files=files, split="train", features=sample_features(), streaming=True
    )
    found = {row["__key__"]: row["json"] for row in loaded.cast_column("mp4", Video(decode=False))}
    assert {name: row["apex_frame"] for name, row in found.items()} == {"joy-1": 32, "joy-2": 42, "startle": 99}


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_datasets_reads_the_videofolder(dataset: Path, staircase: bytes, tmp_path: Path) -> None:
    from datasets import Video, load_dataset

    out = tmp_path / "out"
    export_dataset(dataset, out, format="videofolder")
    loaded: Any = load_dataset("videofolder", data_dir=str(out), cache_dir=str(tmp_path / "cache"))
    assert {split: part.num_rows for split, part in loaded.items()} == {"train": 3, "validation": 2, "test": 1}
    rows = {row["id"]: row for part in loaded.values() for row in part.cast_column("video", Video(decode=False))}
    assert {row["subject_id"] for row in rows.values()} == {"007", "bea", "cem"}
    assert {name: row["action_units"] for name, row in rows.items()} == {
        "joy-1": "12C", "joy-2": "L12B", "startle": "1C+2C", "rage": "A4C+7C", "rest": "", "dread": "R20B",
    }  # fmt: skip
    assert [rows["rest"][name] for name in ("onset_frame", "apex_frame", "offset_frame")] == [None] * 3
    assert [rows["rage"][name] for name in ("onset_frame", "apex_frame", "offset_frame")] == [60, 62, 65]
    assert rows["rest"]["gender"] is None
    assert rows["dread"]["seed"] == 2**62
    assert {Path(row["video"]["path"]).read_bytes() for row in rows.values()} == {staircase}
