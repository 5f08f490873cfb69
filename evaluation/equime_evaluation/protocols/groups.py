"""Recognition by groups of people: what each group gets, how far apart groups are, and what few people can say of it.

Why not fairlearn's bootstrap: it draws rows again, and a hundred clips of one person are one person. Its
`MetricFrame` and `equalized_odds_difference` are what the tests hold these figures against.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from equime_evaluation.equity.resampling import centred, interval, people_drawn
from equime_evaluation.protocols.recognition import RESAMPLES, accuracy, confusions_by_person, uar, uf1

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Reals = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupScore:
    """What one group gets.

    Attributes:
        uf1_interval: 95 % of resamples of its people; ``None`` where it has one.
    """

    group: str
    people: int
    clips: int
    accuracy: float | None
    uf1: float | None
    uar: float | None
    uf1_interval: tuple[float, float] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """How far groups are apart: largest less smallest, with 95 % of resamples of people within their groups.

    Attributes:
        interval: ``None`` where a group has one person, who says nothing about her like.
    """

    measure: str
    value: float
    interval: tuple[float, float] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupReport:
    """Recognition by one attribute.

    Attributes:
        worst: Group with the smallest UF1.
        differences: Of UF1, UAR and accuracy, and of equalized odds; empty with fewer than two groups.
        people_unknown: People whose group is not known; they are in no figure here.
    """

    attribute: str
    groups: tuple[GroupScore, ...]
    worst: str | None
    differences: tuple[Difference, ...]
    people_unknown: int


def group_report(
    attribute: str,
    true: Sequence[int],
    said: Sequence[int],
    people: Sequence[str],
    groups: Mapping[str, str],
    *,
    classes: int,
    resamples: int = RESAMPLES,
) -> GroupReport:
    """Score groups of people and their differences.

    Args:
        true: (n,) number of each clip's class; as ``said`` for what was said, and ``people`` for who it shows.
        groups: Group of each person; people who are not in it count as unknown.
        classes: How many classes there are.

    Raises:
        UsageError: Lengths differ, or a number names no class.
    """
    by_person = confusions_by_person(true, said, people, classes)
    known = [who for who in by_person if who in groups]
    labels = [groups[who] for who in known]
    names = sorted(set(labels))
    if not known:
        return GroupReport(attribute=attribute, groups=(), worst=None, differences=(), people_unknown=len(by_person))
    confusions = np.stack([by_person[who] for who in known])
    weights = people_drawn(labels, resamples=resamples, key=f"groups/{attribute}")
    once, drawn = (_by_group(table, confusions, labels, names) for table in (np.ones((1, len(known))), weights))
    scores = [_score(name, labels.count(name), once[0, place], drawn[:, place]) for place, name in enumerate(names)]
    return GroupReport(
        attribute=attribute,
        groups=tuple(scores),
        worst=min(scores, key=lambda score: score.uf1 if score.uf1 is not None else 2.0).group,
        differences=_differences(once, drawn, labels) if len(names) > 1 else (),
        people_unknown=len(by_person) - len(known),
    )


def equalized_odds(counts: Reals) -> Reals:
    """Return the equalized-odds difference, one class against the rest, averaged over classes.

    For each class: the larger of the spread of true-positive rates and the spread of false-positive rates over groups.
    A group without clips of a class, or without others, has no rate and is left out of that spread.

    Args:
        counts: (..., groups, classes, classes), rows true.

    Source: Hardt, Price, Srebro, "Equality of opportunity in supervised learning", NeurIPS 2016.
    """
    hits = np.diagonal(counts, axis1=-2, axis2=-1)
    of_class = counts.sum(-1)
    alarms, others = counts.sum(-2) - hits, counts.sum((-2, -1))[..., None] - of_class
    spreads = np.stack([_spread(_rate(hits, of_class), axis=-2), _spread(_rate(alarms, others), axis=-2)])
    return np.asarray(np.nanmean(np.fmax(*spreads), axis=-1))


def _by_group(weights: Reals, confusions: Reals, labels: Sequence[str], names: Sequence[str]) -> Reals:
    """Return (resamples, groups, classes, classes)."""
    belongs = np.array([[label == name for name in names] for label in labels], np.float64)
    return np.asarray(np.einsum("rp,pg,pij->rgij", weights, belongs, confusions))


def _score(name: str, people: int, once: Reals, drawn: Reals) -> GroupScore:
    values = [float(measure(once)) for measure in (accuracy, uf1, uar)]
    known = [value if np.isfinite(value) else None for value in values]
    return GroupScore(
        group=name,
        people=people,
        clips=int(once.sum()),
        accuracy=known[0],
        uf1=known[1],
        uar=known[2],
        uf1_interval=interval(uf1(drawn)) if people > 1 else None,
    )


def _differences(once: Reals, drawn: Reals, labels: Sequence[str]) -> tuple[Difference, ...]:
    measures: dict[str, Callable[[Reals], Reals]] = {
        "UF1": lambda counts: _spread(uf1(counts), axis=-1),
        "UAR": lambda counts: _spread(uar(counts), axis=-1),
        "accuracy": lambda counts: _spread(accuracy(counts), axis=-1),
        "equalized odds": equalized_odds,
    }
    vary = all(labels.count(label) > 1 for label in labels)
    found = []
    for name, measure in measures.items():
        value = float(measure(once)[0])
        # a spread cannot be negative and grows with noise alone, which drawing again adds to
        inside = interval(centred(measure(drawn), value)) if vary else None
        found.append(Difference(measure=name, value=value, interval=inside))
    return tuple(found)


def _rate(part: Reals, whole: Reals) -> Reals:
    return np.asarray(np.divide(part, whole, out=np.full(whole.shape, np.nan), where=whole > 0))


def _spread(values: Reals, *, axis: int) -> Reals:
    known = np.isfinite(values)
    largest = np.where(known, values, -np.inf).max(axis)
    smallest = np.where(known, values, np.inf).min(axis)
    return np.where(known.any(axis), largest - smallest, np.nan)
