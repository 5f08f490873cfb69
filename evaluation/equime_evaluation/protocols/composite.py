"""The MEGC 2019 composite: several datasets, one set of three classes, folds pooled, UF1 and UAR."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from equime_evaluation.protocols.classes import CLASS_SETS
from equime_evaluation.protocols.recognition import Recognition, score_recognition


@dataclass(frozen=True, slots=True, kw_only=True)
class Composite:
    """Scores over all datasets together, and over each by itself."""

    full: Recognition
    datasets: dict[str, Recognition]


def composite(
    true: Sequence[int], said: Sequence[int], people: Sequence[str], datasets: Sequence[str], *, resamples: int = 2000
) -> Composite:
    """Score the composite database evaluation.

    The answers come from leave-one-person-out folds over the people of all datasets; they are pooled, not averaged.
    A person is a name within a dataset: two sets may both have a subject 6.

    Args:
        true: (n,) 0 negative, 1 positive, 2 surprise.
        said: (n,) the same for what was said.
        people: (n,) who, within the dataset.
        datasets: (n,) which dataset.

    Raises:
        UsageError: Lengths differ, or a number names no class.

    Source: See, Yap, Li, Hong, Wang, "MEGC 2019 - the second facial micro-expressions grand challenge", FG 2019.
    """
    classes = CLASS_SETS["3class"].classes
    who = [f"{dataset}/{person}" for dataset, person in zip(datasets, people, strict=True)]
    parts = {}
    for name in sorted(set(datasets)):
        own = [place for place, dataset in enumerate(datasets) if dataset == name]
        parts[name] = score_recognition(
            [true[place] for place in own],
            [said[place] for place in own],
            [who[place] for place in own],
            classes,
            resamples=resamples,
            key=f"composite/{name}",
        )
    full = score_recognition(true, said, who, classes, resamples=resamples, key="composite")
    return Composite(full=full, datasets=parts)
