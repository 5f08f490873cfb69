"""The same programme on any two people, whatever their groups."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equime_evaluation.equity.counterfactual import counterfactual_of, mean_difference


def test_a_difference_worked_by_hand() -> None:
    values = [
        ("a", "t000", 1.0), ("a", "t001", 3.0), ("a", "t002", 4.0),  # 2 + 3 + 1
        ("b", "t000", 6.0), ("b", "t002", 5.0),  # 1
        ("c", "t001", 99.0),  # alone: no pair
    ]  # fmt: skip
    found = counterfactual_of("motion", values, resamples=200)
    assert found is not None
    assert (found.people, found.sets, found.pairs, found.largest) == (3, 2, 4, 3.0)
    assert found.difference == pytest.approx(7 / 4)
    assert found.mean == pytest.approx(19 / 5)
    assert found.percent == pytest.approx(100 * (7 / 4) / (19 / 5))


def test_of_a_decision_it_is_the_share_of_pairs_that_differ() -> None:
    # Of four people one is dropped: 3 of 6 pairs.
    values = [("a", f"t00{number}", float(number > 0)) for number in range(4)]
    found = counterfactual_of("accepted", values, resamples=200)
    assert found is not None
    assert found.difference == pytest.approx(0.5)


def test_without_shared_programmes_there_is_none() -> None:
    assert counterfactual_of("motion", [("a", "t000", 1.0), ("b", "t001", 2.0)], resamples=100) is None


def test_two_people_have_a_difference_and_no_interval() -> None:
    found = counterfactual_of("motion", [("a", "t000", 1.0), ("a", "t001", 2.0)], resamples=100)
    assert found is not None
    assert (found.difference, found.low, found.high) == (1.0, None, None)


@given(
    st.lists(st.lists(st.floats(-9, 9) | st.just(float("nan")), min_size=5, max_size=5), min_size=1, max_size=4),
    st.lists(st.integers(0, 3), min_size=5, max_size=5),
)
@settings(deadline=None, max_examples=60)
def test_one_pass_equals_all_pairs(rows: list[list[float]], weights: list[int]) -> None:
    matrix, weight = np.array(rows), np.array(weights, dtype=float)
    apart = total = 0.0
    for row in matrix:
        for i, j in combinations(np.flatnonzero(np.isfinite(row)), 2):
            apart += weight[i] * weight[j] * abs(row[i] - row[j])
            total += weight[i] * weight[j]
    found = mean_difference(matrix, weight[None])[0]
    if total:
        assert found == pytest.approx(apart / total, abs=1e-9)
    else:
        assert np.isnan(found)


def test_intervals_hold_the_true_difference_of_normal_people() -> None:
    # Gini's mean difference of a normal variable is 2 / sqrt(pi) of its standard deviation.
    random, held = np.random.default_rng(11), 0
    for _ in range(60):
        own = random.normal(size=30)
        values = [(f"s{number}", f"t{who:03d}", value) for number in range(2) for who, value in enumerate(own)]
        found = counterfactual_of("motion", values, resamples=300)
        assert found is not None
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 2 / np.sqrt(np.pi) <= found.high
    assert held >= 48
