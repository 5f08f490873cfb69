from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equime_builder.digests import fingerprint
from equime_builder.errors import DatasetError, DatasetMissingError, OutputError
from equime_builder.manifest import (
    FileEntry,
    Manifest,
    dataset_root,
    entry_of,
    parse_manifest,
    read_manifest,
    write_manifest,
)
from equime_builder.shards import write_rows
from tests.samples import byte_row

SHA = "0f" * 32


def entry(path: str, rows: int = 2) -> FileEntry:
    return FileEntry(path=path, rows=rows, size_bytes=100, sha256=SHA)


MANIFEST = Manifest(
    code_version="0.1.0",
    config={"seed": 7, "rate": 0.1},
    files=(
        entry("data/fear/test-00000.parquet", 3),
        entry("data/fear/train-00000.parquet", 5),
        entry("data/fear/train-00001.parquet", 4),
        entry("data/happiness/train-00000.parquet", 1),
        entry("subjects.parquet", 9),
    ),
)


def stated(**changes: Any) -> bytes:
    content: dict[str, Any] = {
        "schema_version": 1,
        "code_version": "0.1.0",
        "fingerprint": fingerprint({"seed": 7}),
        "config": {"seed": 7},
        "clips": 2,
        "counts": {"fear": {"train": 2}},
        "files": [{"path": "data/fear/train-00000.parquet", "rows": 2, "bytes": 100, "sha256": SHA}],
    }
    return json.dumps({**content, **changes}).encode()


def test_counts_come_from_the_shards_alone() -> None:
    assert MANIFEST.counts == {"happiness": {"train": 1}, "fear": {"train": 9, "test": 3}}
    assert list(MANIFEST.counts) == ["happiness", "fear"]
    assert MANIFEST.clips == 13
    assert len(MANIFEST.shards) == 4


def test_a_manifest_comes_back_equal(tmp_path: Path) -> None:
    text = write_manifest(tmp_path, MANIFEST).read_text()
    assert read_manifest(tmp_path) == MANIFEST
    content = json.loads(text)
    assert content["fingerprint"] == fingerprint({"rate": 0.1, "seed": 7})
    assert content["files"][4] == {"path": "subjects.parquet", "rows": 9, "bytes": 100, "sha256": SHA}


def test_stated_manifest_is_valid() -> None:
    assert parse_manifest(stated()).clips == 2


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "no valid JSON"),
        (b"\xff\xfe", "no valid JSON"),
        (b"[" * 200_000, "no valid JSON"),
        (b"[]", "the file must be a JSON object"),
        (b"{}", "the file needs 'schema_version' as int"),
        (stated(schema_version=True), "needs 'schema_version' as int"),
        (stated(schema_version=2), "schema version is 2, this software reads 1"),
        (stated(config=[]), "needs 'config' as dict"),
        (stated(files=[1]), "each file must be a JSON object"),
        (stated(files=[{"path": "a"}]), "each file needs 'rows' as int"),
        (stated(clips=3), "'clips' contradicts the rest"),
        (stated(counts={"fear": {"train": 3}}), "'counts' contradicts the rest"),
        (stated(config={"seed": 8}), "'fingerprint' contradicts the rest"),
        (stated(config={"x": float("nan")}), "a value that is no JSON"),
        (stated(config={"x": "\ud800"}), "a value that is no JSON"),
        (stated(files=[{"path": "a", "rows": -1, "bytes": 1, "sha256": SHA}]), "must lie in 0 to 2"),
        (stated(files=[{"path": "a", "rows": 1, "bytes": 1, "sha256": "xyz"}]), "64 hex digits, got 'xyz'"),
        (stated(files=[{"path": p, "rows": 1, "bytes": 1, "sha256": SHA} for p in ("a", "A")]), "lists a file twice"),
        (stated(files=[{"path": "../a", "rows": 1, "bytes": 1, "sha256": SHA}]), "leaves the folder"),
    ],
)
def test_hostile_manifests_are_refused(data: bytes, message: str) -> None:
    with pytest.raises(DatasetError, match=message) as caught:
        parse_manifest(data)
    assert "\n" not in str(caught.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=100, deadline=None)
@given(name=st.sampled_from(["schema_version", "config", "counts", "clips", "files", "fingerprint"]), value=JSON)
def test_any_json_is_parsed_or_refused(name: str, value: object) -> None:
    with suppress(DatasetError):
        parse_manifest(stated(**{name: value}))


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=30))
def test_no_path_of_a_manifest_leaves_the_folder(path: str) -> None:
    data = stated(files=[{"path": path, "rows": 2, "bytes": 100, "sha256": SHA}], clips=0, counts={})
    try:
        (found,) = parse_manifest(data).files
    except DatasetError:
        return
    assert (Path("/data set") / found.path).resolve().is_relative_to("/data set")


def test_a_folder_without_manifest_is_no_dataset(tmp_path: Path) -> None:
    with pytest.raises(DatasetMissingError, match=r"no dataset, for it holds no manifest.json; make one with"):
        dataset_root(tmp_path)
    with pytest.raises(DatasetMissingError, match="no such folder; make a dataset with: equime render --out"):
        dataset_root(tmp_path / "missing")
    write_manifest(tmp_path, MANIFEST)
    assert dataset_root(tmp_path) == tmp_path


def test_entry_states_what_stands_on_the_disk(tmp_path: Path) -> None:
    written = write_rows(tmp_path / "data" / "x.parquet", [byte_row(1, b"abc")])
    found = entry_of(tmp_path, "data/x.parquet")
    assert (found.rows, found.size_bytes, found.sha256) == (1, written.size_bytes, written.sha256)
    with pytest.raises(DatasetError, match=r"y\.parquet: no readable Parquet file"):
        entry_of(tmp_path, "data/y.parquet")


def test_an_unwritable_folder_is_an_output_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot write"):
        write_manifest(tmp_path / "file", MANIFEST)
