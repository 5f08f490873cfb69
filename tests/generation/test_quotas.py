from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equime_builder.errors import UsageError
from equime_builder.groups import groups_in
from equime_builder.records import Subject
from equime_generation.quotas import deal, shares
from tests.samples import person

crowds = st.lists(
    st.builds(
        person,
        st.integers(0, 60),
        gender=st.sampled_from(["female", "male", None]),
        skin_tone=st.sampled_from(["I", "II", "III", "IV", "V", "VI", None]),
    ),
    min_size=1,
    max_size=15,
    unique_by=lambda subject: subject.id,
)


@given(crowds, st.integers(1, 40), st.integers(0, 99))
def test_people_get_equal_numbers(crowd: list[Subject], clips: int, seed: int) -> None:
    turns = deal(crowd, emotions=["fear", "anger"], clips_per_emotion=clips, balance="people", seed=seed)
    for order in turns.values():
        counts = Counter(order)
        assert sum(counts.values()) == clips
        assert max(counts.values()) - min(counts[subject.id] for subject in crowd) <= 1


@given(crowds, st.integers(1, 40), st.integers(0, 99))
def test_groups_get_equal_numbers_and_their_people_too(crowd: list[Subject], clips: int, seed: int) -> None:
    turns = deal(crowd, emotions=["fear"], clips_per_emotion=clips, balance="groups", seed=seed)
    counts, groups = shares(turns, crowd), groups_in(crowd)
    of_group = [counts.get(("fear", group), 0) for group in groups]
    assert sum(of_group) == clips
    assert max(of_group) - min(of_group) <= 1
    of_person = Counter(turns["fear"])
    for members in groups.values():
        numbers = [of_person[member.id] for member in members]
        assert max(numbers) - min(numbers) <= 1


@given(crowds, st.randoms(use_true_random=False), st.sampled_from(["people", "groups"]))
def test_turns_do_not_depend_on_the_order_of_people(crowd: list[Subject], shuffler: object, balance: str) -> None:
    mixed = list(crowd)
    shuffler.shuffle(mixed)  # type: ignore[attr-defined]
    first, second = (
        deal(people, emotions=["fear"], clips_per_emotion=9, balance=balance, seed=0) for people in (crowd, mixed)
    )
    assert first == second


@given(crowds, st.integers(1, 10), st.integers(1, 10), st.sampled_from(["people", "groups"]))
def test_more_clips_keep_the_first_ones(crowd: list[Subject], few: int, more: int, balance: str) -> None:
    short, long = (
        deal(crowd, emotions=["fear"], clips_per_emotion=clips, balance=balance, seed=0)["fear"]
        for clips in (few, few + more)
    )
    assert long[:few] == short


def test_nobody_and_unknown_balances_are_refused() -> None:
    with pytest.raises(UsageError, match="at least one subject"):
        deal([], emotions=["fear"], clips_per_emotion=1, balance="people", seed=0)
    with pytest.raises(UsageError, match="balance 'age' is unknown; choose from: people, groups"):
        deal([person(1)], emotions=["fear"], clips_per_emotion=1, balance="age", seed=0)
