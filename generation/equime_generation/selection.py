"""Whom to take when there are more people than asked for: equal over groups, the best photos of each."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from equime_builder.errors import UsageError
from equime_builder.groups import UNKNOWN, Group, group_of
from equime_builder.records import Subject
from equime_builder.streams import key_of

if TYPE_CHECKING:
    from equime_generation.faces import Face


def quality_of(face: Face) -> float:
    """Return how much detail a face holds, 0-1: its sharpness, cut by its enlargement.

    Sharpness is 1 minus `equime_generation.gate.picture.blurredness`, from which contrast, and with it skin tone,
    drops out. A face enlarged 1.25 times counts four fifths; one shrunk on its way in gains nothing by that.
    """
    from equime_generation.gate.picture import blurredness

    return (1 - blurredness(face.image, face.landmarks)) / max(1.0, face.upscale)


def choose_people(quality: Mapping[str, float], subjects: Sequence[Subject], count: int, *, seed: int) -> list[str]:
    """Return the ids of ``count`` people, in the order of choice.

    Each turn goes to the group of gender and skin tone that has fewest people so far, within it to the age group
    that has fewest, and there to the best photo. Groups that run out leave their turns to the others, so nothing is
    evener with these people. Photos compete within their group only: a group whose photos are poorer is not thinned.
    The first people do not depend on ``count``, nor on the order of ``subjects``.

    Args:
        quality: By subject id, see `quality_of`.
        count: How many; more than there are takes all.
        seed: Decides between groups that have equally many, and between equal photos.

    Raises:
        UsageError: ``count`` is below 1.
    """
    if count < 1:
        raise UsageError(f"at least one person must be chosen, got {count}")
    waiting = _queues(quality, subjects, seed)
    ties = {(group, age): key_of(seed, "group", *group, age) for group, own in waiting for age in ("", own)}
    chosen: list[str] = []
    of_group: Counter[Group] = Counter()
    of_age: Counter[tuple[Group, str]] = Counter()
    while waiting and len(chosen) < count:
        group, age = min(waiting, key=lambda cell: (of_group[cell[0]], ties[cell[0], ""], of_age[cell], ties[cell]))
        chosen.append(waiting[group, age].pop(0))
        of_group[group] += 1
        of_age[group, age] += 1
        if not waiting[group, age]:
            del waiting[group, age]
    return chosen


def _queues(quality: Mapping[str, float], subjects: Sequence[Subject], seed: int) -> dict[tuple[Group, str], list[str]]:
    """Return who waits in each group and age group, the best first."""
    queues: dict[tuple[Group, str], list[str]] = defaultdict(list)
    for subject in sorted(subjects, key=lambda one: (-quality[one.id], key_of(seed, "person", one.id))):
        queues[group_of(subject), subject.demographics.age_group or UNKNOWN].append(subject.id)
    return dict(queues)
