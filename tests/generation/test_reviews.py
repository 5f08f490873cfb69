"""`equime reviews`, and who gets to see what people said."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from equime_builder.digests import sha256_of_file
from equime_builder.hub.contents import contents_of_dataset
from equime_builder.manifest import read_manifest
from equime_builder.recipes import write_recipe_release
from equime_builder.tables import read_plans
from equime_builder.verify import verify
from equime_evaluation.reviews import add_review, read_reviews
from tests.evaluation.reviews.material import said
from tests.generation.conftest import Ran
from tests.generation.test_forget import command


@pytest.fixture
def copy(small_run: Ran, tmp_path: Path) -> Path:
    return Path(shutil.copytree(small_run.out, tmp_path / "equime"))


@pytest.fixture
def reviewed(copy: Path) -> Path:
    """Two reviewers reject one clip of fear, and tie on another one."""
    for clip, heron, wren in (("ann-fear-000", "reject", "reject"), ("ben-fear-000", "accept", "reject")):
        add_review(copy, said(clip, "heron", heron))
        add_review(copy, said(clip, "wren", wren))
    return copy


def test_a_folder_without_reviews_says_where_to_give_some(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = command(capsys, "reviews", copy)
    assert code == 0
    assert "has no reviews yet" in out


def test_the_report_for_people_and_for_programs(reviewed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = command(capsys, "reviews", reviewed)
    assert "4 reviews of 2 clips by 2 reviewers, 0 of them blind" in out
    assert "clips by majority: 0 kept, 1 rejected, 1 tied" in out
    told = json.loads(command(capsys, "reviews", reviewed, "--json")[1])
    assert told["decisions"] == {"accept": 1, "correct": 0, "reject": 3}
    (pair,) = [line for line in told["lines"] if line["who"] == "heron and wren"]
    # half agree; 1/2 x 0 + 1/2 x 1 by chance
    assert (pair["kappa"]["observed"], pair["kappa"]["expected"], pair["kappa"]["value"]) == (0.5, 0.5, 0.0)


def test_a_sample_is_listed_in_the_order_of_a_reviewer(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("reviews", copy, "--sample", 4, "--seed", 3)
    told = [json.loads(command(capsys, *asked, *more, "--json")[1])["clips"] for more in ((), ("--reviewer", "heron"))]
    plain, ordered = ([clip["clip_id"] for clip in clips] for clips in told)
    assert len(plain) == 4
    assert sorted(plain) == sorted(ordered)
    assert {clip["emotion"] for clip in told[0]} == {"fear", "neutral"}
    assert plain[0] in command(capsys, *asked)[1]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--sample", "3", "--drop-rejected"], "give one of them"),
        (["--reviewer", "heron"], "give --sample as well"),
        (["--sample", "3", "--reviewer", "ann@example.org"], "under a pseudonym"),
    ],
)
def test_mistakes_get_one_line(
    small_run: Ran, words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = command(capsys, "reviews", small_run.out, *words)
    assert code == 2
    assert message in err


def test_rejected_clips_leave_and_the_shard_is_made_again_without_them(
    reviewed: Path, people_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = read_manifest(reviewed).clips
    twin = Path(shutil.copytree(reviewed, tmp_path / "twin"))
    code, out, _ = command(capsys, "reviews", reviewed, "--drop-rejected")
    assert code == 0
    assert "1 clips that most of their reviewers rejected are out" in out
    assert read_manifest(reviewed).clips == before - 1
    assert verify(reviewed, deep=True) == []
    assert len(read_reviews(reviewed)) == 4
    assert "ann-fear-000" in {plan.clip_id for plan in read_plans(reviewed / "plan.parquet")}
    command(capsys, "reviews", twin, "--drop-rejected", "--json")
    assert sha256_of_file(twin / "manifest.json") == sha256_of_file(reviewed / "manifest.json")
    lost = next(entry for entry in read_manifest(reviewed).shards if entry.emotion == "fear")
    (reviewed / lost.path).unlink()
    assert command(capsys, "regenerate", reviewed, lost.path, "--faces", f"folder:{people_folder}")[0] == 0
    assert sha256_of_file(reviewed / lost.path) == lost.sha256
    again = json.loads(command(capsys, "reviews", reviewed, "--drop-rejected", "--json")[1])
    assert (again["clips"], again["changed"]) == (0, [])


def test_nothing_that_people_said_leaves_the_machine(reviewed: Path, tmp_path: Path) -> None:
    (tmp_path / "scratch").mkdir()
    leaving = contents_of_dataset(reviewed, read_manifest(reviewed), tmp_path / "scratch")
    assert not [path for path in leaving if "review" in path]
    write_recipe_release(reviewed, tmp_path / "release")
    assert not [path for path in (tmp_path / "release").rglob("*") if "review" in path.name]
    assert not [path for path in leaving.values() if path.is_file() and b"heron" in path.read_bytes()]


def test_who_is_forgotten_leaves_the_reviews_too(reviewed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = json.loads(command(capsys, "forget", reviewed, "ann", "--json")[1])
    assert told["reviews"] == 2
    assert {review.clip_id for review in read_reviews(reviewed)} == {"ben-fear-000"}
