import numpy as np
import pytest

from equime_builder.records import Subject
from equime_evaluation.equity.gaps import Gap, Observed, gaps_of, paired
from equime_evaluation.equity.people import ATTRIBUTES
from tests.samples import person

GENDER = {"gender": ATTRIBUTES["gender"]}


def crowd(women: int, men: int) -> list[Subject]:
    return [person(place, gender="female" if place < women else "male") for place in range(women + men)]


def gap(values: list[Observed], people: list[Subject], resamples: int = 400) -> Gap | None:
    found = list(gaps_of("motion", values, people, GENDER, resamples=resamples))
    assert len(found) <= 1
    return found[0] if found else None


def test_a_gap_worked_by_hand() -> None:
    people = crowd(2, 2)
    values = [
        ("a", "t000", 1.0), ("a", "t001", 3.0), ("a", "t002", 4.0),  # 2 - 4 = -2
        ("b", "t000", 6.0), ("b", "t002", 5.0), ("b", "t003", 3.0),  # 6 - 4 = +2
        ("c", "t001", 9.0), ("c", "t003", 6.0),  # +3
        ("d", "t000", 99.0), ("d", "t001", 0.0),  # no man: no pair
        ("e", "t002", 7.0),  # alone
    ]  # fmt: skip
    found = gap(values, people)
    assert found is not None
    assert (found.first, found.second, found.people, found.sets, found.clips) == ("female", "male", (2, 2), 3, 8)
    assert found.difference == pytest.approx(1.0)
    # women 2, 6, 9 and men 4, 4, 6 have means 17/3 and 14/3
    assert found.mean == pytest.approx(31 / 6)
    assert found.percent == pytest.approx(100 * 6 / 31)


def test_the_programme_itself_falls_out() -> None:
    people, random = crowd(4, 4), np.random.default_rng(3)
    levels = random.normal(10, 5, 20)
    own = {subject.id: 0.5 if subject.demographics.gender == "female" else 0.0 for subject in people}
    values = [
        (f"s{number}", who, float(level) + shift) for number, level in enumerate(levels) for who, shift in own.items()
    ]
    found = gap(values, people)
    assert found is not None
    assert [found.difference, found.low, found.high] == pytest.approx([0.5] * 3)


def test_interval_is_over_people_and_not_over_clips() -> None:
    people, random = crowd(8, 8), np.random.default_rng(5)
    own = dict(zip([subject.id for subject in people], random.normal(0, 1, 16), strict=True))
    few, many = (
        gap([(f"s{number}", who, value) for number in range(sets) for who, value in own.items()], people, 4000)
        for sets in (2, 50)
    )
    assert few is not None
    assert many is not None
    assert few.low is not None
    assert few.high is not None
    assert (few.low, few.high) == pytest.approx((many.low, many.high))
    women, men = (np.array([own[subject.id] for subject in people[part]]) for part in (slice(0, 8), slice(8, 16)))
    spread = (women.var(ddof=1) / 8 + men.var(ddof=1) / 8) ** 0.5
    assert few.high - few.low == pytest.approx(2 * 1.96 * spread, rel=0.08)


def test_one_person_a_group_has_a_gap_and_no_interval() -> None:
    found = gap([("a", "t000", 3.0), ("a", "t001", 1.0)], crowd(1, 1))
    assert found is not None
    assert (found.difference, found.percent, found.low, found.percent_low) == (2.0, 100.0, None, None)


def test_programmes_that_nobody_shares_have_no_gap() -> None:
    people = crowd(3, 3)
    assert gap([(subject.id, subject.id, 1.0) for subject in people], people) is None


def test_equal_shares_of_nothing_have_no_per_cent() -> None:
    found = gap([("a", "t000", 0.0), ("a", "t001", 0.0)], crowd(1, 1))
    assert found is not None
    assert (found.difference, found.percent) == (0.0, None)


def test_a_resample_without_a_group_in_a_set_leaves_that_set_out() -> None:
    matrix = np.array([[1.0, 3.0, 5.0], [2.0, np.nan, 8.0]])
    sides = np.array([[True, True, False], [False, False, True]])
    differences, levels = paired(matrix, sides, np.array([[1.0, 1, 1], [0, 2, 1]]))
    assert differences == pytest.approx([(2 - 5 + 2 - 8) / 2, 3 - 5])
    assert levels == pytest.approx([(2 + 5 + 2 + 8) / 4, 4])
