from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import numpy as np
import pytest
from datasets import load_dataset

from equime_builder.errors import DatasetError
from equime_builder.flow import SIDE, FlowFrame, join_flow, read_flow, read_frames, reduced, write_flow
from equime_builder.layout import flow_twin, place_of, spotting_split_of
from equime_builder.manifest import entry_of, read_manifest, write_manifest
from equime_builder.streams import stream
from equime_builder.verify import verify

PATH = flow_twin("data/fear/train-00000.parquet")


def frame(clip_id: str, number: int) -> FlowFrame:
    field = stream("tests/flow", clip_id, number).normal(size=(SIDE, SIDE, 2)).astype(np.float16)
    return FlowFrame(clip_id=clip_id, frame=number, field=field)


FRAMES = [frame(clip_id, number) for clip_id in ("a", "b") for number in (60, 61, 62)]


def test_a_reduced_field_is_the_mean_over_blocks() -> None:
    y, x = np.mgrid[0:512, 0:512].astype(np.float32)
    field = np.stack([x / 64, np.where(y < 256, 1.0, -2.0).astype(np.float32)], axis=-1)
    small = reduced(field)
    assert small.shape == (128, 128, 2)
    np.testing.assert_allclose(small[0, :, 0], (4 * np.arange(128) + 1.5) / 64, rtol=1e-3)
    assert set(small[:64, 5, 1]) == {1.0}
    assert set(small[64:, 5, 1]) == {-2.0}


def test_fields_come_back_as_they_were(tmp_path: Path) -> None:
    write_flow(tmp_path / "f.parquet", FRAMES)
    flow = read_flow(tmp_path / "f.parquet", "b")
    assert list(flow) == [60, 61, 62]
    np.testing.assert_array_equal(flow[61], FRAMES[4].field.astype(np.float32))
    assert read_flow(tmp_path / "f.parquet", "c") == {}


def test_joined_parts_are_the_whole_whatever_the_parts(tmp_path: Path) -> None:
    whole = write_flow(tmp_path / "whole.parquet", FRAMES)
    parts = [write_flow(tmp_path / f"{n}.parquet", FRAMES[2 * n : 2 * n + 2]) for n in range(3)]
    empty = write_flow(tmp_path / "empty.parquet", [])
    joined = join_flow([empty, *parts], tmp_path / "joined.parquet")
    assert joined is not None
    assert joined.read_bytes() == whole.read_bytes()
    assert join_flow([empty], tmp_path / "none.parquet") is None
    everybody = {frame.clip_id for part in parts for frame in read_frames(part)}
    assert join_flow(parts, tmp_path / "none.parquet", everybody) is None
    assert not (tmp_path / "none.parquet").exists()


def test_datasets_reads_a_file(tmp_path: Path) -> None:
    path = write_flow(tmp_path / "f.parquet", FRAMES[:2])
    rows = load_dataset("parquet", data_files=str(path), split="train", cache_dir=str(tmp_path / "cache"))
    np.testing.assert_array_equal(np.reshape(rows[1]["field"], (SIDE, SIDE, 2)), FRAMES[1].field)


def test_a_field_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match=r"field must be \(128, 128, 2\) float16, got \(3, 3, 2\) float64"):
        FlowFrame(clip_id="a", frame=1, field=np.zeros((3, 3, 2)))  # type: ignore[arg-type]


def test_other_files_are_refused(tmp_path: Path, tiny_dataset: Path) -> None:
    (tmp_path / "x.parquet").write_bytes(b"no parquet")
    for path in (tmp_path / "x.parquet", tmp_path / "absent.parquet", tiny_dataset / "plan.parquet"):
        with pytest.raises(DatasetError, match="no readable file of true motion"):
            read_flow(path, "a")


def test_verify_looks_at_listed_and_unlisted_files(tiny_dataset: Path, tmp_path: Path) -> None:
    root = tmp_path / "equime"
    shutil.copytree(tiny_dataset, root)
    write_flow(root / PATH, FRAMES)
    assert [(finding.file, finding.rule) for finding in verify(root)] == [(PATH, "unlisted")]
    manifest = read_manifest(root)
    listed = dataclasses.replace(manifest, files=(*manifest.files, entry_of(root, PATH)))
    write_manifest(root, listed)
    assert verify(root) == []
    assert read_manifest(root).clips == manifest.clips
    shutil.copy(root / "subjects.parquet", root / PATH)
    files = (*manifest.files, entry_of(root, PATH))
    write_manifest(root, dataclasses.replace(manifest, files=files))
    assert [(finding.file, finding.rule) for finding in verify(root)] == [(PATH, "unreadable")]


def test_flow_is_no_clip() -> None:
    assert PATH == "flow/fear/train-00000.parquet"
    assert place_of(PATH) is None
    assert spotting_split_of(PATH) is None
