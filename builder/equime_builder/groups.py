"""Groups that people are counted in: gender and band of skin tone."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from typing import Final

from equime_builder.records import Subject

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

_TYPES: Final[tuple[str, ...]] = ("I", "II", "III", "IV", "V", "VI")
# Lower bounds of very light, light, intermediate, tan and brown in degrees, in the order of the Fitzpatrick types that
# they are usually set beside: Chardon, Cretois, Hourseau, Int. J. Cosmet. Sci. 13 (1991); Del Bino & Bernerd 2013.
_TYPE_ITA: Final[tuple[float, ...]] = (55.0, 41.0, 28.0, 10.0, -30.0)

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


def tone_conflicts(subjects: Iterable[Subject]) -> list[tuple[str, str, str]]:
    """Return the people whose declared skin tone lies two Fitzpatrick types or more from what the photo measures.

    Either may be wrong: a photo's light and white balance shift the angle, and a declaration may be careless.

    Returns:
        Subject id, declared type and measured type, sorted; people without both are left out.
    """
    conflicts = []
    for subject in subjects:
        declared, angle = subject.demographics.skin_tone, subject.skin_ita
        if declared in _TYPES and angle is not None:
            measured = sum(angle <= bound for bound in _TYPE_ITA)
            if abs(_TYPES.index(declared) - measured) > 1:
                conflicts.append((subject.id, declared, _TYPES[measured]))
    return sorted(conflicts)
