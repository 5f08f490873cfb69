"""Votes, and what a folder's reviews say together."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from equime_builder.records import Plan
from equime_evaluation.reviews import Agreement, Review, add_review, agreement, verdicts
from equime_evaluation.reviews.agreement import Line, agreement_of
from tests.evaluation.reviews.material import said
from tests.samples import person, plan

PLANS: dict[str, Plan] = {
    one.clip_id: one for emotion in ("fear", "anger") for take in range(3) for one in [plan(person(1), emotion, take)]
}
FEAR, ANGER = ([f"{emotion}-t001-0{take}" for take in range(3)] for emotion in ("fear", "anger"))


def line(found: Agreement, what: str, among: str, who: str = "all reviewers") -> Line:
    return next(one for one in found.lines if (one.what, one.among, one.who) == (what, among, who))


def test_more_than_half_must_reject() -> None:
    votes = [said("a", "heron", "reject"), said("a", "wren"), said("b", "heron", "reject"), said("b", "wren", "reject")]
    votes += [said("a", "crow", "correct", emotion="fear"), said("c", "heron")]
    assert [(one.clip_id, one.is_rejected, one.is_tied) for one in verdicts(votes)] == [
        ("a", False, False),
        ("b", True, False),
        ("c", False, False),
    ]
    assert verdicts(votes[:2])[0].is_tied


def test_the_last_word_of_a_reviewer_counts() -> None:
    found = verdicts([said("a", "heron", "reject"), said("a", "wren", "reject"), said("a", "heron")])
    assert [(one.kept, one.rejected) for one in found] == [(1, 1)]


def decided(clips: list[str], heron: str, wren: str) -> list[Review]:
    """Return open reviews; a letter a clip: a, r or c."""
    words = {"a": "accept", "r": "reject", "c": "correct"}
    return [
        said(clip, who, words[letter], emotion="fear" if letter == "c" else None)
        for who, letters in (("heron", heron), ("wren", wren))
        for clip, letter in zip(clips, letters, strict=True)
    ]


def test_decisions_are_counted_and_compared() -> None:
    reviews = [*decided([*FEAR, *ANGER], "aarrca", "aararc"), said("gone-t001-00", "heron")]
    found = agreement_of(reviews, PLANS)
    assert (found.reviews, found.unknown, found.revised, found.blind, found.clips) == (12, 1, 0, 0, 6)
    assert found.decisions == {"accept": 6, "reject": 4, "correct": 2}
    assert (found.kept, found.rejected, found.tied) == (3, 1, 2)
    assert found.reviewers == {"heron": 6, "wren": 6}
    # heron: a a r r c a, wren: a a r a r c; they agree on three of six; (3*3 + 2*2 + 1*1) / 36 by chance
    pair = line(found, "decision", "all reviews", "heron and wren").kappa
    assert pair.observed == pytest.approx(1 / 2)
    assert pair.expected == pytest.approx(14 / 36)
    assert pair.value == pytest.approx((18 - 14) / (36 - 14))
    # Fleiss pools both reviewers' shares: 6/12, 4/12, 2/12, the same here
    assert line(found, "decision", "all reviews").kappa.value == pytest.approx(pair.value)
    assert line(found, "decision: reject", "clips of fear").kappa.value == 1.0
    assert not [one for one in found.lines if one.among in ("blind reviews", "open reviews")]


def seen(clip: str, who: str, emotion: str, *aus: int) -> Review:
    return said(clip, who, was_blind=True, emotion=emotion, aus=tuple((au, "left") for au in aus))


def test_what_was_seen_is_held_against_the_plan_where_that_was_hidden() -> None:
    reviews = [
        seen(FEAR[0], "heron", "fear", 1, 2, 4),
        seen(FEAR[0], "wren", "anger", 4),
        seen(ANGER[0], "heron", "anger", 4, 7),
        seen(ANGER[0], "wren", "anger", 4),
        said(FEAR[1], "heron", "correct", emotion="surprise"),
    ]
    found = agreement_of(reviews, PLANS)
    assert found.blind == 4
    plan_line = line(found, "emotion", "blind reviews", "reviewers and plan").kappa
    # three of four right; planned 1/2, 1/2; said fear 1/4, anger 3/4
    assert (plan_line.observed, plan_line.expected, plan_line.value) == (0.75, 0.5, 0.5)
    assert line(found, "AU1", "blind reviews").kappa.observed == pytest.approx(0.5)
    # AU1: planned on the fear clip, seen there by one of two
    assert line(found, "AU1", "blind reviews", "reviewers and plan").kappa.observed == 0.75
    assert line(found, "AU4", "blind reviews").kappa.value is None
    assert line(found, "decision", "open reviews").kappa.clips == 0
    assert not [one for one in found.lines if "surprise" in one.what]


def test_a_folder_says_the_same_twice(tiny_dataset: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(tiny_dataset, tmp_path / "equime"))
    assert agreement(copy).reviews == 0
    for review in decided(["fear-t001-00", "anger-t002-01"], "ar", "rr"):
        add_review(copy, review)
    first, second = agreement(copy), agreement(copy)
    assert first == second
    assert first.rejected == 1
    assert json.loads(json.dumps(first.as_json()))["decisions"]["reject"] == 3


def test_of_many_reviewers_the_busiest_are_compared_two_by_two() -> None:
    reviews = [said(FEAR[0], f"reviewer-{n:03d}") for n in range(100)]
    reviews += [said(FEAR[1], f"reviewer-{n:03d}") for n in range(50, 62)]
    pairs = [one.who for one in agreement_of(reviews, PLANS, resamples=100).lines if " and reviewer" in one.who]
    assert len(pairs) == 12 * 11 / 2
    assert pairs[0] == "reviewer-050 and reviewer-051"
