"""Which groups the people of a dataset are in, attribute by attribute; as declared, never guessed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from equime_builder.groups import UNKNOWN, tone_band
from equime_builder.records import Subject

MOST_GROUPS: Final = 12
REST: Final = "all other groups"


def _main_ethnicity(subject: Subject) -> str | None:
    shares = subject.demographics.ethnicity_distribution
    return max(shares, key=lambda share: share[1])[0] if shares else subject.demographics.ethnicity


def _band(subject: Subject) -> str | None:
    band = tone_band(subject)
    return None if band == UNKNOWN else band


def _gender_and_band(subject: Subject) -> str | None:
    gender, band = subject.demographics.gender, _band(subject)
    return None if gender is None or band is None else f"{gender} {band}"


ATTRIBUTES: Final[dict[str, Callable[[Subject], str | None]]] = {
    "gender": lambda subject: subject.demographics.gender,
    "skin tone band": _band,
    "age group": lambda subject: subject.demographics.age_group,
    "main ethnicity": _main_ethnicity,
}
"""What associations are looked for with. The band is that of `equime_builder.groups.tone_band`; the main ethnicity is
the one with the largest declared share, else the declared text."""

SHOWN: Final[dict[str, Callable[[Subject], str | None]]] = {
    "gender": ATTRIBUTES["gender"],
    "skin tone band": _band,
    "gender and band": _gender_and_band,
    "Fitzpatrick type": lambda subject: subject.demographics.skin_tone,
    "age group": ATTRIBUTES["age group"],
    "main ethnicity": _main_ethnicity,
    "ethnicity as declared": lambda subject: subject.demographics.ethnicity,
}
"""What representation is counted over."""


def groups_of(subjects: Iterable[Subject], attribute: Callable[[Subject], str | None]) -> dict[str, str]:
    """Return the group of each person by id; those whose group is not known are left out.

    Declared texts may be as many as people: of more than `MOST_GROUPS` the largest stand, and the rest are one.
    """
    named = ((subject.id, attribute(subject)) for subject in subjects)
    groups = {who: group for who, group in named if group is not None}
    sizes = Counter(groups.values())
    if len(sizes) <= MOST_GROUPS:
        return groups
    largest = {name for name, _ in sorted(sizes.items(), key=lambda item: (-item[1], item[0]))[: MOST_GROUPS - 1]}
    return {who: group if group in largest else REST for who, group in groups.items()}


def members(groups: Mapping[str, str]) -> dict[str, int]:
    """Return how many people each group has, groups in order of their names."""
    return dict(sorted(Counter(groups.values()).items()))
