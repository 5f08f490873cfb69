"""Kappas against published tables and another library."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import cohen_kappa_score

from equime_evaluation.reviews.kappa import cohen, fleiss

# Fleiss 1971, table 1: 30 patients, six psychiatrists each; depression, personality disorder, schizophrenia, neurosis,
# other.
_ROWS = """
00060 03003 01401 00006 03030 20400 00402 20310 20040 00006 10050 11040 03300 10050 02031
00501 30012 51000 02040 10203 00006 01050 02013 20040 10041 05010 40002 02040 10500 00006
"""
FLEISS_1971 = np.array([[int(digit) for digit in row] for row in _ROWS.split()])


def tables(cells: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return a table for each clip of a cross table."""
    size = len(cells)
    return np.array(
        [
            [[int((i, j) == (k, m)) for m in range(size)] for k in range(size)]
            for i in range(size)
            for j in range(size)
            for _ in range(cells[i, j])
        ]
    )


def test_the_published_example_of_many_reviewers() -> None:
    assert (FLEISS_1971.sum(-1) == 6).all()
    found = fleiss(FLEISS_1971, key="test")
    assert (found.clips, found.ratings) == (30, 180)
    assert found.value == pytest.approx(0.430, abs=5e-4)
    assert found.low is not None
    assert found.high is not None
    assert found.value is not None
    assert 0.25 < found.low < found.value < found.high < 0.6


@pytest.mark.parametrize(("category", "published"), [(0, 0.245), (1, 0.245), (2, 0.520), (3, 0.471), (4, 0.566)])
def test_the_published_kappas_of_single_categories(category: int, published: float) -> None:
    own = FLEISS_1971[:, category]
    assert fleiss(np.stack([own, 6 - own], axis=-1), key="test").value == pytest.approx(published, abs=1e-3)


def test_the_printed_example_of_two_reviewers() -> None:
    """SAS/STAT, PROC FREQ, "Simple Kappa Coefficient" of this table."""
    found = cohen(tables(np.array([[0, 4, 1], [0, 8, 0], [0, 1, 5]])), key="test")
    assert found.value == pytest.approx(0.4842, abs=5e-5)


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=2, max_size=40).filter(
        lambda pairs: len({word for pair in pairs for word in pair}) > 1
    )
)
def test_two_reviewers_as_scikit_learn_has_it(pairs: list[tuple[int, int]]) -> None:
    counts = np.zeros((3, 3), dtype=np.int64)
    for first, second in pairs:
        counts[first, second] += 1
    found = cohen(tables(counts), key="test", resamples=50)
    assert found.value == pytest.approx(cohen_kappa_score(*zip(*pairs, strict=True)))


def test_clips_with_fewer_reviews_by_hand() -> None:
    # Agreement 1, 1/3 and 0; shares of the first word 1, 2/3 and 1/2: p = 13/18, 5/18.
    counts = np.array([[2, 0], [2, 1], [1, 1], [1, 0]])
    found = fleiss(counts, key="test")
    expected = (13 / 18) ** 2 + (5 / 18) ** 2
    assert (found.clips, found.ratings) == (3, 7)
    assert found.observed == pytest.approx(4 / 9)
    assert found.expected == pytest.approx(expected)
    assert found.value == pytest.approx((4 / 9 - expected) / (1 - expected))


def test_one_word_alone_says_nothing() -> None:
    found = fleiss(np.array([[2, 0], [3, 0]]), key="test")
    assert (found.observed, found.value, found.low) == (1.0, None, None)


def test_no_clip_with_two_reviews() -> None:
    found = fleiss(np.array([[1, 0], [0, 1]]), key="test")
    assert (found.clips, found.observed, found.value, found.low) == (0, None, None, None)


def test_the_interval_is_that_of_clips_drawn_one_by_one() -> None:
    found = fleiss(FLEISS_1971, key="test")
    draw = np.random.default_rng(5)
    values = [fleiss(FLEISS_1971[draw.integers(0, 30, 30)], key="x", resamples=1).value for _ in range(2000)]
    low, high = np.quantile(np.array(values, dtype=float), [0.025, 0.975])
    assert found.low == pytest.approx(low, abs=0.02)
    assert found.high == pytest.approx(high, abs=0.02)
