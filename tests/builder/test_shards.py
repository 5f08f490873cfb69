from __future__ import annotations

import hashlib
import json
import sys
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from datasets import Video, load_dataset
from hypothesis import given, settings
from hypothesis import strategies as st

from equime_builder import shards
from equime_builder.errors import DatasetError, OutputError
from equime_builder.rows import Row
from equime_builder.schema import COLUMN_NAMES, VERSION_KEY, features
from equime_builder.shards import compact, rows_in, write_rows
from tests.samples import byte_row


def rows_of_sizes(sizes: list[int]) -> list[Row]:
    return [byte_row(number, bytes([number % 256]) * size) for number, size in enumerate(sizes)]


@pytest.fixture
def small_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards, "ROW_GROUP_BYTES", 1000)


def test_plain_pyarrow_reads_what_was_written(tmp_path: Path) -> None:
    rows = rows_of_sizes([300, 5, 70_000])
    written = write_rows(tmp_path / "part.parquet", rows)
    data = (tmp_path / "part.parquet").read_bytes()
    assert (written.rows, written.size_bytes) == (3, len(data))
    assert written.sha256 == hashlib.sha256(data).hexdigest()
    table = pq.read_table(tmp_path / "part.parquet")
    assert tuple(table.column_names) == COLUMN_NAMES
    assert table.schema.metadata[VERSION_KEY] == b"1"
    for row, found in zip(rows, table.to_pylist(), strict=True):
        found["recipe"] = json.loads(found["recipe"])
        found["messages"] = [json.loads(message) for message in found["messages"]]
        assert found == row


def loaded(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row as datasets decodes it: its JSON parser reads 1/3 with the last digit lost."""
    return {**row, "recipe": {**row["recipe"], "third": pytest.approx(1 / 3, rel=1e-12)}}


@pytest.mark.parametrize("streaming", [False, True])
def test_datasets_reads_what_was_written(tmp_path: Path, streaming: bool) -> None:
    rows = rows_of_sizes([300, 5, 70_000])
    path = tmp_path / "part.parquet"
    write_rows(path, rows)
    clips = load_dataset(
        "parquet", data_files=str(path), split="train", streaming=streaming, cache_dir=str(tmp_path / "cache")
    )
    assert clips.features == features()
    assert list(clips.cast_column("video", Video(decode=False))) == [loaded(row) for row in rows]


@pytest.mark.usefixtures("small_groups")
def test_row_groups_are_capped_by_video_bytes(tmp_path: Path) -> None:
    write_rows(tmp_path / "part.parquet", rows_of_sizes([400, 400, 400, 1000, 1, 2000, 999, 1]))
    metadata = pq.ParquetFile(tmp_path / "part.parquet").metadata
    found = [metadata.row_group(index).num_rows for index in range(metadata.num_row_groups)]
    # 400+400 | 400 | 1000 | 1 | 2000 alone, over the cap | 999+1
    assert found == [2, 1, 1, 1, 1, 2]


def test_videos_are_stored_plain_and_the_rest_packed(tmp_path: Path) -> None:
    write_rows(tmp_path / "part.parquet", rows_of_sizes([300]))
    group = pq.ParquetFile(tmp_path / "part.parquet").metadata.row_group(0)
    leaves = {group.column(index).path_in_schema: group.column(index) for index in range(group.num_columns)}
    assert leaves["video.bytes"].compression == "UNCOMPRESSED"
    assert "RLE_DICTIONARY" not in leaves["video.bytes"].encodings
    assert not leaves["video.bytes"].is_stats_set
    assert leaves["prompt"].compression == "ZSTD"
    assert leaves["emotion"].is_stats_set
    assert all(leaf.has_offset_index for leaf in leaves.values())


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    rows = rows_of_sizes([10, 700_000, 20])
    assert write_rows(tmp_path / "a", rows) == write_rows(tmp_path / "b", iter(rows))


@pytest.mark.usefixtures("small_groups")
@settings(max_examples=12, deadline=None)
@given(sizes=st.lists(st.integers(1, 1200), min_size=1, max_size=7), data=st.data())
def test_any_partition_into_parts_gives_the_same_shard(sizes: list[int], data: st.DataObject) -> None:
    rows = rows_of_sizes(sizes)
    cuts = data.draw(st.lists(st.integers(0, len(rows)), max_size=4).map(sorted))
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        whole = write_rows(root / "whole", rows)
        parts: list[Path] = []
        for start, stop in pairwise([0, *cuts, len(rows)]):
            parts.append(root / f"part-{len(parts)}")
            write_rows(parts[-1], rows[start:stop])
        assert compact(parts, root / "shard") == whole
        assert (root / "shard").read_bytes() == (root / "whole").read_bytes()


def test_parts_without_rows_make_no_shard(tmp_path: Path) -> None:
    written = write_rows(tmp_path / "part", [])
    assert written.rows == rows_in(tmp_path / "part") == 0
    assert compact([tmp_path / "part"], tmp_path / "shard") is None
    assert not (tmp_path / "shard").exists()


def test_clips_that_were_given_up_since_stay_behind(tmp_path: Path) -> None:
    rows = rows_of_sizes([10, 20, 30, 40])
    write_rows(tmp_path / "all.parquet", rows)
    compact([tmp_path / "all.parquet"], tmp_path / "some.parquet", dropped={rows[1]["id"], rows[3]["id"]})
    write_rows(tmp_path / "these.parquet", [rows[0], rows[2]])
    assert (tmp_path / "some.parquet").read_bytes() == (tmp_path / "these.parquet").read_bytes()


def test_a_damaged_part_makes_no_shard(tmp_path: Path) -> None:
    write_rows(tmp_path / "part", rows_of_sizes([10]))
    data = (tmp_path / "part").read_bytes()
    (tmp_path / "part").write_bytes(data[:-20])
    with pytest.raises(DatasetError, match="part: no readable Parquet file"):
        compact([tmp_path / "part"], tmp_path / "shard")
    with pytest.raises(DatasetError, match="other: no readable Parquet file"):
        compact([tmp_path / "other"], tmp_path / "shard")
    assert [path.name for path in tmp_path.iterdir()] == ["part"]


def test_a_foreign_table_makes_no_shard(tmp_path: Path) -> None:
    write_rows(tmp_path / "part", rows_of_sizes([10]))
    pq.write_table(pq.read_table(tmp_path / "part").drop_columns(["fold"]), tmp_path / "foreign")
    with pytest.raises(DatasetError, match=r"foreign: columns differ .*missing: fold"):
        compact([tmp_path / "foreign"], tmp_path / "shard")


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on file sizes")
def test_a_disk_that_fills_up_while_a_shard_is_written(tmp_path: Path) -> None:
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, before[1]))
    try:
        with pytest.raises(OutputError, match=rf"cannot write {tmp_path}/part: .+; free space or choose another place"):
            write_rows(tmp_path / "part", rows_of_sizes([200_000]))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not list(tmp_path.iterdir())


def test_an_unwritable_place_is_an_output_error(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file, no folder")
    with pytest.raises(OutputError, match="cannot write"):
        write_rows(tmp_path / "data" / "part", rows_of_sizes([10]))
