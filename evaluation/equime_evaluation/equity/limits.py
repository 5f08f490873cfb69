"""What an audit cannot say, in words, from the numbers of people at hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from equime_evaluation.equity.association import SIGNIFICANCE, Association
from equime_evaluation.equity.gaps import Gap
from equime_evaluation.equity.outcomes import KNOWN_SLOPE, SLOPE
from equime_evaluation.equity.people import ATTRIBUTES, groups_of
from equime_evaluation.equity.people import members as people_of
from equime_evaluation.equity.reading import Material

FEW_PEOPLE: Final = 30
_FEW_IN_A_GROUP: Final = 5


def limits_of(
    material: Material, families: Iterable[list[Association]], gaps: list[Gap], *, is_estimator_known: bool
) -> tuple[str, ...]:
    """Return sentences about this dataset and this audit.

    Args:
        is_estimator_known: Whether the estimator was held against known motion of the same faces.
    """
    return (
        *_about_people(material),
        *dict.fromkeys(line for family in families for line in _about_tests(family)),
        *_about_gaps(gaps),
        _about_estimator(is_known=is_estimator_known),
        *_always(),
    )


def _about_people(material: Material) -> Iterator[str]:
    people = len(material.subjects)
    if people < FEW_PEOPLE:
        yield (
            f"There are {people} people. Whatever holds of them need not hold of others: intervals are wide, and with "
            "so few people they tend to be too narrow still."
        )
    for attribute, take in ATTRIBUTES.items():
        groups = people_of(groups_of(material.subjects.values(), take))
        small = [f"{name} ({count})" for name, count in groups.items() if count < _FEW_IN_A_GROUP]
        if small:
            yield f"Groups of fewer than {_FEW_IN_A_GROUP} people by {attribute}: {', '.join(small)}."
        unknown = people - sum(groups.values())
        if unknown:
            yield f"{unknown} people have no known {attribute}; they are left out wherever it is compared."


def out_of_reach(family: Iterable[Association]) -> dict[str, float]:
    """Return the attributes against which no corrected p-value can be small, with the least one that there can be."""
    tested = [item for item in family if item.p is not None]
    least = {
        attribute: min(1.0, len(tested) * min(1 / item.arrangements for item in tested if item.attribute == attribute))
        for attribute in dict.fromkeys(item.attribute for item in tested)
    }
    return {attribute: p for attribute, p in least.items() if p > SIGNIFICANCE}


def _about_tests(family: list[Association]) -> Iterator[str]:
    for attribute, least in out_of_reach(family).items():
        yield (
            f"With these people no test against {attribute} can reach a corrected p of {SIGNIFICANCE:g} in its family "
            f"(the least is {least:.2g}): that nothing was found there says little; look at the strengths and their "
            "intervals."
        )


def _about_gaps(gaps: list[Gap]) -> Iterator[str]:
    if not gaps:
        yield (
            "No two groups share a programme, so that there is no counterfactual comparison; "
            "render with --design crossed to have one."
        )


def _about_estimator(*, is_known: bool) -> str:
    if is_known:
        return (
            f"What the estimator itself does to a group is the {KNOWN_SLOPE}: smooth bumps that are the same on every "
            "face. They are no Action Units; where a gap in slope is as large as theirs, it is the estimator's."
        )
    return (
        f"{SLOPE.capitalize()} and measured motion hold the estimator's own bias, for smooth skin gives it less "
        "detail to hold. True motion is what the renderer did. Run with --estimator to see that bias apart."
    )


def _always() -> Iterator[str]:
    yield "Accepted clips are those that passed the screen: what it drops more often in a group is missing there."
    yield "Groups are what somebody declared of synthetic or real photos; nobody's gender or ethnicity was guessed."
