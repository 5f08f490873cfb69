import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import mannwhitneyu

from equime_evaluation.shortcuts import auc


def test_hand_worked() -> None:
    scores, labels = np.array([0.1, 0.4, 0.35, 0.8]), np.array([False, False, True, True])
    assert auc(scores, labels) == 0.75


def test_a_tie_counts_half() -> None:
    assert auc(np.zeros(5), np.array([True, False, True, False, False])) == 0.5


def test_one_kind_alone_has_no_area() -> None:
    assert np.isnan(auc(np.arange(3.0), np.array([True, True, True])))


@given(
    positives=st.lists(st.integers(0, 6), min_size=1, max_size=12),
    negatives=st.lists(st.integers(0, 6), min_size=1, max_size=12),
)
@settings(deadline=None, max_examples=60)
def test_equals_scipys_statistic(positives: list[int], negatives: list[int]) -> None:
    scores = np.array([*positives, *negatives], np.float64)
    labels = np.arange(len(scores)) < len(positives)
    statistic = mannwhitneyu(positives, negatives).statistic
    assert auc(scores, labels) == pytest.approx(statistic / (len(positives) * len(negatives)))
