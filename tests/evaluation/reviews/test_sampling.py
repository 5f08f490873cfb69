"""Whom a sample shows, and in which order."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from equime_evaluation.reviews import Candidate, candidates, draw, in_order_of

MANY = [
    Candidate(clip_id=f"{emotion}-{group[0]}-{n}", emotion=emotion, shard="data/x", group=group)
    for emotion in ("fear", "anger")
    for group, count in ((("female", "light"), 40), (("male", "dark"), 6))
    for n in range(count)
]


def test_candidates_are_the_clips_of_the_folder(tiny_dataset: Path) -> None:
    found = candidates(tiny_dataset)
    assert len(found) == 18
    assert found[0].shard == "data/fear/train-00000.parquet"
    assert {clip.group for clip in found} == {("female", "medium"), ("female", "dark"), ("male", "dark")}


def test_every_emotion_of_every_group_gives_equally_many() -> None:
    counts = Counter((clip.emotion, clip.group) for clip in draw(MANY, 16))
    assert set(counts.values()) == {4}
    # six are all that the smaller groups have
    assert sorted(Counter((clip.emotion, clip.group) for clip in draw(MANY, 32)).values()) == [6, 6, 10, 10]


def test_a_sample_depends_on_the_seed_alone() -> None:
    assert draw(MANY, 9, seed=4) == draw(list(reversed(MANY)), 9, seed=4)
    assert draw(MANY, 9, seed=4) != draw(MANY, 9, seed=5)
    assert draw(MANY, 9) == draw(MANY, 10)[:9]
    assert len(draw(MANY, 1000)) == len(MANY)


def test_reviewers_see_the_same_clips_in_orders_of_their_own() -> None:
    sample = draw(MANY, 12)
    heron, wren = (in_order_of(who, sample) for who in ("heron", "wren"))
    assert sorted(heron, key=str) == sorted(wren, key=str) == sorted(sample, key=str)
    assert heron != wren
    assert heron == in_order_of("heron", list(reversed(sample)))


@given(st.lists(st.integers(1, 9), min_size=1, max_size=6), st.integers(0, 60), st.integers(0, 3))
def test_no_cell_has_two_more_than_another_that_could_give_more(sizes: list[int], count: int, seed: int) -> None:
    clips = [
        Candidate(clip_id=f"{cell}-{n}", emotion="fear", shard="", group=(str(cell), "light"))
        for cell, size in enumerate(sizes)
        for n in range(size)
    ]
    drawn = draw(clips, count, seed=seed)
    assert len(drawn) == len({clip.clip_id for clip in drawn}) == min(count, len(clips))
    counts = Counter(clip.group for clip in drawn)
    most = max(counts.values(), default=0)
    assert all(counts[str(cell), "light"] >= min(size, most - 1) for cell, size in enumerate(sizes))
