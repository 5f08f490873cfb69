from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equime_builder.errors import UsageError
from equime_builder.groups import group_of
from equime_builder.records import Subject
from equime_generation.faces import Face
from equime_generation.selection import choose_people, quality_of
from tests.samples import person


def one(number: int, gender: str | None, skin_tone: str | None, age_group: str | None = "25-35") -> Subject:
    subject = person(number, gender=gender, skin_tone=skin_tone)
    return replace(subject, demographics=replace(subject.demographics, age_group=age_group))


# three light women, two light men, one dark woman; the dark woman's photo is the poorest but one
CROWD = [
    one(1, "female", "I"),
    one(2, "female", "II"),
    one(3, "female", "I"),
    one(4, "male", "II"),
    one(5, "male", "I"),
    one(6, "female", "VI"),
]
QUALITY = {"t001": 0.7, "t002": 0.9, "t003": 0.8, "t004": 0.05, "t005": 0.4, "t006": 0.1}


@pytest.mark.parametrize(
    ("count", "chosen"),
    [
        (3, {"t002", "t005", "t006"}),
        (5, {"t002", "t003", "t005", "t004", "t006"}),
        (6, set(QUALITY)),
        (99, set(QUALITY)),
    ],
)
def test_groups_take_turns_and_send_their_best(count: int, chosen: set[str]) -> None:
    assert set(choose_people(QUALITY, CROWD, count, seed=0)) == chosen


def test_the_seed_says_which_group_gets_the_odd_place() -> None:
    fourth = {choose_people(QUALITY, CROWD, 4, seed=seed)[3] for seed in range(20)}
    assert fourth == {"t003", "t004"}


def test_age_groups_take_turns_within_a_group() -> None:
    crowd = [one(1, "male", "I", "young"), one(2, "male", "I", "young"), one(3, "male", "I", "not young")]
    quality = {"t001": 0.9, "t002": 0.8, "t003": 0.1}
    assert set(choose_people(quality, crowd, 2, seed=0)) == {"t001", "t003"}


def test_age_groups_do_not_outweigh_groups() -> None:
    women = [one(number, "female", "I", f"{number}0-{number}9") for number in range(1, 5)]
    men = [one(number, "male", "I", "30-39") for number in range(5, 9)]
    chosen = choose_people({subject.id: 0.5 for subject in women + men}, women + men, 4, seed=3)
    assert sum(subject.id in chosen for subject in women) == 2


def test_nobody_is_no_choice() -> None:
    with pytest.raises(UsageError, match="at least one person must be chosen, got 0"):
        choose_people(QUALITY, CROWD, 0, seed=0)
    assert choose_people({}, [], 3, seed=0) == []


crowds = st.lists(
    st.builds(
        one,
        st.integers(0, 60),
        st.sampled_from(["female", "male", None]),
        st.sampled_from(["I", "IV", "VI", None]),
        st.sampled_from(["young", "not young", None]),
    ),
    min_size=1,
    max_size=20,
    unique_by=lambda subject: subject.id,
)


def some_quality(crowd: list[Subject]) -> dict[str, float]:
    return {subject.id: int(subject.id[1:]) * 7 % 11 / 11 for subject in crowd}


@given(crowds, st.integers(1, 25), st.integers(0, 9))
def test_no_group_gets_more_while_another_waits(crowd: list[Subject], count: int, seed: int) -> None:
    chosen = set(choose_people(some_quality(crowd), crowd, count, seed=seed))
    assert len(chosen) == min(count, len(crowd))
    there = Counter(group_of(subject) for subject in crowd)
    taken = Counter(group_of(subject) for subject in crowd if subject.id in chosen)
    for group in there:
        if taken[group] < there[group]:
            assert max(taken.values()) <= taken[group] + 1


@given(crowds, st.integers(1, 25), st.integers(0, 9))
def test_nobody_is_passed_over_for_a_poorer_photo_of_the_same_cell(crowd: list[Subject], count: int, seed: int) -> None:
    quality = some_quality(crowd)
    chosen = set(choose_people(quality, crowd, count, seed=seed))
    for left in crowd:
        for taken in crowd:
            same = (group_of(left), left.demographics.age_group) == (group_of(taken), taken.demographics.age_group)
            if same and left.id not in chosen and taken.id in chosen:
                assert quality[taken.id] >= quality[left.id]


@given(crowds, st.integers(1, 10), st.integers(1, 10), st.randoms(use_true_random=False))
def test_more_people_keep_the_first_whatever_the_order(
    crowd: list[Subject], few: int, more: int, mixer: object
) -> None:
    mixed = list(crowd)
    mixer.shuffle(mixed)  # type: ignore[attr-defined]
    quality = some_quality(crowd)
    short = choose_people(quality, crowd, few, seed=1)
    assert choose_people(quality, mixed, few + more, seed=1)[: len(short)] == short


def test_detail_is_sharpness_cut_by_enlargement(default_face: Face) -> None:
    import cv2

    whole = quality_of(default_face)
    assert 0.3 < whole < 0.9
    assert quality_of(replace(default_face, upscale=0.2)) == whole
    assert quality_of(replace(default_face, upscale=1.25)) == pytest.approx(0.8 * whole)
    soft = np.asarray(cv2.GaussianBlur(default_face.image, (0, 0), 3), dtype=np.uint8)
    assert quality_of(replace(default_face, image=soft)) < 0.6 * whole
    dim = (default_face.image // 3).astype(np.uint8)
    assert quality_of(replace(default_face, image=dim)) == pytest.approx(whole, rel=0.03)
