from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equime_builder.errors import UsageError
from equime_builder.records import SPLITS, Placement, Subject
from equime_builder.splits import assign, quotas
from tests.samples import person

GROUPS = st.lists(
    st.tuples(st.sampled_from(["female", "male", "nonbinary", None]), st.sampled_from(["I", "III", "VI", None])),
    min_size=1,
    max_size=40,
)


def crowd(groups: Sequence[tuple[str | None, str | None]]) -> list[Subject]:
    return [person(number, gender=gender, skin_tone=tone) for number, (gender, tone) in enumerate(groups)]


def sizes(placements: dict[str, Placement]) -> list[int]:
    counts = Counter(placement.split for placement in placements.values())
    return [counts[split] for split in SPLITS]


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        (1, [1, 0, 0]),
        (2, [1, 0, 1]),
        (3, [1, 1, 1]),
        (4, [2, 1, 1]),
        (10, [6, 2, 2]),
        (20, [14, 3, 3]),
        (100, [70, 15, 15]),
    ],
)
def test_quotas(people: int, expected: list[int]) -> None:
    assert [quotas(people)[split] for split in SPLITS] == expected


def test_seven_women_and_three_men_stand_in_every_split() -> None:
    tones = ["II", "II", "III", "IV", "V", "VI", "III", "II", "V", "VI"]
    people = crowd([("female" if n < 7 else "male", tone) for n, tone in enumerate(tones)])
    placements = assign(people)
    assert sizes(placements) == [6, 2, 2]
    for split in SPLITS:
        genders = {p.demographics.gender for p in people if placements[p.id].split == split}
        assert genders == {"female", "male"}
    assert Counter(placement.fold for placement in placements.values()) == dict.fromkeys(range(5), 2)


@pytest.mark.parametrize(
    ("women", "men", "expected"),
    [
        (2, 1, [1, 1, 1]),
        (2, 2, [2, 1, 1]),
        (5, 2, [4, 1, 2]),
        (8, 2, [7, 1, 2]),
        (9, 1, [8, 1, 1]),
        (20, 4, [16, 4, 4]),
    ],
)
def test_a_gender_with_few_people_keeps_every_split_filled(women: int, men: int, expected: list[int]) -> None:
    people = crowd([("female", None)] * women + [("male", None)] * men)
    placements = assign(people)
    assert sizes(placements) == expected
    tested = {p.demographics.gender for p in people if placements[p.id].split == "test"}
    assert "male" in tested or men == 1


def test_skin_tones_spread_over_the_splits() -> None:
    people = crowd([("female", tone) for tone in ("I", "III", "V", "VI") for _ in range(20)])
    placements = assign(people)
    held_out = Counter(p.demographics.skin_tone for p in people if placements[p.id].split != "train")
    # 24 of 80 people are held out: 6 of each tone's 20, give or take one
    assert sum(held_out.values()) == 24
    assert set(held_out.values()) <= {5, 6, 7}


def test_two_subjects_of_one_id_are_refused() -> None:
    with pytest.raises(UsageError, match="must be unique, these are not: t001; rename"):
        assign([person(1), person(1)])


@settings(max_examples=60, deadline=None)
@given(groups=GROUPS)
def test_everybody_has_one_place_and_no_split_is_empty(groups: list[tuple[str | None, str | None]]) -> None:
    people = crowd(groups)
    placements = assign(people)
    assert list(placements) == sorted(subject.id for subject in people)
    counts = sizes(placements)
    assert all(counts) or len(people) < 3
    assert counts[0] >= counts[2] >= counts[1] >= counts[2] - 1
    folds = Counter(placement.fold for placement in placements.values())
    assert max(folds[fold] for fold in range(5)) - min(folds[fold] for fold in range(5)) <= 1


@settings(max_examples=60, deadline=None)
@given(groups=GROUPS, seed=st.integers(0, 99))
def test_order_does_not_matter(groups: list[tuple[str | None, str | None]], seed: int) -> None:
    people = crowd(groups)
    shuffled = random.Random(seed).sample(people, len(people))
    assert assign(shuffled) == assign(people)


@settings(max_examples=60, deadline=None)
@given(groups=GROUPS, more=st.integers(0, 39))
def test_nobody_moves_when_others_join(groups: list[tuple[str | None, str | None]], more: int) -> None:
    people = crowd(groups)
    frozen = assign(people[:more])
    grown = assign(people, frozen)
    assert {who: place for who, place in grown.items() if who in frozen} == frozen
    assert set(grown) == {subject.id for subject in people}
    assert assign(people, grown) == grown
