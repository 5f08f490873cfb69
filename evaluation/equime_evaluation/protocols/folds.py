"""Who is trained on and who is tested; nobody is ever both, nor decides when training stops while being tested."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from equime_builder.errors import UsageError
from equime_builder.streams import key_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """One division of people, checked at birth.

    Attributes:
        train: Whose clips change the weights.
        validation: Whose clips choose the epoch; may be empty, then the last epoch is taken.
        test: Whose clips are scored.

    Raises:
        UsageError: A person stands in two places, or nobody is trained on.
    """

    name: str
    train: frozenset[str]
    validation: frozenset[str] = frozenset()
    test: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        twice = (self.train & self.validation) | (self.train & self.test) | (self.validation & self.test)
        if twice:
            raise UsageError(
                f"fold {self.name}: {', '.join(sorted(twice)[:5])} would be trained on and tested, or choose the epoch "
                "and be tested; every person belongs to one part of a fold"
            )
        if not self.train:
            raise UsageError(f"fold {self.name}: nobody is left to train on; give clips of more people")


def k_folds(people: Iterable[str], *, folds: int, frozen: Mapping[str, int] | None = None) -> list[Fold]:
    """Return folds in which each person is tested once.

    Args:
        frozen: Number of the fold of each person, such as a dataset's column ``fold``; ``None`` = people are dealt out
            by their names' hashes, evenly.

    Raises:
        UsageError: There are fewer than two people or folds, or a person has no fold.
    """
    everybody = sorted(set(people))
    if folds < 2 or len(everybody) < 2:
        raise UsageError(
            f"folds and people must be 2 or more, got {folds} folds of {len(everybody)} people; give clips of more "
            "people, or test on another source"
        )
    number = _dealt(everybody, folds) if frozen is None else frozen
    missing = [who for who in everybody if who not in number]
    if missing:
        raise UsageError(f"these people have no fold: {', '.join(missing[:5])}; deal them out, or leave out their fold")
    return _one_out({str(fold): [who for who in everybody if number[who] == fold] for fold in range(folds)}, "fold ")


def leave_one_person_out(people: Iterable[str]) -> list[Fold]:
    """Return a fold a person (LOSO).

    Raises:
        UsageError: There are fewer than two people.
    """
    return _one_out({who: [who] for who in sorted(set(people))}, "without ")


def leave_one_group_out(groups: Mapping[str, str]) -> list[Fold]:
    """Return a fold a group: trained on all other groups, tested on this one.

    Args:
        groups: Group of each person; those whose group is not known are neither trained on nor tested.

    Raises:
        UsageError: There are fewer than two groups.
    """
    members: dict[str, list[str]] = defaultdict(list)
    for who, group in sorted(groups.items()):
        members[group].append(who)
    return _one_out(dict(sorted(members.items())), "without ")


def own_splits(splits: Mapping[str, str]) -> list[Fold]:
    """Return the one fold that a dataset's own splits make: train, validation and test.

    Raises:
        UsageError: Nobody trains, or nobody tests.
    """
    parts = {name: frozenset(who for who, split in splits.items() if split == name) for name in set(splits.values())}
    if not parts.get("test"):
        raise UsageError("nobody is in the split test; use folds, or give a dataset of more people")
    return [
        Fold(
            name="own splits",
            train=parts.get("train", frozenset()),
            validation=parts.get("validation", frozenset()),
            test=parts["test"],
        )
    ]


def with_validation(fold: Fold, people: int, *, key: str) -> Fold:
    """Return a fold with people moved from training to choosing the epoch; one that has such people stays.

    Args:
        people: How many.
        key: Names the random order in which they are taken.

    Raises:
        UsageError: Nobody would be left to train on.
    """
    if fold.validation or not people:
        return fold
    drawn = frozenset(sorted(fold.train, key=lambda who: key_of(key, fold.name, who))[:people])
    return Fold(name=fold.name, train=fold.train - drawn, validation=drawn, test=fold.test)


def _one_out(parts: Mapping[str, Sequence[str]], prefix: str) -> list[Fold]:
    filled = {name: frozenset(members) for name, members in parts.items() if members}
    if len(filled) < 2:
        raise UsageError(
            f"there must be two parts of people or more to leave one out, got {len(filled)}; give clips of more "
            "people, or test on another source"
        )
    everybody = frozenset().union(*filled.values())
    return [Fold(name=f"{prefix}{name}", train=everybody - members, test=members) for name, members in filled.items()]


def _dealt(people: Sequence[str], folds: int) -> dict[str, int]:
    order = sorted(people, key=lambda who: key_of("folds", who))
    return {who: place % folds for place, who in enumerate(order)}
