from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equime_evaluation.equity.resampling import (
    arrangement_count,
    arrangements,
    centred,
    holm,
    interval,
    p_value,
    people_drawn,
)


def test_variance_of_a_drawn_mean_is_the_closed_form() -> None:
    values = np.array([1.0, 2.0, 4.0, 9.0, 5.0, 0.0, 3.0])
    labels = ["a"] * 4 + ["b"] * 3
    weights = people_drawn(labels, resamples=40_000, key="test")
    for group in ("a", "b"):
        own = np.array([label == group for label in labels])
        means = (weights * own) @ values / own.sum()
        assert means.mean() == pytest.approx(values[own].mean(), rel=0.01)
        # the unbiased estimate s^2 / n, where drawing n people would give (n - 1) / n of it
        assert means.var() == pytest.approx(values[own].var(ddof=1) / own.sum(), rel=0.03)


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=12))
def test_groups_keep_their_size(labels: list[str]) -> None:
    weights = people_drawn(labels, resamples=20, key="size")
    for group in set(labels):
        own = np.array([label == group for label in labels])
        assert weights[:, own].sum(1) == pytest.approx(own.sum())


def test_whoever_is_alone_stays() -> None:
    assert (people_drawn(["a", "b"], resamples=9, key="alone") == 1).all()


@given(st.lists(st.integers(0, 2), min_size=1, max_size=6))
def test_every_arrangement_stands_once(codes: list[int]) -> None:
    found = arrangements(np.array(codes), sampled=1, key="all")
    assert sorted(map(tuple, found.tolist())) == sorted(set(permutations(codes)))
    assert len(found) == arrangement_count(codes)


def test_ten_people_of_two_genders_have_120_arrangements() -> None:
    assert arrangement_count(["f"] * 7 + ["m"] * 3) == 120


def test_many_arrangements_are_sampled_with_the_given_one_first() -> None:
    codes = np.arange(30) % 3
    found = arrangements(codes, sampled=50, key="many")
    assert found.shape == (51, 30)
    assert (found[0] == codes).all()
    assert (np.sort(found, axis=1) == np.sort(codes)).all()
    assert (arrangements(codes, sampled=50, key="many") == found).all()


def test_one_among_thousands_is_tried_everywhere() -> None:
    codes = np.zeros(500, dtype=np.int64)
    codes[7] = 1
    assert sorted(arrangements(codes, sampled=1, key="one").argmax(1).tolist()) == list(range(500))


def test_p_is_that_of_full_enumeration() -> None:
    women, men = [2.0, 3.0, 5.0, 9.0], [1.0, 2.0, 2.5]
    values = np.array(women + men)
    codes = np.array([0] * 4 + [1] * 3)

    def gap(codes: np.ndarray) -> float:
        return abs(float(values[codes == 0].mean() - values[codes == 1].mean()))

    exchanged = np.array([gap(row) for row in arrangements(codes, sampled=1, key="gap")])
    by_hand = [abs(sum(chosen) / 4 - (values.sum() - sum(chosen)) / 3) for chosen in combinations(values, 4)]
    expected = sum(other >= gap(codes) - 1e-12 for other in by_hand) / 35
    assert p_value(gap(codes), exchanged) == pytest.approx(expected)


def test_p_is_never_below_one_over_the_arrangements() -> None:
    exchanged = np.array([0.0] * 119 + [5.0])
    assert p_value(5.0, exchanged) == pytest.approx(1 / 120)


def test_holm_worked_by_hand() -> None:
    # sorted .01, .02, .03, .04 times 4, 3, 2, 1 is .04, .06, .06, .04, and none may fall below the one before
    assert holm([0.03, 0.01, 0.04, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert holm([0.9, 0.6]) == [1.0, 1.0]
    assert holm([]) == []


def test_noise_that_drawing_adds_is_taken_off_down_to_nothing() -> None:
    assert centred(np.array([0.1, 0.3, 0.5, np.nan]), 0.2) == pytest.approx([0.0, 0.2, 0.4, np.nan], nan_ok=True)
    assert np.isnan(centred(np.array([np.nan]), 0.2)).all()


def test_interval_of_nothing_is_none() -> None:
    assert interval(np.array([np.nan, np.nan])) is None
    assert interval(np.linspace(0, 1, 1001)) == pytest.approx((0.025, 0.975))
