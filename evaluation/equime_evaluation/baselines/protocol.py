"""Which people a baseline is trained on and which it is tested on, from the words of an option."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from equime_builder.errors import UsageError, choose
from equime_evaluation.protocols import Fold, k_folds, leave_one_group_out, leave_one_person_out, own_splits
from equime_evaluation.recordings import Recording

UNSEEN_PROGRAMMES: Final = "folds-and-programmes"
PROTOCOLS: Final = ("folds", UNSEEN_PROGRAMMES, "loso", "splits", "leave-one-group-out")
_FOLDS: Final = 5


def folds_of(recordings: Sequence[Recording], protocol: str) -> list[Fold]:
    """Return the folds of a protocol over the people of some clips.

    Args:
        protocol: ``folds`` (five, those of the dataset where it has some), ``folds-and-programmes`` (the same people;
            `halves_of` says the rest), ``loso`` (leave one person out), ``splits`` (the dataset's own), or
            ``leave-one-group-out:ATTRIBUTE``, such as ``leave-one-group-out:gender``.

    Raises:
        UsageError: It is none of these, or the people at hand do not allow it.
    """
    name, _, attribute = protocol.partition(":")
    choose("protocol", name, PROTOCOLS)
    people = {item.person: item for item in recordings}
    if name == "loso":
        return leave_one_person_out(people)
    if name == "splits":
        return own_splits({who: item.split for who, item in people.items() if item.split is not None})
    if name == "leave-one-group-out":
        known = sorted({key for item in recordings for key in item.groups})
        if attribute not in known:
            raise UsageError(
                f"leave-one-group-out needs an attribute of the people here, got {attribute!r}; choose from: "
                f"{', '.join(known) or '(none is declared)'}"
            )
        return leave_one_group_out(
            {who: item.groups[attribute] for who, item in people.items() if attribute in item.groups}
        )
    frozen = {who: item.fold for who, item in people.items() if item.fold is not None}
    return k_folds(people, folds=_FOLDS, frozen=frozen if len(frozen) == len(people) else None)


def halves_of(recordings: Sequence[Recording], protocol: str) -> dict[str, int] | None:
    """Return the half, 0 or 1, of each programme, or ``None`` where programmes do not count.

    Where programmes are crossed with people, somebody else showed each test clip's programme in training. With
    ``folds-and-programmes`` each fold is trained twice: on one half of the programmes for testing the other. Each
    emotion's programmes are halved.

    Raises:
        UsageError: The clips have no programmes.
    """
    if protocol != UNSEEN_PROGRAMMES:
        return None
    by_emotion: dict[str, set[str]] = defaultdict(set)
    for item in recordings:
        if item.programme is None or item.emotion is None:
            raise UsageError(f"{protocol} needs clips with programmes, as EquiME's are; {item.dataset} has none")
        by_emotion[item.emotion].add(item.programme)
    return {name: place % 2 for names in by_emotion.values() for place, name in enumerate(sorted(names))}
