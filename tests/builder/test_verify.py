"""What `verify` finds in a folder that was damaged on purpose, and that it never raises."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from equime_builder.errors import DatasetMissingError
from equime_builder.findings import RULES, Finding
from equime_builder.inspection import look_at_shard
from equime_builder.layout import MANIFEST_FILE, PAPER_FILES, SUBJECTS_FILE
from equime_builder.ledger import Ledger
from equime_builder.manifest import FileEntry, entry_of, read_manifest, write_manifest
from equime_builder.schema import arrow_schema
from equime_builder.spot_check import EVERY_CLIP, spot_check_of
from equime_builder.store_look import Looked
from equime_builder.verify import inspect_folder, verify

FEAR = "data/fear/train-00000.parquet"
ANGER = "data/anger/train-00000.parquet"


@pytest.fixture
def copy(tiny_dataset: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_dataset, tmp_path / "equime"))


def found_in(root: Path) -> list[tuple[str, str]]:
    return [(finding.file, finding.rule) for finding in verify(root)]


def deep_findings(root: Path) -> list[Finding]:
    """Return what a deep look finds in the one shard that these tests damage."""
    return shard_findings(root / FEAR, entry_of(root, FEAR))


def shard_findings(path: Path, entry: FileEntry) -> list[Finding]:
    return list(Ledger(None).findings(look_at_shard(path, entry, EVERY_CLIP), entry, is_twin=False))


def restate(root: Path, *names: str) -> None:
    """Bring manifest and papers up to the files, as somebody would who edits a dataset by hand."""
    manifest = read_manifest(root)
    contents = manifest.contents
    files = {entry.path: entry for entry in manifest.files} | {name: entry_of(root, name) for name in names}
    write_manifest(root, dataclasses.replace(manifest, files=tuple(files[name] for name in sorted(files))))
    for name in PAPER_FILES:
        (root / name).write_text((root / name).read_text().replace(contents, read_manifest(root).contents))


def rewrite(root: Path, name: str, change: Callable[[list[dict[str, Any]]], object]) -> None:
    """Change the rows of a shard behind the back of the manifest, then restate it."""
    table = pq.read_table(root / name)
    rows = table.to_pylist()
    change(rows)
    storage = pa.schema([(field.name, pa.string()) if field.name == "recipe" else field for field in table.schema])
    storage = storage.set(storage.get_field_index("messages"), pa.field("messages", pa.list_(pa.string())))
    pq.write_table(pa.Table.from_pylist(rows, schema=storage).cast(arrow_schema()), root / name)
    restate(root, name)


def test_a_whole_dataset_has_no_findings(tiny_dataset: Path) -> None:
    seen: list[tuple[int, int, str]] = []
    assert verify(tiny_dataset, deep=True, progress=lambda *step: seen.append(step)) == []
    assert [step[0] for step in seen] == list(range(12))  # nine shards and three tables
    assert {step[1] for step in seen} == {12}


def flip(root: Path, name: str, at: int) -> None:
    data = bytearray((root / name).read_bytes())
    data[at] ^= 0x10
    (root / name).write_bytes(data)


def test_a_flipped_byte_in_a_video(copy: Path) -> None:
    video = (copy / FEAR).read_bytes().index(b"mdat")
    flip(copy, FEAR, video + 2000)
    assert found_in(copy) == [(FEAR, "hash")]
    (finding,) = deep_findings(copy)
    assert finding.rule == "clip-hash"
    assert finding.detail.startswith("clip 'fear-t00")


def test_a_truncated_shard(copy: Path) -> None:
    (copy / FEAR).write_bytes((copy / FEAR).read_bytes()[:-100])
    assert found_in(copy) == [(FEAR, "size"), (FEAR, "unreadable")]


def test_a_missing_shard(copy: Path) -> None:
    (copy / FEAR).unlink()
    assert found_in(copy) == [(FEAR, "missing")]


def test_files_that_do_not_belong(copy: Path) -> None:
    shutil.copy(copy / FEAR, copy / "data/fear/train-00001.parquet")
    (copy / "data/fear/.train-00002.parquet.1-ab.part").write_bytes(b"half")
    (copy / "gallery").mkdir()
    (copy / "gallery/index.html").write_text("<p>")
    assert sorted(found_in(copy)) == [
        ("data/fear/.train-00002.parquet.1-ab.part", "leftover"),
        ("data/fear/train-00001.parquet", "unlisted"),
    ]


@pytest.mark.parametrize("name", ["plan.parquet", "rejects.parquet", SUBJECTS_FILE])
def test_a_damaged_table(copy: Path, name: str) -> None:
    (copy / name).write_bytes(b"no table at all")
    assert found_in(copy) == [(name, "size"), (name, "unreadable")]


def test_a_missing_card_and_a_missing_table(copy: Path) -> None:
    (copy / "README.md").unlink()
    (copy / SUBJECTS_FILE).unlink()
    assert found_in(copy) == [("README.md", "missing"), (SUBJECTS_FILE, "missing")]


def test_a_wrong_number_of_rows(copy: Path) -> None:
    rewrite(copy, FEAR, lambda rows: rows.pop())
    content = json.loads((copy / MANIFEST_FILE).read_text())
    for entry in content["files"]:
        entry["rows"] += entry["path"] == FEAR
    content["counts"]["fear"]["train"] += 1
    content["clips"] += 1
    (copy / MANIFEST_FILE).write_text(json.dumps(content))
    assert found_in(copy) == [(FEAR, "rows")]


def test_another_schema(copy: Path) -> None:
    pq.write_table(pq.read_table(copy / FEAR).drop_columns(["seed"]), copy / FEAR)
    restate(copy, FEAR)
    assert found_in(copy) == [(FEAR, "schema")]


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"emotion": 4}, "emotion"),
        ({"emotion": None}, "emotion"),
        ({"emotion": -5}, "emotion"),
        ({"id": None}, "id"),
        ({"fold": 4}, "split"),
        ({"subject_id": "t999"}, "subject"),
        ({"num_frames": 143}, "clip-format"),
        ({"synthetic": None}, "clip-format"),
        ({"prompt": None}, "values"),
        ({"apex_frame": 143}, "values"),
        ({"aus": [None]}, "values"),
    ],
)
def test_a_row_that_contradicts_its_place(copy: Path, change: dict[str, object], rule: str) -> None:
    rewrite(copy, FEAR, lambda rows: rows[0].update(change))
    assert found_in(copy) == [(FEAR, rule)]


def test_an_id_twice_in_one_file(copy: Path) -> None:
    rewrite(copy, FEAR, lambda rows: rows[1].update(id=rows[0]["id"]))
    (finding,) = verify(copy)
    assert (finding.file, finding.rule) == (FEAR, "id")
    assert f"is in {FEAR} already" in finding.detail


def test_an_id_twice_in_two_files(copy: Path) -> None:
    taken = pq.read_table(copy / FEAR)["id"][0].as_py()
    rewrite(copy, ANGER, lambda rows: rows[0].update(id=taken))
    (finding,) = verify(copy)  # shards are read in the order of their paths, anger first
    assert (finding.file, finding.rule) == (FEAR, "id")
    assert f"clip '{taken}': is in {ANGER} already" in finding.detail


def test_a_subject_in_two_splits(copy: Path) -> None:
    other = pq.read_table(copy / "data/fear/test-00000.parquet").to_pylist()[0]["subject_id"]
    rewrite(copy, FEAR, lambda rows: rows[0].update(subject_id=other))
    findings = verify(copy)
    assert {finding.rule for finding in findings} == {"split"}
    assert any(f"subject '{other}' is in train and in test" in finding.detail for finding in findings)


def test_leaks_are_found_without_the_table_of_subjects(copy: Path) -> None:
    (copy / SUBJECTS_FILE).unlink()
    rewrite(copy, FEAR, lambda rows: rows[0].update(subject_id="t999"))
    rewrite(copy, "data/fear/validation-00000.parquet", lambda rows: rows[0].update(subject_id="t999"))
    assert found_in(copy) == [("data/fear/validation-00000.parquet", "split"), (SUBJECTS_FILE, "missing")]


@pytest.mark.parametrize(
    ("video", "rule"),
    [(None, "clip-hash"), ({"bytes": None, "path": "/etc/passwd"}, "clip-hash"),
     ({"bytes": b"no video", "path": "x.mp4"}, "clip-hash")],
)  # fmt: skip
def test_a_row_without_its_video(copy: Path, video: object, rule: str) -> None:
    rewrite(copy, FEAR, lambda rows: rows[0].update(video=video))
    assert [finding.rule for finding in deep_findings(copy)] == [rule]


def replace_video(rows: list[dict[str, Any]], data: bytes) -> None:
    digest = hashlib.sha256(data).hexdigest()
    rows[0].update(video={"bytes": data, "path": "x.mp4"}, size_bytes=len(data), sha256=digest)


def test_a_video_that_does_not_decode(copy: Path) -> None:
    rewrite(copy, FEAR, lambda rows: replace_video(rows, b"this is no video"))
    assert found_in(copy) == []
    assert [finding.rule for finding in deep_findings(copy)] == ["clip-decode"]


def test_a_video_that_is_cut_off(copy: Path) -> None:
    rewrite(copy, FEAR, lambda rows: replace_video(rows, rows[0]["video"]["bytes"][:4000]))
    assert [finding.rule for finding in deep_findings(copy)] == ["clip-decode"]


def test_a_video_of_another_format(copy: Path, tmp_path: Path) -> None:
    import av
    import numpy as np

    with av.open(str(tmp_path / "short.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width = stream.height = 64
        for _ in range(3):
            picture = np.zeros((64, 64, 3), dtype=np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    rewrite(copy, FEAR, lambda rows: replace_video(rows, (tmp_path / "short.mp4").read_bytes()))
    (finding,) = deep_findings(copy)
    assert finding.rule == "clip-format"
    assert "('h264', 3, 25.0, 64, 64)" in finding.detail


def test_a_link_that_leaves_the_folder_is_not_followed(copy: Path, tmp_path: Path) -> None:
    (copy / FEAR).rename(tmp_path / "elsewhere.parquet")
    (copy / FEAR).symlink_to(tmp_path / "elsewhere.parquet")
    assert found_in(copy) == [(FEAR, "outside")]


@pytest.mark.parametrize("content", [None, b"", b"{}", b'{"files": [{"path": "../../etc/passwd"}]}'])
def test_a_damaged_manifest(copy: Path, content: bytes | None) -> None:
    (copy / MANIFEST_FILE).unlink()
    if content is not None:
        (copy / MANIFEST_FILE).write_bytes(content)
    assert found_in(copy) == [(MANIFEST_FILE, "manifest")]


def test_every_finding_says_what_to_do(copy: Path) -> None:
    (copy / FEAR).unlink()
    (finding,) = verify(copy)
    assert (
        finding.next_step == RULES["missing"] == "download the file again, or make it anew with equime verify --repair"
    )


def test_findings_and_their_order_are_the_same_with_any_number_of_workers(copy: Path) -> None:
    taken = pq.read_table(copy / FEAR)["id"][0].as_py()
    rewrite(copy, "data/neutral/validation-00000.parquet", lambda rows: rows[0].update(id=taken, subject_id="t999"))
    rewrite(copy, "data/neutral/train-00000.parquet", lambda rows: replace_video(rows, b"this is no video"))
    flip(copy, FEAR, (copy / FEAR).read_bytes().index(b"mdat") + 2000)
    (copy / ANGER).unlink()
    alone = verify(copy, deep=True)
    assert [(finding.file, finding.rule) for finding in alone] == [
        (ANGER, "missing"),
        (FEAR, "hash"),
        (FEAR, "clip-hash"),
        ("data/neutral/train-00000.parquet", "clip-decode"),
        ("data/neutral/validation-00000.parquet", "id"),
        ("data/neutral/validation-00000.parquet", "subject"),
    ]
    steps: list[tuple[int, int, str]] = []
    assert verify(copy, deep=True, workers=2, progress=lambda *step: steps.append(step)) == alone
    assert [step[0] for step in steps] == list(range(12))


def test_a_sample_decodes_the_clips_that_it_holds_and_no_other(copy: Path) -> None:
    whole = pq.read_table(copy / FEAR)["id"].to_pylist()
    rewrite(copy, FEAR, lambda rows: replace_video(rows, b"this is no video"))
    found = {count: verify(copy, deep=True, sample=str(count)) for count in (1, 6, 12, 18)}
    check = {count: spot_check_of(Looked(copy), read_manifest(copy), str(count)) for count in found}
    assert {count: len(findings) for count, findings in found.items()} == {
        count: int(check[count].holds(whole[0])) for count in found
    }
    assert verify(copy, deep=False) == []


def test_no_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DatasetMissingError, match="no such folder"):
        next(inspect_folder(tmp_path / "missing"))


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_damage_gives_findings_and_nothing_is_raised(
    tiny_dataset: Path, tmp_path: Path, data: st.DataObject
) -> None:
    whole = (tiny_dataset / FEAR).read_bytes()
    # the footer at the end steers the reader, so half of the damage goes there
    start = data.draw(st.sampled_from([0, len(whole) - 6000]))
    damaged = bytearray(whole)
    for at in data.draw(st.lists(st.integers(start, len(whole) - 1), min_size=1, max_size=3, unique=True)):
        damaged[at] ^= data.draw(st.integers(1, 255))
    (tmp_path / "shard").write_bytes(damaged)
    for finding in shard_findings(tmp_path / "shard", entry_of(tiny_dataset, FEAR)):
        assert finding.rule in RULES


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_damage_to_a_video_is_a_finding_or_harmless(copy: Path, data: st.DataObject) -> None:
    def damage(rows: list[dict[str, Any]]) -> None:
        video = bytearray(rows[0]["video"]["bytes"])
        for at in data.draw(st.lists(st.integers(0, len(video) - 1), min_size=1, max_size=4)):
            video[at] ^= data.draw(st.integers(1, 255))
        replace_video(rows, bytes(video[: data.draw(st.integers(1, len(video)))]))

    whole = (copy / FEAR).read_bytes()
    try:
        rewrite(copy, FEAR, damage)
        assert {finding.rule for finding in deep_findings(copy)} <= {"clip-decode", "clip-format"}
    finally:
        (copy / FEAR).write_bytes(whole)
