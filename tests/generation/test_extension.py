"""A dataset grows; what it holds already stays to the byte."""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import replace
from importlib import resources
from pathlib import Path

import pytest

from equime_builder.digests import sha256_of_file
from equime_builder.errors import DatasetMissingError, UsageError
from equime_builder.manifest import read_manifest
from equime_builder.records import Demographics, Subject
from equime_builder.tables import read_plans, read_shards, read_subjects
from equime_builder.verify import verify
from equime_generation.extension import Standing, extend_dataset, grown, new_plans
from equime_generation.progress import Tally
from equime_generation.regeneration.blueprint import Blueprint
from tests.generation.conftest import Ran


def shards(root: Path) -> dict[str, str]:
    files = (path for name in ("data", "spotting", "flow") for path in (root / name).rglob("*.parquet"))
    return {path.relative_to(root).as_posix(): sha256_of_file(path) for path in files}


def person(name: str, gender: str = "female") -> Subject:
    demographics = Demographics(gender=gender, skin_tone="II")
    return Subject(
        id=name, demographics=demographics, source="folder", source_sha256="0" * 64, source_license="CC0-1.0"
    )


@pytest.fixture
def more_people(people_folder: Path, tmp_path: Path) -> Path:
    folder = Path(shutil.copytree(people_folder, tmp_path / "photos"))
    portrait = resources.files("openpeople") / "data" / "curated" / "P003" / "assets" / "studio_portrait.jpg"
    with resources.as_file(portrait) as path:
        shutil.copy(path, folder / "P003.jpg")
    with (folder / "metadata.csv").open("a") as table:
        table.write("P003.jpg,dot,female,35-45,III,CC0-1.0\n")
    return folder


def test_a_newcomer_gets_the_next_clip_and_all_that_was_there_stays(
    small_run: Ran, more_people: Path, tmp_path: Path
) -> None:
    root = Path(shutil.copytree(small_run.out, tmp_path / "equime"))
    before, people = shards(root), read_subjects(root / "subjects.parquet")
    asked = replace(
        small_run.config, out=str(root), faces=f"folder:{more_people}", clips_per_emotion=4, emotions=("fear",)
    )
    assert grown(asked, Standing.of(root)).emotions == ("fear", "neutral")
    summary = extend_dataset(asked, Tally())
    after = shards(root)
    assert {name: after[name] for name in before} == before
    now = read_subjects(root / "subjects.parquet")
    assert {who: now[who] for who in people} == people
    added = [plan for plan in read_plans(root / "plan.parquet") if plan.subject_id == "dot"]
    assert Counter(plan.emotion for plan in added) == {"fear": 1, "neutral": 1}
    assert summary.total == small_run.summary.total + 2
    split = now["dot"][1].split
    new = f"data/fear/{split}-00001.parquet"
    assert read_shards(root / "plan.parquet")[added[0].clip_id] == new
    assert new in after
    assert verify(root) == []
    assert read_manifest(root).config["clips_per_emotion"] == 4
    assert Blueprint.of(root).shards[new] == [added[0].clip_id]
    again = extend_dataset(asked, Tally())
    assert again.already_whole
    assert not (root / ".work").exists()


def test_one_more_emotion_and_more_clips_add_only_what_is_lacking(small_run: Ran) -> None:
    standing = Standing.of(small_run.out)
    people = [subject for subject, _ in standing.people.values()]
    larger = replace(small_run.config, emotions=("anger", "fear"), clips_per_emotion=5, spotting_clips=2)
    added = new_plans(grown(larger, standing), people, standing)
    assert Counter(plan.emotion for plan in added) == {"anger": 5, "fear": 2, "neutral": 2, "spotting": 1}
    there = {plan.clip_id for plans in standing.shards.values() for plan in plans}
    assert not there & {plan.clip_id for plan in added}
    assert len({plan.clip_id for plan in added}) == len(added)
    assert new_plans(grown(small_run.config, standing), people, standing) == []


def test_newcomers_catch_up_first(small_run: Ran) -> None:
    standing = Standing.of(small_run.out)
    people = [*(subject for subject, _ in standing.people.values()), person("dot"), person("eve")]
    larger = replace(small_run.config, emotions=("fear",), clips_per_emotion=5)
    fear = [plan.subject_id for plan in new_plans(grown(larger, standing), people, standing) if plan.emotion == "fear"]
    assert sorted(fear) == ["dot", "eve"]


def test_shards_are_numbered_on(small_run: Ran) -> None:
    standing = Standing.of(small_run.out)
    assert set(standing.next_shards.values()) == {1}
    assert ("fear", "test") in standing.next_shards
    far = replace(standing, shards={"data/fear/test-00007.parquet": [], "data/fear/test-00002.parquet": []})
    assert far.next_shards == {("fear", "test"): 8}


def test_what_decides_pixels_may_not_change(small_run: Ran, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"alone: profile is 'default' there and 'preview' here, seed is 0 the"):
        grown(replace(small_run.config, profile="preview", seed=3), Standing.of(small_run.out))
    with pytest.raises(DatasetMissingError, match="no such folder"):
        extend_dataset(replace(small_run.config, out=str(tmp_path / "nothing")), Tally())
