"""Recognition scored over all clips at once: confusion, F1 of each class, UF1, UAR, accuracy.

Folds are pooled before anything is averaged: the mean of the F1 of folds, whose classes differ, is another number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from equime_builder.errors import UsageError
from equime_evaluation.equity.resampling import interval, people_drawn

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Reals = NDArray[np.float64]

RESAMPLES: Final = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassScore:
    """One class; ``None`` where the figure would divide by nothing.

    Attributes:
        clips: Clips whose true class it is.
        f1: 2 TP / (2 TP + FP + FN).
    """

    name: str
    clips: int
    precision: float | None
    recall: float | None
    f1: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognition:
    """What a recognizer reached.

    Attributes:
        confusion: Rows are true classes, columns are what was said.
        uf1: Unweighted mean of the F1 of the classes that have clips; ``None`` without clips.
        uar: Unweighted mean of their recalls.
        uf1_interval: 95 % of resamples of people; ``None`` with one person. As ``uar_interval``.
    """

    classes: tuple[str, ...]
    clips: int
    people: int
    confusion: tuple[tuple[int, ...], ...]
    per_class: tuple[ClassScore, ...]
    accuracy: float | None
    uf1: float | None
    uar: float | None
    uf1_interval: tuple[float, float] | None
    uar_interval: tuple[float, float] | None


def score_recognition(
    true: Sequence[int],
    said: Sequence[int],
    people: Sequence[str],
    classes: Sequence[str],
    *,
    resamples: int = RESAMPLES,
    key: str = "recognition",
) -> Recognition:
    """Score what was said of clips against what is true.

    Args:
        true: (n,) number of each clip's class.
        said: (n,) number of the class that was said.
        people: (n,) who each clip shows; intervals draw people again, never clips.
        classes: Names of the classes.
        key: Names the random stream of the resamples.

    Raises:
        UsageError: Lengths differ, or a number names no class.

    Source: See, Yap, Li, Hong, Wang, "MEGC 2019", FG 2019, section IV (UF1 and UAR over pooled folds).
    """
    by_person = confusions_by_person(true, said, people, len(classes))
    counts = np.sum(list(by_person.values()), axis=0) if by_person else np.zeros((len(classes), len(classes)))
    uf1_interval, uar_interval = _intervals(by_person, resamples=resamples, key=key)
    return Recognition(
        classes=tuple(classes),
        clips=int(counts.sum()),
        people=len(by_person),
        confusion=tuple(tuple(int(cell) for cell in row) for row in counts),
        per_class=tuple(_class_score(name, counts, place) for place, name in enumerate(classes)),
        accuracy=_known(accuracy(counts)),
        uf1=_known(uf1(counts)),
        uar=_known(uar(counts)),
        uf1_interval=uf1_interval,
        uar_interval=uar_interval,
    )


def confusions_by_person(
    true: Sequence[int], said: Sequence[int], people: Sequence[str], classes: int
) -> dict[str, Reals]:
    """Return each person's confusion matrix, (classes, classes), people sorted.

    Raises:
        UsageError: Lengths differ, or a number names no class.
    """
    if not len(true) == len(said) == len(people):
        raise UsageError(f"truth, answers and people differ in number: {len(true)}, {len(said)}, {len(people)}")
    wrong = [label for label in (*true, *said) if not 0 <= label < classes]
    if wrong:
        raise UsageError(f"class {wrong[0]} is unknown; classes are numbered from 0 to {classes - 1}")
    found = {who: np.zeros((classes, classes)) for who in sorted(set(people))}
    for truth, answer, who in zip(true, said, people, strict=True):
        found[who][truth, answer] += 1
    return found


def f1_of_classes(counts: Reals) -> Reals:
    """Return 2 TP / (2 TP + FP + FN) of each class, NaN for one that is neither true nor said.

    Args:
        counts: (..., classes, classes) confusion, rows true; may be weighted.
    """
    hits = np.diagonal(counts, axis1=-2, axis2=-1)
    return _share(2 * hits, counts.sum(-1) + counts.sum(-2))


def uf1(counts: Reals) -> Reals:
    """Return the unweighted mean F1 over the classes that have clips; NaN without clips."""
    return _mean_of_present(f1_of_classes(counts), counts)


def uar(counts: Reals) -> Reals:
    """Return the unweighted mean recall over the classes that have clips; NaN without clips."""
    recalls = _share(np.diagonal(counts, axis1=-2, axis2=-1), counts.sum(-1))
    return _mean_of_present(recalls, counts)


def accuracy(counts: Reals) -> Reals:
    """Return the share of clips that were told rightly; NaN without clips."""
    return _share(np.trace(counts, axis1=-2, axis2=-1), counts.sum((-2, -1)))


def _mean_of_present(values: Reals, counts: Reals) -> Reals:
    present = counts.sum(-1) > 0
    return _share(np.where(present, values, 0.0).sum(-1), present.sum(-1).astype(np.float64))


def _share(part: Reals, whole: Reals) -> Reals:
    return np.asarray(np.divide(part, whole, out=np.full(np.shape(whole), np.nan), where=np.asarray(whole) > 0))


def _class_score(name: str, counts: Reals, place: int) -> ClassScore:
    hits, clips, said = counts[place, place], counts[place].sum(), counts[:, place].sum()
    return ClassScore(
        name=name,
        clips=int(clips),
        precision=float(hits / said) if said else None,
        recall=float(hits / clips) if clips else None,
        f1=_known(f1_of_classes(counts)[place]),
    )


def _intervals(
    by_person: dict[str, Reals], *, resamples: int, key: str
) -> tuple[tuple[float, float] | None, tuple[float, float] | None]:
    if len(by_person) < 2:
        return None, None
    weights = people_drawn(["all"] * len(by_person), resamples=resamples, key=key)
    drawn = np.einsum("rp,pij->rij", weights, np.stack(list(by_person.values())))
    return interval(uf1(drawn)), interval(uar(drawn))


def _known(value: Reals | np.float64) -> float | None:
    return float(value) if np.isfinite(value) else None
