from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datasets import Features, load_dataset

import equime_dataset
from equime_builder.errors import DatasetError, UsageError
from equime_builder.folder import complete_folder
from equime_builder.layout import place_of, spotting_path, spotting_split_of
from equime_builder.manifest import entry_of, read_manifest, write_manifest
from equime_builder.records import SPOTTING, Event, Measured, Media, Placement, Plan, Subject
from equime_builder.rows import Row
from equime_builder.schema import COLUMNS, arrow_schema, check_schema, features, named
from equime_builder.shards import write_rows
from equime_builder.splits import assign
from equime_builder.spotting import SPOTTING_COLUMNS, spotting_row_of
from equime_builder.verify import verify
from tests.samples import GENERATION, measured, people, person, plan, true_motion, unit

SHARD = spotting_path("train", 0)
EVENTS = (
    Event(emotion="happiness", onset_frame=20, apex_frame=22, offset_frame=25),
    Event(emotion="anger", onset_frame=60, apex_frame=62, offset_frame=65),
)


def spotting_plan(subject: Subject, take: int = 0) -> Plan:
    name = f"spotting-{subject.id}-{take:02d}"
    return replace(
        plan(subject, "fear", take),
        clip_id=name,
        plan_id=name,
        emotion=SPOTTING,
        aus=(unit(12, "left", 20), unit(12, "right", 20), unit(4, "left", 60), unit(7, "left", 60)),
        onset_frame=20,
        apex_frame=22,
        offset_frame=65,
        events=EVENTS,
        blinks=(unit(43, "left", 100), unit(43, "right", 100)),
    )


def spotting_row(subject: Subject, data: bytes = b"abc", *, found: bool = True) -> Row:
    planned = spotting_plan(subject)
    media = Media(data=data, num_frames=144, fps=24.0, width=512, height=512, codec="h264", encoder_profile="test")
    alone = [planned.of_event(event) for event in planned.events]
    seen: list[Measured | None] = [measured(one) if found else None for one in alone]
    placement = assign(people(3)).get(subject.id, Placement(split="train", fold=0))
    true = [true_motion(one) for one in alone]
    return spotting_row_of(planned, subject, placement, media, seen, GENERATION, true_motions=true)


@pytest.fixture
def dataset(tiny_dataset: Path, tmp_path: Path) -> Path:
    """The tiny dataset with a spotting clip a split."""
    root = tmp_path / "equime"
    shutil.copytree(tiny_dataset, root)
    video = pq.read_table(root / "data/fear/train-00000.parquet")["video"][0].as_py()["bytes"]
    placements = assign(people(3))
    for subject in people(3):
        row = spotting_row(subject, video, found=subject.id != "t001")
        write_rows(root / spotting_path(placements[subject.id].split, 0), [row], SPOTTING_COLUMNS)
    complete_folder(root, config={}, code_version="1", subjects=people(3), placements=placements, plans={}, rejects=[])
    return root


def test_paths() -> None:
    assert SHARD == "spotting/train-00000.parquet"
    assert spotting_split_of(SHARD) == "train"
    assert place_of(SHARD) is None, "no pattern of the clips of one event takes it"
    for path in ("spotting/dev-00000.parquet", "spotting/train.parquet", "spotting/x/train-00000.parquet", "train-0"):
        assert spotting_split_of(path) is None


def test_values_of_a_row() -> None:
    row = spotting_row(person(1))
    assert tuple(row) == tuple(column.name for column in SPOTTING_COLUMNS)
    smile, frown = row["events"]
    assert (smile["emotion"], smile["objective_class"], smile["apex_frame"]) == ("happiness", "I", 22)
    assert [(au["au"], au["side"]) for au in frown["aus"]] == [(4, "left"), (7, "left")]
    assert frown["objective_class"] == "III"
    assert frown["measured"]["apex_frame"] == 62
    assert smile["true_motion"]["motion_px"] == 1.6
    assert row["distractors"] == [{"kind": "blink", "onset_frame": 100, "apex_frame": 102, "offset_frame": 105}]
    assert spotting_row(person(1), found=False)["events"][0]["measured"] is None


def test_a_plan_of_one_event_is_no_row() -> None:
    media = Media(data=b"x", num_frames=144, fps=24.0, width=512, height=512, codec="h264", encoder_profile="t")
    subject, place = person(1), Placement(split="train", fold=0)
    with pytest.raises(DatasetError, match="no plan of several events on 't001'"):
        spotting_row_of(plan(subject, "fear"), subject, place, media, [], GENERATION, true_motions=[])


def test_shared_columns_are_those_of_clips() -> None:
    shared = {column.name for column in SPOTTING_COLUMNS} & {column.name for column in COLUMNS}
    assert {column.name for column in SPOTTING_COLUMNS} - shared == {"events"}
    for column in named(*shared):
        assert features(SPOTTING_COLUMNS)[column.name] == features()[column.name]
    assert Features.from_arrow_schema(arrow_schema(SPOTTING_COLUMNS)) == features(SPOTTING_COLUMNS)
    with pytest.raises(DatasetError, match="columns differ"):
        check_schema(arrow_schema(SPOTTING_COLUMNS), where="here")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"events": ()}, "if and only if"),
        ({"emotion": "fear"}, "if and only if"),
        ({"events": EVENTS[::-1]}, "in order of time and apart"),
        ({"events": (EVENTS[0], replace(EVENTS[1], onset_frame=25))}, "in order of time and apart"),
    ],
)
def test_impossible_plans_are_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(spotting_plan(person(1)), **change)


