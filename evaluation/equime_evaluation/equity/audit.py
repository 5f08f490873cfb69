"""The audit: who is in a dataset, what goes with whom, and what differs where only the person differs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from equime_evaluation.equity.association import Association, associate, corrected
from equime_evaluation.equity.counterfactual import Counterfactual, counterfactual_of
from equime_evaluation.equity.estimator import KnownMotion
from equime_evaluation.equity.gaps import Gap, Observed, gaps_of
from equime_evaluation.equity.limits import limits_of
from equime_evaluation.equity.means import Means, means_of
from equime_evaluation.equity.outcomes import (
    KNOWN_SLOPE,
    Outcome,
    found_outcomes,
    found_values,
    number_outcome,
    planned_outcomes,
)
from equime_evaluation.equity.people import ATTRIBUTES, groups_of
from equime_evaluation.equity.reading import Material, read_material
from equime_evaluation.equity.representation import Share, empty_cells, representation

_MOST_CELLS: Final = 5_000_000
_FEWEST_REPEATS: Final = 499


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeats:
    """How often chance is imitated.

    Attributes:
        resamples: Draws of people for an interval.
        permutations: Arrangements drawn where there are too many to try all.
    """

    resamples: int = 2000
    permutations: int = 4999

    def for_people(self, people: int) -> Repeats:
        """Return repeats whose tables of so many people fit into memory; fewer are needed where people are many."""
        most = max(_FEWEST_REPEATS, _MOST_CELLS // max(1, people))
        return Repeats(resamples=min(self.resamples, most), permutations=min(self.permutations, most))


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """All that an audit found.

    Attributes:
        planned: Demographics and what was planned, over all planned clips; nothing may be found here.
        accepted: The same over accepted clips: what the screen dropped may have brought an association in.
        found: Demographics and what came of the plans: screening, motion, quality.
        means: Group means of the same.
        counterfactual: Differences between any two people within counterfactual sets, groups or not.
        gaps: Differences between groups within counterfactual sets.
        known: What the estimator said of known motion on the same faces; empty = it was not asked. Means and gaps
            have these under their own name, apart from the clips' motion.
        limits: What all this cannot say.
    """

    people: int
    clips_planned: int
    clips_accepted: int
    representation: tuple[Share, ...]
    empty: tuple[str, ...]
    planned: tuple[Association, ...]
    accepted: tuple[Association, ...]
    found: tuple[Association, ...]
    means: tuple[Means, ...]
    counterfactual: tuple[Counterfactual, ...]
    gaps: tuple[Gap, ...]
    known: tuple[KnownMotion, ...]
    limits: tuple[str, ...]
    repeats: Repeats

    def as_json(self) -> dict[str, Any]:
        """Return the same for programs."""
        return asdict(self)


def audit(root: Path, repeats: Repeats | None = None, *, known: Sequence[KnownMotion] = ()) -> Audit:
    """Audit a dataset folder; reads no video, and the same folder gives the same figures.

    Args:
        known: What `equime_evaluation.equity.estimator.known_motions` gave for the same people, if anything.

    Raises:
        DatasetMissingError: There is no dataset folder.
        DatasetError: A file is missing or damaged.
    """
    return audit_of(read_material(root), repeats or Repeats(), known)


def audit_of(material: Material, repeats: Repeats, known: Sequence[KnownMotion] = ()) -> Audit:
    """Audit what was read of a dataset."""
    repeats = repeats.for_people(len(material.subjects))
    outcomes = list(found_outcomes(material))
    slopes = [(item.place, item.subject_id, item.slope) for item in known if item.slope is not None]
    of_estimator = [number_outcome(KNOWN_SLOPE, ((who, slope) for _, who, slope in slopes))] if slopes else []
    planned = _family("planned", planned_outcomes(material.planned), material, repeats)
    accepted = _family("accepted", planned_outcomes(material.accepted), material, repeats)
    found = _family("found", outcomes, material, repeats)
    values = {**found_values(material), **({KNOWN_SLOPE: slopes} if slopes else {})}
    gaps = _gaps(material, values, repeats)
    shares = representation(material)
    return Audit(
        people=len(material.subjects),
        clips_planned=len(material.planned),
        clips_accepted=len(material.accepted),
        representation=shares,
        empty=tuple(empty_cells(shares)),
        planned=tuple(planned),
        accepted=tuple(accepted),
        found=tuple(found),
        means=tuple(_means([*outcomes, *of_estimator], material, repeats)),
        counterfactual=tuple(_counterfactual(values, repeats)),
        gaps=tuple(gaps),
        known=tuple(known),
        limits=limits_of(material, (planned, found), gaps, is_estimator_known=bool(slopes)),
        repeats=repeats,
    )


def _family(name: str, outcomes: Iterable[Outcome], material: Material, repeats: Repeats) -> list[Association]:
    """Return the associations of all outcomes with all attributes, corrected for their number."""
    groups = {attribute: groups_of(material.subjects.values(), take) for attribute, take in ATTRIBUTES.items()}
    return corrected(
        associate(
            outcome,
            attribute,
            own,
            resamples=repeats.resamples,
            permutations=repeats.permutations,
            key=f"audit/{name}/{outcome.name}/{attribute}",
        )
        for outcome in outcomes
        for attribute, own in groups.items()
    )


def _means(outcomes: Iterable[Outcome], material: Material, repeats: Repeats) -> list[Means]:
    found = (
        means_of(
            outcome,
            attribute,
            groups_of(material.subjects.values(), take),
            resamples=repeats.resamples,
            key=f"audit/means/{outcome.name}/{attribute}",
        )
        for outcome in outcomes
        if outcome.categories is None
        for attribute, take in ATTRIBUTES.items()
    )
    return [means for means in found if means is not None]


def _gaps(material: Material, values: Mapping[str, Sequence[Observed]], repeats: Repeats) -> list[Gap]:
    people = list(material.subjects.values())
    return [
        gap
        for outcome, observed in values.items()
        for gap in gaps_of(outcome, observed, people, ATTRIBUTES, resamples=repeats.resamples)
    ]


def _counterfactual(values: Mapping[str, Sequence[Observed]], repeats: Repeats) -> list[Counterfactual]:
    found = (counterfactual_of(outcome, seen, resamples=repeats.resamples) for outcome, seen in values.items())
    return [gap for gap in found if gap is not None]
