from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from equime_builder.errors import DatasetError
from equime_builder.records import Demographics, HeadMotion, Placement, Reject, Subject
from equime_builder.tables import (
    plan_of_json,
    read_plans,
    read_rejects,
    read_shards,
    read_subjects,
    write_plans,
    write_rejects,
    write_subjects,
)
from tests.samples import people, person, plan, unit

PLACE = Placement(split="test", fold=3)
SHARD, OTHER = "data/fear/test-00000.parquet", "data/neutral/test-00000.parquet"


def test_subjects_come_back_as_they_were(tmp_path: Path) -> None:
    bare = Subject(id="a", demographics=Demographics(), source="folder", source_sha256="0" * 64, source_license="own")
    crowd = [*people(3), bare]
    write_subjects(tmp_path / "s.parquet", crowd, dict.fromkeys((p.id for p in crowd), PLACE))
    found = read_subjects(tmp_path / "s.parquet")
    assert list(found) == ["a", "t001", "t002", "t003"]
    assert [found[p.id] for p in crowd] == [(p, PLACE) for p in crowd]
    assert pq.read_table(tmp_path / "s.parquet").to_pylist()[1]["skin_tone"] == "III"


def test_a_subject_without_a_split_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="subjects without a split: t002"):
        write_subjects(tmp_path / "s.parquet", people(2), {"t001": PLACE})


def test_plans_come_back_equal(tmp_path: Path) -> None:
    plans = [plan(person(1), emotion, take) for emotion in ("fear", "neutral") for take in range(2)]
    write_plans(tmp_path / "p.parquet", {SHARD: iter(plans[:3]), OTHER: plans[3:]})
    assert list(read_plans(tmp_path / "p.parquet")) == plans
    table = pq.read_table(tmp_path / "p.parquet")
    assert table["clip_id"].to_pylist() == [p.clip_id for p in plans]
    assert table["seed"].to_pylist() == [p.seed for p in plans]
    assert list(read_plans(tmp_path / "p.parquet", shards={OTHER})) == plans[3:]
    assert list(read_shards(tmp_path / "p.parquet").items()) == [(p.clip_id, SHARD) for p in plans[:3]] + [
        (plans[3].clip_id, OTHER)
    ]


def test_plans_with_distractors_come_back_equal(tmp_path: Path) -> None:
    motion = HeadMotion(
        onset_frame=4, apex_frame=20, offset_frame=40, shift_x_px=0.1 + 0.2, shift_y_px=-1.0, turn_deg=0.1, zoom=0.0
    )
    rest = plan(person(1), "neutral")
    plans = [replace(rest, blinks=(unit(43, "left"), unit(43, "right"))), replace(rest, head_motions=(motion,))]
    write_plans(tmp_path / "p.parquet", {SHARD: plans})
    assert list(read_plans(tmp_path / "p.parquet")) == plans
    assert [found.negative_kind for found in plans] == ["blink", "head"]


def test_rejects_come_back_equal(tmp_path: Path) -> None:
    rejects = [
        Reject(kind="photo", id="grace_hopper.jpg", reason="glasses", detail="glasses must be absent"),
        Reject(
            kind="clip", id="c", reason="weak", detail="d", subject_id="t001", emotion="fear", attempt=2, final=False
        ),
    ]
    write_rejects(tmp_path / "r.parquet", rejects)
    assert list(read_rejects(tmp_path / "r.parquet")) == rejects


def test_empty_tables_are_tables(tmp_path: Path) -> None:
    write_rejects(tmp_path / "r.parquet", [])
    assert list(read_rejects(tmp_path / "r.parquet")) == []


def test_the_same_records_give_the_same_bytes(tmp_path: Path) -> None:
    plans = [plan(person(1), "fear", take) for take in range(3)]
    first, second = (write_plans(tmp_path / name, {SHARD: plans}).read_bytes() for name in "ab")
    assert first == second


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"clip_id": 1, "nuisance": {}}', '{"aus": [3]}', "[" * 100_000])
def test_hostile_plans_are_refused(tmp_path: Path, text: str) -> None:
    write_plans(tmp_path / "p.parquet", {SHARD: [plan(person(1), "fear")]})
    table = pq.read_table(tmp_path / "p.parquet")
    pq.write_table(
        table.set_column(table.schema.get_field_index("plan"), "plan", pa.array([text])), tmp_path / "q.parquet"
    )
    with pytest.raises(DatasetError, match=r"q\.parquet: cannot be read: .*; render the dataset again"):
        list(read_plans(tmp_path / "q.parquet"))


def test_a_plan_that_breaks_a_rule_is_refused() -> None:
    with pytest.raises(ValueError, match="emotion must be one of"):
        plan_of_json(
            '{"clip_id":"a","plan_id":"a","subject_id":"a","emotion":"boredom","aus":[],"onset_frame":null,'
            '"apex_frame":null,"offset_frame":null,"nuisance":{"key":"k","sway_px":0,"noise_sigma":0},"prompt":"",'
            '"negative_prompt":"","caption":"","seed":1}'
        )


@pytest.mark.parametrize(
    ("change", "message"),
    [({"split": ["holdout"] * 2}, "split must be one of"), ({"fold": [7] * 2}, "fold must lie in 0-4"),
     ({"id": ["../a", "b"]}, "a subject id is made of"), ({"id": ["-a", "b"]}, "begins with no '-'"),
     ({"id": ["a", "a"]}, "lists 'a' twice")],
)  # fmt: skip
def test_impossible_subjects_are_refused(tmp_path: Path, change: dict[str, list[object]], message: str) -> None:
    write_subjects(tmp_path / "s.parquet", people(2), dict.fromkeys(("t001", "t002"), PLACE))
    table = pq.read_table(tmp_path / "s.parquet")
    for name, values in change.items():
        table = table.set_column(table.schema.get_field_index(name), name, pa.array(values))
    pq.write_table(table, tmp_path / "t.parquet")
    with pytest.raises(DatasetError, match=message):
        read_subjects(tmp_path / "t.parquet")


@pytest.mark.parametrize("path", ["../../data/fear/train-00000.parquet", "/etc/x.parquet", "data/fear/x.parquet", ""])
def test_a_plan_names_no_file_but_a_shard(tmp_path: Path, path: str) -> None:
    write_plans(tmp_path / "plan.parquet", {path: [plan(people(1)[0], "fear", 1)]})
    with pytest.raises(DatasetError, match="is the path of no shard"):
        read_shards(tmp_path / "plan.parquet")


def test_what_is_no_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.parquet").write_bytes(b"PAR1")
    write_rejects(tmp_path / "r.parquet", [])
    for path in (tmp_path / "t.parquet", tmp_path / "missing.parquet", tmp_path / "r.parquet"):
        with pytest.raises(DatasetError, match=rf"{path.name}: cannot be read"):
            read_subjects(path)
