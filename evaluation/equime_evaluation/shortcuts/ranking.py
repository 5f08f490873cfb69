"""The area under the receiver operating characteristic, exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def auc(scores: NDArray[np.float64], labels: NDArray[np.bool_]) -> float:
    """Return the chance that a positive scores above a negative, ties counting half.

    Source: Mann & Whitney, Ann. Math. Stat. 18 (1947); Hanley & McNeil, Radiology 143 (1982).

    Args:
        scores: (n,).
        labels: (n,) True = positive; NaN is returned where either kind is missing.
    """
    wins, pairs = wins_and_pairs(scores, labels)
    return wins / pairs if pairs else float("nan")


def wins_and_pairs(scores: NDArray[np.float64], labels: NDArray[np.bool_]) -> tuple[float, int]:
    """Return in how many of the pairs of a positive and a negative the positive is ahead, and how many there are."""
    negatives = np.sort(scores[~labels])
    positives = scores[labels]
    below = np.searchsorted(negatives, positives, "left").sum()
    not_above = np.searchsorted(negatives, positives, "right").sum()
    return float(below + not_above) / 2, len(positives) * len(negatives)
