"""Train on some people, rank the samples of another, and count how often a positive comes out ahead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from equime_builder.errors import UsageError
from equime_builder.streams import stream
from equime_evaluation.shortcuts.logistic import fit_logistic
from equime_evaluation.shortcuts.ranking import wins_and_pairs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

RIDGE_SHARE: Final = 0.05
"""Ridge for one sample."""

_RESAMPLES: Final = 2000
_CONFIDENCE: Final = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """How well samples of unseen people were told apart.

    Attributes:
        auc: Of all pairs of a positive and a negative of the same held-out person, the share with the positive ahead;
            .5 = chance.
        low: Lower end of the 95 % interval over people drawn again.
        high: Its upper end.
        people: How many people were held out in turn.
        samples: How many samples were ranked.
    """

    auc: float
    low: float
    high: float
    people: int
    samples: int


def shortcut_auc(features: NDArray[np.float64], labels: NDArray[np.bool_], groups: Sequence[str]) -> Finding:
    """Leave each person out in turn, train on the others, rank the person's own samples.

    The classifier is a logistic regression on each feature and on its size: a shortcut may lie in being brighter *or*
    darker than rest. People are compared with themselves alone, so that no offset between folds counts.

    Args:
        features: (n, F).
        labels: (n,) True = positive.
        groups: (n,) who each sample shows.

    Raises:
        UsageError: There are fewer than two people, or nobody shows both kinds of samples.
    """
    people = sorted(set(groups))
    if len(people) < 2 or not any({True, False} <= _kinds(labels, groups, person) for person in people):
        raise UsageError(
            f"shortcuts are sought on unseen people, each with both kinds of samples; got {len(people)} people and "
            f"{int(labels.sum())} of {len(labels)} samples positive; give clips of more people"
        )
    who = np.asarray(groups)
    both_ways = np.column_stack([features, np.abs(features)])
    counted = [_held_out(both_ways, labels, who == person) for person in people]
    wins, pairs = (np.array(column, np.float64) for column in zip(*counted, strict=True))
    low, high = _interval(wins, pairs)
    return Finding(auc=float(wins.sum() / pairs.sum()), low=low, high=high, people=len(people), samples=len(labels))


def _kinds(labels: NDArray[np.bool_], groups: Sequence[str], person: str) -> set[bool]:
    return {bool(label) for label, who in zip(labels, groups, strict=True) if who == person}


def _held_out(features: NDArray[np.float64], labels: NDArray[np.bool_], held: NDArray[np.bool_]) -> tuple[float, int]:
    seen = features[~held]
    centre, spread = seen.mean(0), seen.std(0)
    scale = np.where(spread > 0, spread, 1.0)
    model = fit_logistic((seen - centre) / scale, labels[~held], ridge=RIDGE_SHARE * len(seen))
    return wins_and_pairs(model.log_odds((features[held] - centre) / scale), labels[held])


def _interval(wins: NDArray[np.float64], pairs: NDArray[np.float64]) -> tuple[float, float]:
    people = len(wins)
    drawn = stream("shortcuts", "people").integers(0, people, (_RESAMPLES, people))
    tail = (1 - _CONFIDENCE) / 2
    ahead, of = wins[drawn].sum(1), pairs[drawn].sum(1)
    low, high = np.quantile(ahead[of > 0] / of[of > 0], (tail, 1 - tail))
    return float(low), float(high)
