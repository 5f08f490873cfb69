"""Means and shares of an outcome in each group, and how far the groups lie apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from equime_evaluation.equity.association import Labelled
from equime_evaluation.equity.outcomes import Outcome
from equime_evaluation.equity.resampling import interval, people_drawn

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupMean:
    """Mean of a group's clips, with its interval over people; no interval for one person."""

    group: str
    people: int
    clips: int
    mean: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """An outcome by group.

    Attributes:
        difference: Largest less smallest group mean; it is never negative, so its interval does not test anything.
        ratio: Smallest over largest group mean; ``None`` where the largest is not positive.
    """

    outcome: str
    attribute: str
    groups: tuple[GroupMean, ...]
    difference: float
    low: float | None
    high: float | None
    ratio: float | None


def means_of(outcome: Outcome, attribute: str, groups: Mapping[str, str], *, resamples: int, key: str) -> Means | None:
    """Return the means of a number by group, or ``None`` where there are not two groups.

    Raises:
        ValueError: The outcome is not a number.
    """
    if outcome.categories is not None:
        raise ValueError(f"{outcome.name} has categories and no mean")
    known = [place for place, who in enumerate(outcome.people) if who in groups]
    labels = [groups[outcome.people[place]] for place in known]
    if len(set(labels)) < 2:
        return None
    labelled = Labelled(outcome.totals[known], labels)
    table, weights = labelled.table(), people_drawn(labels, resamples=resamples, key=key)
    observed, resampled = (_means(totals, outcome.centre) for totals in (table, labelled.weighted(weights)))
    found = tuple(
        _group_mean(name, labels.count(name), int(table[0, place, 0]), observed[0, place], resampled[:, place])
        for place, name in enumerate(labelled.groups)
    )
    low, high = interval(resampled.max(1) - resampled.min(1)) or (None, None)
    largest, smallest = float(observed.max()), float(observed.min())
    return Means(
        outcome=outcome.name,
        attribute=attribute,
        groups=found,
        difference=largest - smallest,
        low=low,
        high=high,
        ratio=smallest / largest if largest > 0 else None,
    )


def _means(totals: NDArray[np.float64], centre: float) -> NDArray[np.float64]:
    return np.asarray(centre + totals[..., 1] / totals[..., 0])


def _group_mean(name: str, people: int, clips: int, mean: float, resampled: NDArray[np.float64]) -> GroupMean:
    low, high = (interval(resampled) or (None, None)) if people > 1 else (None, None)
    return GroupMean(group=name, people=people, clips=clips, mean=float(mean), low=low, high=high)
