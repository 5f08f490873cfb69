"""Who carries which share of an emotion's clips: equal over people, or equal over groups of people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import Final

from equime_builder.errors import UsageError, choose
from equime_builder.records import Subject
from equime_generation.random import key_of

BALANCES: Final[tuple[str, ...]] = ("people", "groups")
UNKNOWN: Final = "unknown"
TONE_BANDS: Final[dict[str, str]] = {
    "I": "light",
    "II": "light",
    "III": "medium",
    "IV": "medium",
    "V": "dark",
    "VI": "dark",
}
# Bounds of the individual typology angle in degrees: Del Bino & Bernerd, Br. J. Dermatol. 169 (2013), where light and
# very light, intermediate and tan, brown and dark are joined.
_LIGHT_ITA: Final = 41.0
_MEDIUM_ITA: Final = 10.0

Group = tuple[str, str]
"""Gender and band of skin tone."""


def tone_band(subject: Subject) -> str:
    """Return ``light``, ``medium`` or ``dark``: from the declared Fitzpatrick type, else from the measured angle."""
    declared = subject.demographics.skin_tone
    if declared is not None:
        return TONE_BANDS.get(declared, UNKNOWN)
    if subject.skin_ita is None:
        return UNKNOWN
    return "light" if subject.skin_ita > _LIGHT_ITA else "medium" if subject.skin_ita > _MEDIUM_ITA else "dark"


def group_of(subject: Subject) -> Group:
    """Return the group that a person is counted in."""
    return subject.demographics.gender or UNKNOWN, tone_band(subject)


def groups_in(subjects: Iterable[Subject]) -> dict[Group, list[Subject]]:
    """Return the people of each group at hand, groups and people sorted."""
    groups: dict[Group, list[Subject]] = {}
    for subject in sorted(subjects, key=lambda subject: (group_of(subject), subject.id)):
        groups.setdefault(group_of(subject), []).append(subject)
    return groups


def missing_groups(subjects: Iterable[Subject]) -> list[Group]:
    """Return the combinations of genders and bands at hand that nobody stands for."""
    groups = groups_in(subjects)
    genders, bands = ({group[place] for group in groups} for place in (0, 1))
    return sorted(set(product(genders, bands)) - set(groups))


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
