"""Damaged rows and shards: named and raised, or named, counted and left out; never a trace of something else."""

from __future__ import annotations

import io
import logging
import shutil
import tarfile
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equime_builder import decode
from equime_builder.errors import DatasetError, EquimeError, MediaError
from equime_builder.folder import complete_folder
from equime_builder.layout import shard_path, tar_path
from equime_builder.rows import Row
from equime_builder.shards import write_rows
from equime_builder.stream import ClipStream, open_stream
from equime_builder.stream.folder import Folder
from equime_builder.stream.samples import FrameChoice, sample_maker
from equime_builder.stream.source import list_source
from equime_builder.tars import write_tar
from tests.builder.stream.conftest import FRAMES, OpenClips

WriteFolder = Callable[[list[Row]], Path]


@pytest.fixture
def write_folder(tmp_path: Path) -> WriteFolder:
    def written(rows: list[Row]) -> Path:
        root = tmp_path / "equime"
        write_rows(root / shard_path("fear", "train", 0), rows)
        complete_folder(root, config={}, code_version="1", subjects=[], placements={}, plans={}, rejects=[])
        return root

    return written


def with_video(row: Row, data: bytes) -> Row:
    return {**row, "video": {"bytes": data, "path": row["video"]["path"]}}


def mpeg2(path: Path, frames: int) -> bytes:
    """Return a video of another codec than promised, with so many frames."""
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("mpeg2video", rate=24)
        stream.width = stream.height = 32
        stream.pix_fmt = "yuv420p"
        container.start_encoding()
        for _ in range(frames):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")))
        container.mux(stream.encode())
    return path.read_bytes()


def damaged(kind: str, data: bytes, scratch: Path) -> bytes:
    videos: dict[str, Callable[[], bytes]] = {
        "cut off": lambda: data[: len(data) // 2],
        "no video at all": lambda: b"<html>not found</html>",
        "empty": lambda: b"",
        "fewer frames than the row says": lambda: mpeg2(scratch / "short.mp4", 12),
        "no frame": lambda: mpeg2(scratch / "none.mp4", 0),
    }
    return videos[kind]()


@pytest.mark.parametrize("kind", ["cut off", "no video at all", "empty", "fewer frames than the row says", "no frame"])
def test_a_damaged_video_is_named_or_left_out(
    kind: str, clip_rows: list[Row], write_folder: WriteFolder, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rows = clip_rows[:5]
    # written by a program that checks less than ours
    bad = with_video(rows[3], damaged(kind, rows[3]["video"]["bytes"], tmp_path))
    root = write_folder([*rows[:3], bad, rows[4]])
    with pytest.raises(MediaError, match=r"^data/fear/train-00000.parquet, row 3: [^\n]+$"):
        list(open_stream(Folder(str(root)), frames=FRAMES))
    with caplog.at_level(logging.WARNING, logger="equime"):
        stream = open_stream(Folder(str(root)), frames=FRAMES, on_error="skip")
        assert [sample["id"] for sample in stream] == [row["id"] for row in [*rows[:3], rows[4]]]
    assert stream.skipped == 1
    assert "row left out: data/fear/train-00000.parquet, row 3: " in caplog.text
    with pytest.raises(MediaError, match=r"train-00000\.parquet, row 3"):
        stream.indexed()[3]
    assert stream.indexed()[4]["id"] == rows[4]["id"]


def test_another_codec_is_decoded_all_the_same(clip_rows: list[Row], write_folder: WriteFolder, tmp_path: Path) -> None:
    root = write_folder([with_video(clip_rows[0], mpeg2(tmp_path / "whole.mp4", 144))])
    (sample,) = open_stream(Folder(str(root)), frames=FRAMES)
    assert sample["frames"].shape == (2, 3, 32, 32)


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_workers_report_damage_without_a_trace(
    clip_rows: list[Row], write_folder: WriteFolder, caplog: pytest.LogCaptureFixture
) -> None:
    pytest.importorskip("torch", reason="install equime[train]")
    root = write_folder([*clip_rows[:3], with_video(clip_rows[3], b""), with_video(clip_rows[4], b"x")])
    with pytest.raises(MediaError, match=r"^data/fear/train-00000.parquet, row 3: [^\n]+$"):
        list(open_stream(Folder(str(root)), frames=FRAMES).loader(batch_size=2, num_workers=1))
    stream = open_stream(Folder(str(root)), frames=FRAMES, on_error="skip")
    batches = list(stream.loader(batch_size=2, num_workers=2))
    assert sorted(name for batch in batches for name in batch["id"]) == [row["id"] for row in clip_rows[:3]]
    assert stream.skipped == 2
    assert stream.epoch == 1, "the epoch ends although rows were left out"


@pytest.fixture
def folder(clips: Path, tmp_path: Path) -> Path:
    """The two hundred clips, to be damaged."""
    return Path(shutil.copytree(clips, tmp_path / "equime"))


SHARDS = {"parquet": shard_path("fear", "train", 1), "webdataset": tar_path("fear", "train", 1)}


@pytest.mark.parametrize("format", SHARDS)
@pytest.mark.parametrize("left", [0, 200, 50_000])
def test_a_shard_that_is_cut_off(
    format: str, left: int, folder: Path, open_clips: OpenClips, caplog: pytest.LogCaptureFixture
) -> None:
    path = folder / SHARDS[format]
    path.write_bytes(path.read_bytes()[:left])
    with pytest.raises(DatasetError, match=rf"^{SHARDS[format]}: [^\n]+ (fetch or write it|fetch or render it) again$"):
        open_clips(root=folder, format=format)
    stream = open_clips(root=folder, format=format, on_error="skip")
    assert f"shard left out: {SHARDS[format]}: " in caplog.text
    assert len(list(stream)) == 150


def test_a_shard_that_is_damaged_inside_loses_a_row_group(folder: Path, open_clips: OpenClips) -> None:
    path = folder / SHARDS["parquet"]
    data = bytearray(path.read_bytes())
    data[8:3000] = bytes(2992)
    path.write_bytes(data)
    with pytest.raises(
        DatasetError, match=rf"^{SHARDS['parquet']}, row \d+: {SHARDS['parquet']}: row group 0 cannot be read"
    ):
        list(open_clips(root=folder))
    stream = open_clips(root=folder, on_error="skip")
    assert len(list(stream)) == 200 - stream.skipped
    assert 0 < stream.skipped <= 10


def test_a_shard_that_vanishes_is_said(folder: Path, open_clips: OpenClips) -> None:
    stream = open_clips(root=folder)
    (folder / SHARDS["parquet"]).unlink()
    with pytest.raises(FileNotFoundError, match=r"train-00001.parquet: no such file"):
        list(stream)


def test_a_sample_without_its_video_is_a_damaged_row(folder: Path, open_clips: OpenClips, clip_rows: list[Row]) -> None:
    path = folder / SHARDS["webdataset"]
    write_tar(path, clip_rows[50:53])
    with tarfile.open(path) as tar:
        members = [(member, tar.extractfile(member)) for member in tar.getmembers()]
        contents = [(member, file.read() if file else b"") for member, file in members]
    with tarfile.open(path, "w") as tar:
        for member, data in contents:
            if member.name != f"{clip_rows[51]['id']}.mp4":
                tar.addfile(member, io.BytesIO(data))
    with pytest.raises(MediaError, match=rf"^{SHARDS['webdataset']}, row 1: no video bytes"):
        list(open_clips(root=folder, format="webdataset", shuffle=False))
    stream = open_clips(root=folder, format="webdataset", on_error="skip")
    assert (len(list(stream)), stream.skipped) == (152, 1)


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("onset_frame", "28", "no whole number"),
        ("num_frames", 2.5, "no whole number"),
        ("au_intensity", "x", "no vector"),
    ],
)
def test_rows_of_a_tar_file_are_of_any_type_and_named(
    column: str, value: object, reason: str, folder: Path, open_clips: OpenClips, clip_rows: list[Row]
) -> None:
    write_tar(folder / SHARDS["webdataset"], [clip_rows[50], {**clip_rows[51], column: value}])
    choice = FrameChoice(how="event", count=3)
    with pytest.raises(DatasetError, match=rf"^{SHARDS['webdataset']}, row 1: the row's {column} is {reason}"):
        list(open_clips(root=folder, format="webdataset", shuffle=False, frames=choice, columns=["id", "au_intensity"]))


