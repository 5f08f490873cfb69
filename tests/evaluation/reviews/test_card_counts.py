"""The card counts reviews: as the agreement does, by hand, and without a pseudonym."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from equime_builder.errors import DatasetError
from equime_builder.manifest import read_manifest
from equime_builder.papers import write_papers
from equime_builder.review_section import recount
from equime_builder.reviewed import reviewed
from equime_builder.verify import verify
from equime_evaluation.reviews import Review, add_review, agreement
from equime_generation.cli import main
from tests.evaluation.reviews.material import said

CLIPS = [f"{emotion}-t00{person}-00" for emotion in ("fear", "anger") for person in (1, 2)]
GIVEN = [
    said(CLIPS[0], "heron-7", "reject"),
    said(CLIPS[0], "heron-7"),  # takes the place of the one before
    said(CLIPS[0], "wren-2"),
    said(CLIPS[1], "heron-7", "reject", was_blind=True),
    said(CLIPS[1], "wren-2", "reject", was_blind=True),
    said(CLIPS[1], "crow-1"),
    said(CLIPS[2], "heron-7"),
    said(CLIPS[2], "wren-2", "reject", was_blind=True),
    said(CLIPS[3], "crow-1", "correct", emotion="fear"),
]
COUNTED = """\
| clips reviewed | 4 |
| accepted by most of their reviewers | 2 of 4 (50.0 %) |
| rejected by most of their reviewers | 1 of 4 (25.0 %) |
| tied | 1 |
| reviewers | 3 |
| reviews that did not see the plan | 3 of 8 (37.5 %) |
| agreement on the decision (Fleiss' kappa) | -0.169, over 3 clips |
"""


@pytest.fixture
def copy(tiny_dataset: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_dataset, tmp_path / "equime"))


def _review(root: Path, given: list[Review] = GIVEN) -> None:
    for review in given:
        add_review(root, review)


def _card(root: Path) -> str:
    return (root / "README.md").read_text(encoding="utf-8")


def test_kappa_is_that_of_the_hand_and_of_the_agreement(copy: Path) -> None:
    _review(copy)
    found, told = reviewed(copy), agreement(copy, resamples=100)
    # 2 of 2 accept, 2 of 3 reject, 1 of 2 does either; the single review of the fourth clip tells nothing
    observed, expected = (1 + 1 / 3 + 0) / 3, (11 / 18) ** 2 + (7 / 18) ** 2
    assert found.kappa == pytest.approx((observed - expected) / (1 - expected), abs=1e-12)
    assert found.kappa == pytest.approx(told.lines[0].kappa.value, abs=1e-12)
    assert (found.reviews, found.blind, found.clips) == (told.reviews, told.blind, told.clips)
    assert (found.accepted, found.rejected, found.tied) == (told.kept, told.rejected, told.tied)
    assert found.reviewers == len(told.reviewers)


def test_the_card_says_that_nobody_reviewed_and_counts_once_somebody_did(copy: Path) -> None:
    before = _card(copy)
    assert "\n## Reviews by people\n\nNot reviewed: " in before
    assert not recount(copy)
    _review(copy)
    with pytest.raises(SystemExit, match="0"):
        main(["reviews", str(copy)])
    after = _card(copy)
    assert COUNTED in after
    assert not re.search("heron|wren|crow", after)
    section = r"## Reviews by people\n.*?(?=## How it was made)"
    assert re.sub(section, "", before, flags=re.DOTALL) == re.sub(section, "", after, flags=re.DOTALL)
    assert not recount(copy), "it counts them already"
    write_papers(copy, read_manifest(copy))
    assert _card(copy) == after
    assert verify(copy, deep=False) == []


def test_a_card_for_elsewhere_leaves_the_folders_own(copy: Path, tmp_path: Path) -> None:
    _review(copy)
    before = _card(copy)
    assert recount(copy, tmp_path)
    assert COUNTED in _card(tmp_path)
    assert _card(copy) == before


def test_where_all_say_the_same_kappa_is_not_defined(copy: Path) -> None:
    _review(copy, [said(CLIPS[0], "heron-7"), said(CLIPS[0], "wren-2")])
    assert reviewed(copy).kappa is None
    recount(copy)
    assert "(Fleiss' kappa) | not defined |" in _card(copy)


def test_reviews_that_are_none_are_an_error_with_a_way_out(copy: Path) -> None:
    _review(copy)
    path = copy / "reviews.parquet"
    table = pq.read_table(path)
    place = table.column_names.index("decision")
    pq.write_table(table.set_column(place, "decision", pa.array(["perhaps"] * len(table))), path)
    with pytest.raises(DatasetError, match=r"reviews\.parquet: cannot be read: perhaps .*restore it from a copy"):
        recount(copy)
