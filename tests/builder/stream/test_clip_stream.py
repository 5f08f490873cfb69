"""What a stream yields, against the rows that were written and against plain decoding."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from equime_builder.decode import decode_frames
from equime_builder.errors import UsageError
from equime_builder.facs import EMOTION_LABELS
from equime_builder.rows import Row
from equime_builder.sampling import frame_indices
from equime_builder.stream import reading
from equime_builder.stream.chunks import Chunk, LazyRow
from equime_builder.stream.parquet_shard import ParquetShard
from equime_builder.stream.samples import DEFAULT_COLUMNS, FrameChoice
from tests.builder.stream.conftest import OpenClips


def ids(samples: Any) -> list[str]:
    return [sample["id"] for sample in samples]


@pytest.mark.parametrize("format", ["parquet", "webdataset"])
def test_samples_are_the_rows_with_their_frames(open_clips: OpenClips, clip_rows: list[Row], format: str) -> None:
    stream = open_clips(format=format, columns=None)
    by_id = {row["id"]: row for row in clip_rows}
    samples = list(stream)
    assert len(stream) == len(samples) == 200
    assert sorted(ids(samples)) == sorted(by_id)
    for sample in samples[::7]:
        row = by_id[sample["id"]]
        assert set(sample) == {*DEFAULT_COLUMNS, "frames", "frame_indices"}
        event = {name: row[name] for name in ("onset_frame", "apex_frame", "offset_frame")}
        expected = frame_indices("event", 2, num_frames=144, **event, clip_id=row["id"])
        assert np.array_equal(sample["frame_indices"], expected)
        frames = decode_frames(row["video"]["bytes"], expected, layout="TCHW", size_px=32)
        assert np.array_equal(sample["frames"], frames)
        assert sample["frames"].mean() == pytest.approx(int(row["id"].rpartition("-")[2]), abs=3)
        assert np.array_equal(sample["au_intensity"], np.float32(row["au_intensity"]))


def test_both_formats_give_the_same_whole_rows(open_clips: OpenClips, clip_rows: list[Row]) -> None:
    parquet, tar = (
        list(open_clips(format=format, columns=None, frames=None, shuffle=False))
        for format in ("parquet", "webdataset")
    )
    shown = [
        row for label in sorted({row["emotion"] for row in clip_rows}) for row in clip_rows if row["emotion"] == label
    ]
    assert tar == shown
    for found, row in zip(parquet, shown, strict=True):
        assert found == {**row, "au_intensity": pytest.approx(row["au_intensity"], rel=1e-6)}


def test_shuffling_mixes_and_repeats(open_clips: OpenClips) -> None:
    first, again, other = (ids(open_clips(seed=seed, frames=None)) for seed in (1, 1, 2))
    plain = ids(open_clips(frames=None, shuffle=False))
    assert first == again != other
    assert sorted(first) == sorted(other) == sorted(plain)
    emotions = [name.partition("-")[0] for name in first[:40]]
    assert min(emotions.count("fear"), emotions.count("anger")) >= 8, "the first window holds both emotions"


def test_epochs_count_up_by_themselves(open_clips: OpenClips) -> None:
    stream = open_clips(frames=None)
    passes = [ids(stream) for _ in range(2)]
    assert stream.epoch == 2
    assert passes[0] != passes[1]
    stream.set_epoch(0)
    assert ids(stream) == passes[0]
    peeked = next(iter(stream))
    assert peeked["id"] == next(iter(stream))["id"] == passes[1][0], "a look spends nothing"


def test_rows_are_chosen_by_emotion_and_fold(open_clips: OpenClips, clip_rows: list[Row]) -> None:
    anger = EMOTION_LABELS.index("anger")
    wanted = sorted(row["id"] for row in clip_rows if row["emotion"] == anger)
    assert sorted(ids(open_clips(frames=None, emotions="anger"))) == wanted
    assert sorted(ids(open_clips(frames=None, name="anger"))) == wanted
    for format in ("parquet", "webdataset"):
        held_out = open_clips(frames=None, fold=2, split="test", format=format)
        assert sorted(ids(held_out)) == sorted(row["id"] for row in clip_rows if row["fold"] == 2)
        kept = open_clips(frames=None, fold=2, emotions=("anger", "surprise"), format=format)
        assert sorted(ids(kept)) == [name for name in wanted if int(name.rpartition("-")[2]) % 5 != 2]
    assert len(open_clips(aus=[4, 7])) == 100, "fear moves AU 1 and 2 as well"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": "joy"}, "configuration 'joy' is unknown; choose from: all, happiness"),
        ({"split": "dev"}, "split 'dev' is unknown"),
        ({"split": "test"}, "no parquet shard of 'all', split 'test'; the folder has: anger train, fear train"),
        ({"name": "vqa"}, "no parquet shard of 'vqa'"),
        ({"fold": 7, "split": "test"}, "fold '7' is unknown"),
        ({"fold": 1, "split": "validation"}, "choose from: train, test"),
        ({"emotions": "joy"}, "emotion 'joy' is unknown"),
        ({"aus": []}, "no row is left to read"),
        ({"columns": ["idd"]}, "column 'idd' is unknown"),
        ({"format": "zip"}, "format 'zip' is unknown"),
        ({"on_error": "ignore"}, "on_error 'ignore' is unknown"),
        ({"buffer_rows": 0}, "buffer_rows must be 1 or more"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_read(
    open_clips: OpenClips, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        open_clips(**options)


@pytest.mark.parametrize(
    "options", [{"count": 0}, {"how": "some"}, {"size_px": 0}, {"layout": "HWC"}, {"backend": "x"}]
)
def test_frames_that_cannot_be_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        FrameChoice(**options)


def test_nodes_and_workers_share_an_epoch(open_clips: OpenClips) -> None:
    stream = open_clips(frames=None)
    parts = [ids(stream.split_by_node(rank, 3)) for rank in range(3)]
    assert sorted(map(len, parts)) == [66, 67, 67]
    assert sorted(name for part in parts for name in part) == sorted(ids(stream))
    with pytest.raises(UsageError, match="rank must be within 0 to 2, got 3"):
        stream.split_by_node(3, 3)


def test_the_rank_of_torch_distributed_is_the_node(open_clips: OpenClips, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="install equime[train]")
    if not torch.distributed.is_available() or sys.platform == "win32":
        pytest.skip("torch.distributed is not there")
    torch.distributed.init_process_group("fake", rank=1, world_size=2, store=_fake_store())
    try:
        found = ids(open_clips(frames=None))
    finally:
        torch.distributed.destroy_process_group()
    assert found == ids(open_clips(frames=None).split_by_node(1, 2))


def _fake_store() -> Any:
    from torch.testing._internal.distributed.fake_pg import FakeStore

    return FakeStore()


def test_a_look_at_the_first_samples_reads_few_of_the_files(
    open_clips: OpenClips, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    load = ParquetShard.load

    def counted(shard: ParquetShard, chunk: Chunk, columns: Sequence[str]) -> Sequence[LazyRow]:
        read.append(chunk.number)
        return load(shard, chunk, columns)

    monkeypatch.setattr(ParquetShard, "load", counted)
    assert len(list(islice(open_clips(frames=None), 8))) == 8
    assert len(read) <= 8


def test_open_decoders_and_chunks_are_bounded(open_clips: OpenClips, monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[int] = []
    most: list[int] = []
    load = reading.Reader.load

    def counted(reader: reading.Reader, chunk: int) -> Any:
        held.append(chunk)
        most.append(len(reader._idle))
        return load(reader, chunk)

    monkeypatch.setattr(reading.Reader, "load", counted)
    assert len(list(open_clips(frames=None))) == 200
    assert len(held) == len(set(held)), "each chunk is read once"
    assert max(most) <= reading.OPEN_SHARDS


def test_samples_by_number(open_clips: OpenClips, clip_rows: list[Row]) -> None:
    indexed = open_clips().indexed()
    order = ids(open_clips(frames=None, shuffle=False))
    assert len(indexed) == 200
    assert indexed[150]["id"] == order[150]
    assert ids(indexed.__getitems__([-1, 0, 77])) == [order[-1], order[0], order[77]]
    with pytest.raises(IndexError, match="no row 200; rows are numbered 0 to 199"):
        indexed[200]


def test_an_iteration_that_is_given_up_leaves_no_thread(open_clips: OpenClips) -> None:
    before = threading.active_count()
    samples: Iterator[Any] = iter(open_clips())
    next(samples)
    assert threading.active_count() > before
    samples.close()  # type: ignore[attr-defined]
    assert threading.active_count() == before
