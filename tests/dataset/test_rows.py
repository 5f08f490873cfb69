"""Frames of rows, decoded or not, and batches."""

from __future__ import annotations

from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from datasets import load_dataset

from equime_builder.decode import decode_frames
from equime_builder.errors import MediaError
from equime_dataset import collate, event_frames, frames, load_equime
from tests.dataset.plain_reading import ids


@pytest.mark.parametrize("streaming", [False, True])
def test_undecoded_rows_hold_the_files_bytes(home: Path, streaming: bool) -> None:
    row = next(iter(load_equime("fear", split="test", streaming=streaming, decode=False)))
    assert row["video"]["bytes"][4:8] == b"ftyp"
    assert frames(row).shape == (144, 512, 512, 3)
    assert np.array_equal(frames(row["video"], [62]), decode_frames(row["video"]["bytes"], [62]))


def test_all_splits_and_lists_of_splits(home: Path) -> None:
    assert set(load_equime("fear", decode=False)) == {"train", "validation", "test"}
    parts = load_equime("fear", split=["train", "test"], decode=False, columns=["id"])
    assert [part.num_rows for part in parts] == [2, 2]


def test_torchcodec_decodes_rows_to_the_same_frames(home: Path) -> None:
    pytest.importorskip("torchcodec", reason="install equime[train]")
    row = load_dataset(str(home), "fear", split="test")[0]
    raw = load_equime("fear", split="test", decode=False)[0]
    assert row["video"].get_frames_in_range(0, 144).data.shape == (144, 3, 512, 512)
    assert type(load_equime("fear", split="test")[0]["video"]) is type(row["video"])
    assert np.array_equal(frames(row, [0, 62]), frames(raw, [0, 62]))
    assert np.array_equal(frames(row["video"], [0], layout="TCHW")[0], row["video"][0].numpy())


@pytest.mark.parametrize("video", [{"bytes": None, "path": "/etc/hostname"}, {"video": None}, "clip.mp4", b""])
def test_what_holds_no_bytes_is_refused(video: Any) -> None:
    with pytest.raises(MediaError, match="no video bytes"):
        frames(video)


def test_event_frames() -> None:
    assert event_frames({"onset_frame": 60, "apex_frame": 62, "offset_frame": 65}) == (60, 62, 65)
    assert event_frames({"onset_frame": None, "apex_frame": None, "offset_frame": None}) == (36, 72, 108)


def test_batches_are_plain_tensors(home: Path) -> None:
    torch = pytest.importorskip("torch", reason="install equime[train]")
    rows = list(load_equime("fear", split="test", streaming=True, decode=False))
    batch = collate(rows, size_px=32)
    assert batch["frames"].shape == (2, 3, 3, 32, 32)
    assert batch["frames"].dtype == torch.uint8
    assert torch.equal(batch["emotion"], torch.tensor([3, 3]))
    assert batch["au_intensity"].dtype == torch.float32
    assert batch["au_intensity"].tolist() == [row["au_intensity"] for row in rows]
    apex = frames(rows[0], [rows[0]["apex_frame"]], layout="TCHW", size_px=32)[0]
    assert np.array_equal(batch["frames"][0, 1].numpy(), apex)
    assert collate(rows, indices=[5], size_px=16)["frames"].shape == (2, 1, 3, 16, 16)


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # Python 3.12 warns; torch forks
@pytest.mark.parametrize("streaming", [False, True])
def test_loader_workers_make_batches(home: Path, streaming: bool) -> None:
    torch = pytest.importorskip("torch", reason="install equime[train]")
    rows = load_equime("fear", split="test", streaming=streaming, decode=False)
    loader = torch.utils.data.DataLoader(
        rows, batch_size=2, num_workers=1, collate_fn=collate, multiprocessing_context="fork"
    )
    (batch,) = loader
    assert batch["frames"].shape == (2, 3, 3, 512, 512)


def test_spawned_workers_read_streams(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USE_TORCH", "0")  # saves the worker an import
    stream = load_equime("fear", split="test", streaming=True, decode=False)
    with get_context("spawn").Pool(1) as pool:
        assert pool.apply(ids, (stream,)) == ids(stream)
