"""Words to clips, tables to plans, photos by hash, and clips woven into a shard."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equime_builder.errors import UsageError
from equime_builder.manifest import Manifest
from equime_builder.records import Demographics, Placement, Reject, Subject
from equime_builder.tables import write_plans, write_rejects, write_subjects
from equime_generation.causal import plan_clips, retry
from equime_generation.regeneration.assembly import merged
from equime_generation.regeneration.blueprint import Blueprint
from equime_generation.regeneration.photos import find_photos
from equime_generation.regeneration.targets import sampled, targets_of
from equime_generation.sources import open_source

FEAR, TEST, SPOTTING = "data/fear/train-00000.parquet", "data/anger/test-00000.parquet", "spotting/test-00000.parquet"
SHARDS = {FEAR: ["a", "b", "c"], TEST: ["d"], SPOTTING: ["e", "f"]}


@pytest.mark.parametrize(
    ("words", "clips"),
    [
        ([], "abcdef"), (["all"], "abcdef"), ([FEAR], "abc"), (["test"], "def"), (["fear"], "abc"),
        (["spotting/test"], "ef"), (["b", "e"], "be"), (["a", "fear", "d"], "abcd"),
    ],
)  # fmt: skip
def test_words_name_clips(words: list[str], clips: str) -> None:
    assert "".join(clip for target in targets_of(words, SHARDS) for clip in target.clips) == clips


def test_a_target_knows_whether_it_is_a_whole_shard() -> None:
    assert [target.is_whole for target in targets_of(["a", "b", "anger"], SHARDS)] == [False, True]


def test_a_sample_is_always_the_same_and_no_larger_than_asked_for() -> None:
    every = targets_of([], SHARDS)
    chosen = [clip for target in sampled(every, 3, seed=0) for clip in target.clips]
    assert len(chosen) == 3
    assert chosen == [clip for target in sampled(every, 3, seed=0) for clip in target.clips]
    assert sampled(every, 99, seed=0) == every


@given(st.lists(st.sampled_from("mkx"), max_size=12))
def test_clips_are_woven_in_order(kinds: list[str]) -> None:
    members = [f"{number}" for number in range(len(kinds))]
    fresh = {member for member, kind in zip(members, kinds, strict=True) if kind != "k"}
    made = [f"{member}" for member, kind in zip(members, kinds, strict=True) if kind == "m"]  # "x" was dropped
    woven = list(merged(members, fresh, iter(made), iter([*members, "gone"]), lambda item: item))
    assert woven == [member for member, kind in zip(members, kinds, strict=True) if kind != "x"]


def test_a_clip_is_made_again_as_its_kept_attempt(tmp_path: Path) -> None:
    plans = list(plan_clips({"fear": ["p", "p", "p"]}, design="independent", seed=3))
    write_plans(tmp_path / "plan.parquet", {FEAR: plans})
    told = [
        Reject(kind="clip", id=plans[0].clip_id, reason="r", detail="d", attempt=0, final=False),
        Reject(kind="clip", id=plans[0].clip_id, reason="r", detail="d", attempt=1, final=False),
        *(
            Reject(kind="clip", id=plans[1].clip_id, reason="r", detail="d", attempt=attempt, final=attempt == 3)
            for attempt in range(4)
        ),
    ]
    write_rejects(tmp_path / "rejects.parquet", told)
    blueprint = Blueprint(tmp_path, Manifest(code_version="1", config={"seed": 3}, files=()))
    assert blueprint.shards == {FEAR: [plans[0].clip_id, plans[2].clip_id]}
    assert blueprint.plans([FEAR]) == {FEAR: [retry(plans[0], seed=3, attempt=2), plans[2]]}


def test_a_renamed_photo_is_found_and_a_stranger_is_not(tmp_path: Path, people_folder: Path) -> None:
    data = (people_folder / "P001.jpg").read_bytes()
    (tmp_path / "renamed.jpg").write_bytes(data)
    (photo,) = open_source(f"folder:{tmp_path}")
    import hashlib

    people = {
        who: Subject(id=who, demographics=Demographics(), source="folder", source_sha256=digest, source_license="")
        for who, digest in (("ann", hashlib.sha256(data).hexdigest()), ("bob", "0" * 64))
    }
    search = find_photos(people, [f"folder:{tmp_path}"])
    assert (search.found, search.missing, search.different) == ({"ann": photo}, ("bob",), ())


def test_whoever_is_planned_must_be_among_the_subjects(tmp_path: Path) -> None:
    write_subjects(tmp_path / "subjects.parquet", [], dict[str, Placement]())
    blueprint = Blueprint(tmp_path, Manifest(code_version="1", config={}, files=()))
    with pytest.raises(ValueError, match=r"subjects\.parquet lacks p, who are planned"):
        blueprint.people_of(plan_clips({"fear": ["p"]}, design="independent", seed=0))


def test_a_model_of_this_machine_must_be_named(tmp_path: Path) -> None:
    config = {"renderer": "warp", "ltx": {"memory": "8gb"}}
    blueprint = Blueprint(tmp_path, Manifest(code_version="1", config=config, files=()))
    with pytest.raises(UsageError, match="cannot be made again here"):
        blueprint.config(out=tmp_path)
