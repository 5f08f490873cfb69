"""How many people and clips each group has, and which groups nobody stands for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from equime_builder.facs import EMOTION_LABELS
from equime_builder.groups import TONE_BANDS, UNKNOWN
from equime_evaluation.equity.people import SHOWN
from equime_evaluation.equity.reading import Material

_WHOLE_RANGES: Final[dict[str, tuple[str, ...]]] = {
    "skin tone band": tuple(dict.fromkeys(TONE_BANDS.values())),
    "Fitzpatrick type": tuple(TONE_BANDS),
}
"""Attributes whose values are known beforehand, so that one that nobody has can be named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """People and clips of one group.

    Attributes:
        emotions: Accepted clips of each emotion that was planned at all.
    """

    attribute: str
    group: str
    people: int
    planned: int
    accepted: int
    emotions: dict[str, int]


def representation(material: Material) -> tuple[Share, ...]:
    """Count people and clips over every attribute; groups that could be and have nobody stand with 0."""
    return tuple(share for attribute in SHOWN for share in _shares(material, attribute))


def _shares(material: Material, attribute: str) -> Iterator[Share]:
    groups = {who: SHOWN[attribute](subject) or UNKNOWN for who, subject in material.subjects.items()}
    people = Counter(groups.values())
    planned = Counter(groups[clip.subject_id] for clip in material.planned)
    accepted = Counter((groups[clip.subject_id], clip.emotion) for clip in material.accepted)
    wanted = {clip.emotion for clip in material.planned}
    emotions = [name for name in EMOTION_LABELS if name in wanted]
    for name in _names(material, attribute, set(people)):
        counts = {emotion: accepted[name, emotion] for emotion in emotions}
        yield Share(
            attribute=attribute,
            group=name,
            people=people[name],
            planned=planned[name],
            accepted=sum(counts.values()),
            emotions=counts,
        )


def _names(material: Material, attribute: str, there: set[str]) -> list[str]:
    known = list(_WHOLE_RANGES.get(attribute, ()))
    if attribute == "gender and band":
        genders = sorted({subject.demographics.gender or UNKNOWN for subject in material.subjects.values()} - {UNKNOWN})
        known = [f"{gender} {band}" for gender in genders for band in _WHOLE_RANGES["skin tone band"]]
    return [*known, *sorted(there - set(known) - {UNKNOWN}), *sorted(there & {UNKNOWN})]


def empty_cells(shares: tuple[Share, ...]) -> list[str]:
    """Name what is missing: groups without people, and groups without an accepted clip of some emotion."""
    nobody = [f"{share.attribute} {share.group}: nobody" for share in shares if not share.people]
    bare = [
        f"{share.attribute} {share.group}: no accepted clip of {emotion}"
        for share in shares
        if share.people
        for emotion, count in share.emotions.items()
        if not count
    ]
    return nobody + bare
