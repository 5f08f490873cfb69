"""Association of one outcome with one attribute of people: strength, interval over people, permutation p-value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from equime_evaluation.equity import measures
from equime_evaluation.equity.outcomes import Outcome
from equime_evaluation.equity.people import members
from equime_evaluation.equity.resampling import (
    FEWEST_ARRANGEMENTS,
    arrangement_count,
    arrangements,
    centred,
    holm,
    interval,
    p_value,
    people_drawn,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Reals = NDArray[np.float64]

SIGNIFICANCE: Final = 0.05
_CHUNK: Final = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Strength:
    """A measure of association with the interval that 95 % of resamples of people fall in; ``None`` = undefined."""

    name: str
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Association:
    """What an outcome has to do with an attribute of people.

    Attributes:
        strengths: Cramer's V and mutual information in bits, or eta squared and omega squared.
        groups: People of each group.
        left_out: People who have such clips and whose group is not known.
        p: Share of arrangements of the labels over people that give as strong an association; ``None`` = no test.
        p_holm: The same, corrected for all tests of the family.
        arrangements: How many arrangements were tried; ``p`` cannot lie below one over this number.
        exhaustive: Whether these are all that there are.
        note: Why there is no test.
    """

    outcome: str
    attribute: str
    strengths: tuple[Strength, ...]
    clips: int
    groups: dict[str, int]
    left_out: int
    arrangements: int
    exhaustive: bool
    p: float | None = None
    p_holm: float | None = None
    note: str | None = None

    @property
    def people(self) -> int:
        """People of all groups together."""
        return sum(self.groups.values())

    @property
    def is_found(self) -> bool:
        """Whether the corrected p-value says that this is not chance."""
        return self.p_holm is not None and self.p_holm <= SIGNIFICANCE


def associate(
    outcome: Outcome, attribute: str, groups: Mapping[str, str], *, resamples: int, permutations: int, key: str
) -> Association:
    """Measure and test one association.

    Args:
        groups: Group of each person by id.
        resamples: How often people are drawn again for the interval.
        permutations: How many arrangements of labels are drawn where there are too many to try all.
        key: Names the random streams, so that the same data give the same figures.
    """
    known = [place for place, who in enumerate(outcome.people) if who in groups]
    labels = [groups[outcome.people[place]] for place in known]
    found = Association(
        outcome=outcome.name,
        attribute=attribute,
        strengths=_undefined(outcome),
        clips=int(outcome.clips_of_people[known].sum()),
        groups=members({who: groups[who] for who in outcome.people if who in groups}),
        left_out=len(outcome.people) - len(known),
        arrangements=0,
        exhaustive=True,
    )
    if len(found.groups) < 2:
        return replace(found, note="fewer than two groups")
    labelled = Labelled(outcome.totals[known], labels)
    weights = people_drawn(labels, resamples=resamples, key=key)
    strengths = _strengths(outcome, labelled, weights)
    if strengths[0].value is None:
        return replace(found, note="does not vary")
    statistic = measures.eta_squared if outcome.categories is None else measures.phi_squared
    return _tested(replace(found, strengths=strengths), statistic, labelled, permutations, key)


class Labelled:
    """Totals of people who have labels.

    Args:
        totals: (people, K).
        labels: Group of each person.
    """

    def __init__(self, totals: Reals, labels: Sequence[str]) -> None:
        names, codes = np.unique(np.array(labels, dtype=str), return_inverse=True)
        self.totals = totals
        self.codes = codes.astype(np.int64)
        self.groups = [str(name) for name in names]

    def table(self) -> Reals:
        """Return the totals of each group, (1, groups, K)."""
        return self.arranged(self.codes[None])

    def arranged(self, codes: NDArray[np.int64]) -> Reals:
        """Return the totals of each group under other arrangements of the labels, (arrangements, groups, K)."""
        return np.stack([(codes == group) @ self.totals for group in range(len(self.groups))], axis=1)

    def weighted(self, weights: Reals) -> Reals:
        """Return the totals of each group with people weighted, (resamples, groups, K)."""
        return np.stack([(weights * (self.codes == group)) @ self.totals for group in range(len(self.groups))], axis=1)


_Plain = Callable[..., "Reals"]
_MEASURES: Final[dict[bool, tuple[tuple[str, _Plain, _Plain], ...]]] = {
    True: (
        ("eta squared", measures.eta_squared, measures.unchanged),
        ("omega squared", measures.eta_squared, measures.omega_squared),
    ),
    False: (
        ("Cramer's V", measures.phi_squared, measures.cramers_v),
        ("mutual information (bits)", measures.information_bits, measures.miller_madow_bits),
    ),
}
"""For numbers, and for categories: name, plain measure, its correction."""


def _undefined(outcome: Outcome) -> tuple[Strength, ...]:
    names = (name for name, _, _ in _MEASURES[outcome.categories is None])
    return tuple(Strength(name=name, value=None, low=None, high=None) for name in names)


def _strengths(outcome: Outcome, labelled: Labelled, weights: Reals) -> tuple[Strength, ...]:
    table, drawn = labelled.table(), labelled.weighted(weights)
    return tuple(
        _strength(name, table, drawn, plain, correct) for name, plain, correct in _MEASURES[outcome.categories is None]
    )


def _strength(name: str, table: Reals, drawn: Reals, plain: _Plain, correct: _Plain) -> Strength:
    observed = plain(table)
    if not np.isfinite(observed[0]):
        return Strength(name=name, value=None, low=None, high=None)
    low, high = interval(correct(centred(plain(drawn), float(observed[0])), drawn)) or (None, None)
    return Strength(name=name, value=float(correct(observed, table)[0]), low=low, high=high)


def _tested(
    found: Association, statistic: Callable[[Reals], Reals], labelled: Labelled, permutations: int, key: str
) -> Association:
    every = arrangement_count(labelled.codes.tolist())
    if every < FEWEST_ARRANGEMENTS:
        note = f"no test: {every} arrangements of these labels over {found.people} people"
        return replace(found, arrangements=every, note=note)
    tried = arrangements(labelled.codes, sampled=permutations, key=key)
    parts = np.array_split(tried, -(-len(tried) // _CHUNK))
    exchanged = np.concatenate([statistic(labelled.arranged(part)) for part in parts])
    p = p_value(float(statistic(labelled.table())[0]), exchanged)
    return replace(found, arrangements=len(tried), exhaustive=len(tried) == every, p=p)


def corrected(associations: Iterable[Association]) -> list[Association]:
    """Return a family of associations with their p-values corrected by Holm's method."""
    family = list(associations)
    tested = [place for place, item in enumerate(family) if item.p is not None]
    for place, p_holm in zip(tested, holm([family[place].p or 0.0 for place in tested]), strict=True):
        family[place] = replace(family[place], p_holm=p_holm)
    return family
