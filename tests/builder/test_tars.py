"""Rows as WebDataset shards: the same bytes, the same rows back, what `datasets` reads, and damage."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from contextlib import suppress
from pathlib import Path

import pytest
from datasets import Video, load_dataset
from hypothesis import given, settings
from hypothesis import strategies as st

from equime_builder.errors import DatasetError
from equime_builder.facs import EMOTION_LABELS
from equime_builder.rows import Row
from equime_builder.tars import read_tar, sample_features, samples_in, write_tar
from tests.samples import byte_row


@pytest.fixture
def rows() -> list[Row]:
    return [byte_row(number, bytes([number]) * size) for number, size in enumerate([300, 5, 70_000])]


@pytest.fixture
def shard(rows: list[Row], tmp_path: Path) -> Path:
    write_tar(tmp_path / "train-00000.tar", rows)
    return tmp_path / "train-00000.tar"


def test_rows_come_back_equal(shard: Path, rows: list[Row]) -> None:
    assert list(read_tar(shard)) == rows
    assert samples_in(shard) == 3


def test_plain_tarfile_sees_three_members_a_clip(shard: Path, rows: list[Row]) -> None:
    with tarfile.open(shard) as tar:
        names = [f"{row['id']}.{ending}" for row in rows for ending in ("mp4", "txt", "json")]
        assert tar.getnames() == names
        assert {(member.mtime, member.uid, member.gid, member.mode) for member in tar} == {(0, 0, 0, 0o644)}
        texts = [tar.extractfile(name) for name in names[:3]]
        video, text, fields = (file.read() if file else b"" for file in texts)
    assert video == rows[0]["video"]["bytes"]
    assert text.decode() == rows[0]["prompt"]
    assert json.loads(fields)["emotion"] == EMOTION_LABELS[rows[0]["emotion"]] == "fear"
    assert set(json.loads(fields)) == set(rows[0]) - {"video"}


def test_the_same_rows_give_the_same_bytes(rows: list[Row], shard: Path, tmp_path: Path) -> None:
    written = write_tar(tmp_path / "again.tar", iter(rows))
    data = shard.read_bytes()
    assert written is not None
    assert (written.rows, written.size_bytes, written.sha256) == (3, len(data), hashlib.sha256(data).hexdigest())
    assert (tmp_path / "again.tar").read_bytes() == data


def test_no_rows_make_no_shard(tmp_path: Path) -> None:
    assert write_tar(tmp_path / "x.tar", []) is None
    assert not list(tmp_path.iterdir())


def test_an_id_that_is_a_path_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="an id is made of letters, digits"):
        write_tar(tmp_path / "x.tar", [{**byte_row(1, b"x"), "id": "../x"}])
    assert not list(tmp_path.iterdir())


def test_datasets_reads_typed_rows(shard: Path, rows: list[Row], tmp_path: Path) -> None:
    loaded = load_dataset(
        "webdataset",
        data_files=str(shard),
        split="train",
        features=sample_features(),
        cache_dir=str(tmp_path / "cache"),
    )
    found = list(loaded.cast_column("mp4", Video(decode=False)))
    assert [row["__key__"] for row in found] == [row["id"] for row in rows]
    assert [row["mp4"]["bytes"] for row in found] == [row["video"]["bytes"] for row in rows]
    assert [row["json"]["emotion"] for row in found] == [row["emotion"] for row in rows]
    assert [row["json"]["measured"] is None for row in found] == [True, False, True]


def rewritten(shard: Path, change: dict[str, tuple[str, bytes] | None]) -> Path:
    """Write the shard anew with some members renamed and refilled, or left out."""
    with tarfile.open(shard) as tar:
        found = [(member.name, tar.extractfile(member)) for member in tar.getmembers()]
        members = [(name, file.read() if file else b"") for name, file in found]
    with tarfile.open(shard, "w") as tar:
        for name, data in members:
            replaced = change.get(name, (name, data))
            if replaced is not None:
                member = tarfile.TarInfo(replaced[0])
                member.size = len(replaced[1])
                tar.addfile(member, io.BytesIO(replaced[1]))
    return shard


FIRST = "fear-t000-00"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({f"{FIRST}.json": (f"{FIRST}.json", b"[1]")}, "columns missing or unknown: no object"),
        ({f"{FIRST}.json": (f"{FIRST}.json", b"{")}, "its JSON cannot be read"),
        ({f"{FIRST}.json": (f"{FIRST}.json", b"[" * 100_000)}, "its JSON cannot be read"),
        ({f"{FIRST}.json": (f"{FIRST}.json", b"{}")}, "columns missing or unknown: age"),
        ({f"{FIRST}.txt": None}, "stands where a file <id>.txt should"),
        ({f"{FIRST}.txt": ("other.txt", b"")}, "do not stand together"),
        ({f"{FIRST}.mp4": (f"../{FIRST}.mp4", b"")}, "stands where a file <id>.mp4 should"),
    ],
)
def test_what_is_no_whole_sample_is_refused(
    shard: Path, change: dict[str, tuple[str, bytes] | None], message: str
) -> None:
    with pytest.raises(DatasetError, match=message) as caught:
        list(read_tar(rewritten(shard, change)))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("left", [0, 100, 5000, 60_000])
def test_a_shard_that_is_cut_off_is_refused(shard: Path, left: int) -> None:
    shard.write_bytes(shard.read_bytes()[:left])
    if left:
        with pytest.raises(DatasetError, match=r"train-00000\.tar: no whole WebDataset shard"):
            list(read_tar(shard))
    else:
        with suppress(DatasetError):
            assert list(read_tar(shard)) == []


@settings(max_examples=80)
@given(place=st.integers(0, 90_000), noise=st.binary(min_size=1, max_size=30))
def test_any_damage_is_a_dataset_error(place: int, noise: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    shard = tmp_path_factory.mktemp("noise") / "x.tar"
    write_tar(shard, [byte_row(number, bytes(300)) for number in range(3)])
    data = bytearray(shard.read_bytes())
    start = place % len(data)
    data[start : start + len(noise)] = noise
    shard.write_bytes(data)
    with suppress(DatasetError):
        assert len(list(read_tar(shard))) <= 3