def test_the_folder_loads_and_the_default_leaves_spotting_alone(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(dataset.parent)
    options: dict[str, Any] = {"cache_dir": str(tmp_path / "cache")}
    rows = load_dataset("equime", SPOTTING, **options)
    assert rows.num_rows == {"train": 1, "validation": 1, "test": 1}
    assert rows["train"].features == features(SPOTTING_COLUMNS)
    assert [event["emotion"] for event in rows["test"][0:1]["events"][0]] == ["happiness", "anger"]
    assert load_dataset("equime", **options).num_rows == {"train": 6, "validation": 6, "test": 6}


def test_streaming_and_frames(dataset: Path) -> None:
    stream = equime_dataset.load_equime(SPOTTING, split="train", data_dir=dataset, streaming=True, decode=False)
    row = next(iter(stream))
    assert [event["apex_frame"] for event in row["events"]] == [22, 62]
    assert equime_dataset.frames(row, [22, 62]).shape == (2, 512, 512, 3)


def test_folds_work_and_a_choice_of_emotions_is_refused(dataset: Path, tmp_path: Path) -> None:
    options: dict[str, Any] = {"data_dir": str(dataset), "cache_dir": str(tmp_path / "cache")}
    rows = load_dataset("equime", SPOTTING, fold=0, **options)
    assert sum(rows.num_rows.values()) == 3
    with pytest.raises(UsageError, match="emotions= needs the column 'emotion', which configuration 'spotting' lacks"):
        load_dataset("equime", SPOTTING, emotions="fear", **options)


def test_the_manifest_lists_and_the_card_describes_it(dataset: Path) -> None:
    manifest = read_manifest(dataset)
    assert manifest.spotting == {"train": 1, "validation": 1, "test": 1}
    assert manifest.clips == 18, "clips of several events are counted apart"
    card = (dataset / "README.md").read_text(encoding="utf-8")
    assert "`anger`, `neutral`, `spotting`." in card
    assert "| anger | 3 |" in card
    assert "| events measured | 4 |" in card
    assert "| apex within 1 frame | 4 of 4 (100.0 %) |" in card
    assert verify(dataset, deep=True) == []


def test_without_spotting_the_card_is_silent(tiny_dataset: Path) -> None:
    assert "`spotting`" not in (tiny_dataset / "README.md").read_text(encoding="utf-8")
    assert read_manifest(tiny_dataset).spotting == {}


def damage(root: Path, change: Callable[[dict[str, Any]], object]) -> None:
    table = pq.read_table(root / SHARD)
    (row,) = table.to_pylist()
    change(row)
    text = table.schema.set(table.schema.get_field_index("recipe"), pa.field("recipe", pa.string()))
    pq.write_table(pa.Table.from_pylist([row], schema=text).cast(table.schema), root / SHARD)
    manifest = read_manifest(root)
    files = tuple(entry_of(root, entry.path) for entry in manifest.files)
    write_manifest(root, replace(manifest, files=files))


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (lambda row: row["events"].reverse(), "events"),
        (lambda row: row.update(events=[]), "events"),
        (lambda row: row.update(events=None), "events"),
        (lambda row: row["events"][0].update(apex_frame=None), "events"),
        (lambda row: row["events"][1].update(offset_frame=144), "events"),
        (lambda row: row["events"][0].update(emotion="boredom"), "emotion"),
        (lambda row: row.update(subject_id="t002"), "split"),
        (lambda row: row.update(num_frames=143), "clip-format"),
        (lambda row: row.update(id=""), "id"),
    ],
)
def test_verify_finds_damaged_rows(dataset: Path, change: Callable[[dict[str, Any]], object], rule: str) -> None:
    damage(dataset, change)
    assert (SHARD, rule) in [(finding.file, finding.rule) for finding in verify(dataset)]


def test_verify_finds_missing_changed_and_unlisted_shards(dataset: Path) -> None:
    (dataset / SHARD).unlink()
    shutil.copy(dataset / spotting_path("test", 0), dataset / spotting_path("test", 1))
    with (dataset / spotting_path("validation", 0)).open("ab") as file:
        file.write(b"more")
    found = {(finding.file, finding.rule) for finding in verify(dataset)}
    assert {
        (SHARD, "missing"),
        (spotting_path("test", 1), "unlisted"),
        (spotting_path("validation", 0), "size"),
    } <= found


def test_a_spotting_clip_whose_bytes_changed_is_found_by_a_deep_look(dataset: Path) -> None:
    damage(dataset, lambda row: row["video"].update(bytes=row["video"]["bytes"][:-9]))
    assert "clip-hash" in {finding.rule for finding in verify(dataset, deep=True)}


def test_the_manifest_stays_readable_json(dataset: Path) -> None:
    content = json.loads((dataset / "manifest.json").read_text(encoding="utf-8"))
    assert SHARD in {entry["path"] for entry in content["files"]}
    assert SPOTTING not in content["counts"]
