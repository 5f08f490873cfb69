"""Who carries which share of an emotion's clips: equal over people, or equal over groups of people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from equime_builder.errors import UsageError, choose
from equime_builder.groups import Group, group_of, groups_in
from equime_builder.records import Subject
from equime_builder.streams import key_of

BALANCES: Final[tuple[str, ...]] = ("people", "groups")


def deal(
    subjects: Sequence[Subject], *, emotions: Iterable[str], clips_per_emotion: int, balance: str, seed: int
) -> dict[str, list[str]]:
    """Return, for each emotion, whose turn it is clip by clip.

    Args:
        balance: ``people`` gives everyone equally many clips of each emotion; ``groups`` gives each group of gender
            and skin tone equally many, so that people of a small group carry more. Both hold give or take one.
        seed: Decides who comes first where the numbers do not divide evenly.

    Raises:
        UsageError: The balance is unknown, or there is nobody.
    """
    choose("balance", balance, BALANCES)
    if not subjects:
        raise UsageError("clips need at least one subject, got none; look at the refused photos")
    pools = [list(subjects)] if balance == "people" else list(groups_in(subjects).values())
    return {emotion: _turns(pools, emotion, clips_per_emotion, seed) for emotion in emotions}


def _turns(pools: Sequence[Sequence[Subject]], emotion: str, clips: int, seed: int) -> list[str]:
    orders = [
        sorted((person.id for person in pool), key=lambda who: key_of(seed, emotion, who, "turn")) for pool in pools
    ]
    orders.sort(key=lambda order: key_of(seed, emotion, order[0], "pool"))
    laps = (divmod(turn, len(orders)) for turn in range(clips))
    return [orders[place][lap % len(orders[place])] for lap, place in laps]


def shares(turns: Mapping[str, Sequence[str]], subjects: Iterable[Subject]) -> dict[tuple[str, Group], int]:
    """Return the clips of each emotion and group."""
    groups = {subject.id: group_of(subject) for subject in subjects}
    counts: dict[tuple[str, Group], int] = {}
    for emotion, order in turns.items():
        for who in order:
            counts[emotion, groups[who]] = counts.get((emotion, groups[who]), 0) + 1
    return counts
