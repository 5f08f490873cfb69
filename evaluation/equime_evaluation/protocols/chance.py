"""What the same answers would score if they had nothing to do with the truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from equime_builder.streams import stream
from equime_evaluation.equity.resampling import interval
from equime_evaluation.protocols.recognition import uf1

_PERMUTATIONS = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Chance:
    """UF1 under exchange of truths.

    Attributes:
        low: With ``high`` the range that holds 95 % of exchanges.
        p: Share of exchanges that score at least as well as the answers do, these among them.
    """

    uf1: float
    low: float
    high: float
    p: float


def chance_of(true: Sequence[int], said: Sequence[int], people: Sequence[str], *, classes: int) -> Chance | None:
    """Return what chance gives: true classes are exchanged between clips of the same person.

    Returns:
        ``None`` without clips.

    Source: Ojala & Garriga, "Permutation tests for studying classifier performance", JMLR 11 (2010).
    """
    if not len(true):
        return None
    truth, answers, who = np.asarray(true), np.asarray(said), np.asarray(people)
    draws = stream("chance", len(truth))
    scores = [_score(truth, answers, classes)]
    places = [np.flatnonzero(who == person) for person in sorted(set(people))]
    for _ in range(_PERMUTATIONS):
        exchanged = truth.copy()
        for own in places:
            exchanged[own] = truth[draws.permutation(own)]
        scores.append(_score(exchanged, answers, classes))
    drawn = np.array(scores)
    low, high = interval(drawn[1:]) or (float(drawn[0]), float(drawn[0]))
    return Chance(uf1=float(drawn[1:].mean()), low=low, high=high, p=float(np.mean(drawn >= drawn[0] - 1e-12)))


def _score(truth: np.ndarray, answers: np.ndarray, classes: int) -> float:
    counts = np.bincount(truth * classes + answers, minlength=classes**2).reshape(classes, classes)
    return float(uf1(counts.astype(np.float64)))
