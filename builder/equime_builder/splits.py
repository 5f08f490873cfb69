"""Subjects get a split and a fold: disjoint, stratified by demographics, and frozen once given.

Strata are genders; those with fewer than three people are one stratum together. Within a stratum people stand in
order of skin tone, and splits are dealt out evenly along that order, so that tones spread over the splits as far as
their number allows.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from equime_builder.errors import UsageError
from equime_builder.records import SPLITS, Placement, SplitName, Subject

HELD_OUT: Final = 0.15
"""Share of the validation split, and of the test split."""

FOLDS: Final = 5
_SMALLEST_STRATUM: Final = 3  # one person for each split


def assign(subjects: Iterable[Subject], frozen: Mapping[str, Placement] | None = None) -> dict[str, Placement]:
    """Return the placement of each subject; depends on ids and declared demographics, never on order.

    Args:
        subjects: All people at hand, those with a frozen placement included.
        frozen: Placements given earlier, by subject id; they are kept as they are.

    Returns:
        Placement by subject id, sorted by id. From three people on no split is empty, unless frozen placements fill
        only some.

    Raises:
        UsageError: Two subjects share an id.
    """
    people = sorted(subjects, key=lambda subject: subject.id)
    twice = [subject_id for subject_id, count in Counter(subject.id for subject in people).items() if count > 1]
    if twice:
        raise UsageError(f"subject ids must be unique, these are not: {', '.join(twice)}; rename the photos")
    kept = frozen or {}
    placed = {subject.id: kept[subject.id] for subject in people if subject.id in kept}
    for stratum in _strata(people):
        splits = _deal_splits(stratum, placed)
        folds = _deal_folds(stratum, placed)
        placed |= {subject_id: Placement(split=split, fold=folds[subject_id]) for subject_id, split in splits.items()}
    return dict(sorted(placed.items()))


def quotas(people: int) -> dict[SplitName, int]:
    """Return how many of so many people belong to each split.

    Example:
        ``quotas(7)`` is 5, 1, 1 and ``quotas(3)`` is 1, 1, 1; of two people one trains and one tests.
    """
    if people < _SMALLEST_STRATUM:
        return {"train": min(people, 1), "validation": 0, "test": max(people - 1, 0)}
    held_out = max(1, int(HELD_OUT * people + 0.5))
    return {"train": people - 2 * held_out, "validation": held_out, "test": held_out}


def _strata(people: list[Subject]) -> list[list[Subject]]:
    by_gender: dict[str, list[Subject]] = defaultdict(list)
    for subject in people:
        by_gender[subject.demographics.gender or ""].append(subject)
    groups = [by_gender[gender] for gender in sorted(by_gender)]
    strata = [group for group in groups if len(group) >= _SMALLEST_STRATUM]
    rest = [subject for group in groups if len(group) < _SMALLEST_STRATUM for subject in group]
    return [sorted(stratum, key=_order) for stratum in (*strata, rest) if stratum]


def _order(subject: Subject) -> tuple[str, str, str]:
    declared = subject.demographics
    digest = hashlib.sha256(subject.id.encode()).hexdigest()
    return declared.gender or "", declared.skin_tone or "", digest


def _deal_splits(stratum: list[Subject], placed: Mapping[str, Placement]) -> dict[str, SplitName]:
    there = Counter(placed[subject.id].split for subject in stratum if subject.id in placed)
    newcomers = [subject.id for subject in stratum if subject.id not in placed]
    room = {split: max(0, quota - there[split]) for split, quota in quotas(len(stratum)).items()}
    dealt: Counter[SplitName] = Counter()
    splits: dict[str, SplitName] = {}
    for turn, subject_id in enumerate(newcomers, start=1):
        open_splits = [split for split in SPLITS if dealt[split] < room[split]]
        # the split that lags most behind an even deal of its room over all turns
        split = max(open_splits, key=lambda name: room[name] * turn / len(newcomers) - dealt[name])
        splits[subject_id] = split
        dealt[split] += 1
    return splits


def _deal_folds(stratum: list[Subject], placed: Mapping[str, Placement]) -> dict[str, int]:
    overall = Counter(placement.fold for placement in placed.values())
    within = Counter(placed[subject.id].fold for subject in stratum if subject.id in placed)
    folds: dict[str, int] = {}
    for subject in stratum:
        if subject.id not in placed:
            fold = min(range(FOLDS), key=lambda number: (within[number], overall[number], number))
            folds[subject.id] = fold
            within[fold] += 1
            overall[fold] += 1
    return folds
