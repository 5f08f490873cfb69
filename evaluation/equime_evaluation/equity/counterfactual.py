"""The counterfactual gap: how far any two people lie apart under the same programme, whatever their groups."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from equime_evaluation.equity.gaps import Observed, shared_sets
from equime_evaluation.equity.resampling import interval, people_drawn

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Reals = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterfactual:
    """Mean absolute difference between two people's clips of one programme.

    Of an outcome that is yes or no, such as whether the screen accepted a clip, it is the share of pairs on which the
    answers differ.

    Attributes:
        people: Who share a programme with somebody.
        sets: Programmes that two people or more share.
        pairs: Pairs of people in these sets, over all sets.
        mean: Over all clips of these sets.
        difference: In the outcome's unit, with the interval over people.
        percent: The same in per cent of ``mean``; ``None`` where that is 0.
        largest: Of all pairs.
    """

    outcome: str
    people: int
    sets: int
    pairs: int
    mean: float
    difference: float
    low: float | None
    high: float | None
    percent: float | None
    largest: float


def counterfactual_of(outcome: str, values: Iterable[Observed], *, resamples: int) -> Counterfactual | None:
    """Return the gap of one outcome; ``None`` where no two people share a programme.

    Args:
        values: What was seen of whom in which set.
        resamples: How often people are drawn again for the interval.
    """
    sets = shared_sets(values)
    if not sets:
        return None
    people = sorted({who for own in sets for who in own})
    matrix = np.array([[own.get(who, np.nan) for who in people] for own in sets])
    mean = float(np.nanmean(matrix))
    difference = float(mean_difference(matrix, np.ones((1, len(people))))[0])
    drawn = people_drawn(["everybody"] * len(people), resamples=resamples, key=f"audit/counterfactual/{outcome}")
    # Of two people one is drawn: nothing is left to compare.
    low, high = (None, None) if len(people) < 3 else interval(mean_difference(matrix, drawn)) or (None, None)
    counts = np.isfinite(matrix).sum(1)
    return Counterfactual(
        outcome=outcome,
        people=len(people),
        sets=len(sets),
        pairs=int((counts * (counts - 1) // 2).sum()),
        mean=mean,
        difference=difference,
        low=low,
        high=high,
        percent=None if mean == 0 else 100 * difference / abs(mean),
        largest=float(np.max(np.nanmax(matrix, 1) - np.nanmin(matrix, 1))),
    )


def mean_difference(matrix: Reals, weights: Reals) -> Reals:
    """Return the mean absolute difference of all pairs within rows, Gini's, for several weightings of people.

    A person who counts twice is not compared with herself. Rows are sorted, so that the sum over pairs is one pass.

    Args:
        matrix: (sets, people) values; NaN where a person has no clip in a set.
        weights: (resamples, people).

    Returns:
        (resamples,); NaN where a weighting leaves no pair.

    Source: Gini, "Variabilita e mutabilita" (1912); Yitzhaki & Schechtman, "The Gini Methodology" (2013), chapter 2.
    """
    apart, pairs = np.zeros(len(weights)), np.zeros(len(weights))
    for row in matrix:
        order = np.argsort(row)[: np.isfinite(row).sum()]
        value, weight = row[order], weights[:, order]
        below, below_value = np.cumsum(weight, 1) - weight, np.cumsum(weight * value, 1) - weight * value
        apart += (weight * (value * below - below_value)).sum(1)
        pairs += (weight * below).sum(1)
    return np.divide(apart, pairs, out=np.full_like(apart, np.nan), where=pairs > 0)
