"""Counterfactual gaps: the same programme on different people, so that what differs is the person alone.

Only clips that share a `plan_id` are compared. Within each such set the mean of one group's clips is taken from the
mean of the other's; the gap is the mean of these differences over the sets.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Final

import numpy as np

from equime_builder.records import Subject
from equime_evaluation.equity.people import groups_of
from equime_evaluation.equity.resampling import interval, people_drawn

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Reals = NDArray[np.float64]

_CHUNK: Final = 128
_ROUNDING: Final = 1e-12

Observed = tuple[str, str, float]
"""Set (`plan_id`), person, value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Difference between two groups within counterfactual sets: first less second.

    Attributes:
        sets: Sets in which both groups have a clip.
        mean: Over both groups and all sets.
        difference: In the outcome's unit, with the interval over people.
        percent: The same in per cent of ``mean``; ``None`` where that is 0.
    """

    outcome: str
    attribute: str
    first: str
    second: str
    people: tuple[int, int]
    sets: int
    clips: int
    mean: float
    difference: float
    low: float | None
    high: float | None
    percent: float | None
    percent_low: float | None
    percent_high: float | None


def gaps_of(
    outcome: str,
    values: Iterable[Observed],
    subjects: Iterable[Subject],
    attributes: Mapping[str, Callable[[Subject], str | None]],
    *,
    resamples: int,
) -> Iterator[Gap]:
    """Yield the gap between every two groups of every attribute that share programmes.

    Args:
        values: What was seen of whom in which set.
        resamples: How often people are drawn again, within their groups, for the intervals.
    """
    sets = shared_sets(values)
    people = list(subjects)
    for attribute, take in attributes.items():
        groups = groups_of(people, take)
        for first, second in combinations(sorted(set(groups.values())), 2):
            gap = _gap(sets, groups, outcome, attribute, (first, second), resamples)
            if gap is not None:
                yield gap


def shared_sets(values: Iterable[Observed]) -> list[dict[str, float]]:
    """Return the value of each person in each set of two people or more."""
    sets: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for programme, who, value in values:
        sets[programme][who].append(value)
    return [{who: float(np.mean(own)) for who, own in people.items()} for people in sets.values() if len(people) > 1]


def _gap(
    sets: list[dict[str, float]],
    groups: Mapping[str, str],
    outcome: str,
    attribute: str,
    pair: tuple[str, str],
    resamples: int,
) -> Gap | None:
    chosen = [own for own in sets if set(pair) <= {groups.get(who) for who in own}]
    people = sorted({who for own in chosen for who in own if groups.get(who) in pair})
    if not chosen:
        return None
    matrix = np.array([[own.get(who, np.nan) for who in people] for own in chosen])
    labels = [groups[who] for who in people]
    sides = np.array([[label == name for label in labels] for name in pair])
    difference, mean = (float(value[0]) for value in paired(matrix, sides, np.ones((1, len(people)))))
    drawn = people_drawn(labels, resamples=resamples, key=f"audit/gap/{outcome}/{attribute}/{pair}")
    differences, means = paired(matrix, sides, drawn)
    alone = min(sides.sum(1)) < 2
    low, high = (None, None) if alone else interval(differences) or (None, None)
    relative = None if alone or mean == 0 else interval(100 * differences / np.abs(means))
    return Gap(
        outcome=outcome,
        attribute=attribute,
        first=pair[0],
        second=pair[1],
        people=(int(sides[0].sum()), int(sides[1].sum())),
        sets=len(chosen),
        clips=int(np.isfinite(matrix).sum()),
        mean=mean,
        difference=difference,
        low=low,
        high=high,
        percent=None if mean == 0 else 100 * difference / abs(mean),
        percent_low=relative[0] if relative else None,
        percent_high=relative[1] if relative else None,
    )


def paired(matrix: Reals, sides: NDArray[np.bool_], weights: Reals) -> tuple[Reals, Reals]:
    """Return the mean paired difference and the mean level, for several weightings of people.

    Args:
        matrix: (sets, people) values; NaN where a person has no clip in a set.
        sides: (2, people) who belongs to the first group, and who to the second.
        weights: (resamples, people).

    Returns:
        (resamples,) differences and (resamples,) levels; a set in which a weighting leaves one group empty does not
        count there.
    """
    parts = [_paired(matrix, sides, part) for part in np.array_split(weights, -(-len(weights) // _CHUNK))]
    differences, levels = zip(*parts, strict=True)
    return np.concatenate(differences), np.concatenate(levels)


def _paired(matrix: Reals, sides: NDArray[np.bool_], weights: Reals) -> tuple[Reals, Reals]:
    there = np.isfinite(matrix)
    filled = np.where(there, matrix, 0.0)
    means = []
    for side in sides:
        counted = (weights * side) @ there.T
        sums = (weights * side) @ filled.T
        means.append(np.divide(sums, counted, out=np.full_like(sums, np.nan), where=counted > 0))
    both = np.isfinite(means[0] + means[1])
    number = both.sum(1)
    sums = [np.where(both, mean, 0).sum(1) for mean in means]
    first, second = (np.divide(total, number, out=np.full_like(total, np.nan), where=number > 0) for total in sums)
    level = (first + second) / 2
    # Equal values summed in another order differ in the last bits, and are equal.
    equal = np.abs(first - second) < _ROUNDING * np.abs(level)
    return np.where(equal, 0.0, first - second), level