def test_links_and_paths_in_a_tar_file_lead_nowhere(folder: Path, open_clips: OpenClips, clip_rows: list[Row]) -> None:
    path = folder / SHARDS["webdataset"]
    write_tar(path, clip_rows[50:52])
    with tarfile.open(path, "a") as tar:
        for name, kind in (("x.mp4", tarfile.SYMTYPE), ("../../y.json", tarfile.LNKTYPE), ("z.mp4", tarfile.CHRTYPE)):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, "/etc/hostname"
            tar.addfile(member)
    assert len(list(open_clips(root=folder, format="webdataset"))) == 152


@settings(max_examples=60)
@given(place=st.integers(0, 400_000), noise=st.binary(min_size=1, max_size=40))
def test_any_damage_to_a_shard_is_an_equime_error(
    place: int, noise: bytes, clips: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    for path in SHARDS.values():
        data = bytearray((clips / path).read_bytes())
        start = place % len(data)
        data[start : start + len(noise)] = noise
        root = tmp_path_factory.mktemp("noise")
        (root / path).parent.mkdir(parents=True)
        (root / path).write_bytes(data)
        shutil.copy(clips / "manifest.json", root)

        with suppress(EquimeError):
            source = list_source(Folder(str(root)), [path])
            maker = sample_maker(source.columns, columns=["id"], frames=None, seed=0)
            assert len(list(ClipStream(source, maker, on_error="skip"))) <= 60


def test_a_decoder_that_is_not_installed_is_replaced_and_that_is_said_once(
    open_clips: OpenClips, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(decode._MODULES, "decord", "decord_that_nobody_has")
    decode._found_backend.cache_clear()
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        samples = list(open_clips(frames=FrameChoice(count=2, size_px=32, backend="decord")))
    decode._found_backend.cache_clear()
    assert len(samples) == 200
    assert [str(warning.message) for warning in told if warning.category is RuntimeWarning] == [
        "decord cannot be imported here (No module named 'decord_that_nobody_has'); pyav decodes instead"
    ]


def test_states_of_other_streams_are_refused(open_clips: OpenClips) -> None:
    state = open_clips(frames=None).state_dict()
    others: list[dict[str, Any]] = [{"seed": 1}, {"buffer_rows": 41}, {"shuffle": False}, {"emotions": "fear"}]
    for change in others:
        with pytest.raises(EquimeError, match="that of another stream"):
            open_clips(frames=None, **change).load_state_dict(state)
    open_clips(frames=FRAMES, columns=["id", "seed"]).load_state_dict(state)
