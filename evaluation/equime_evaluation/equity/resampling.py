"""People drawn again, people's labels exchanged, and what follows for intervals and p-values.

People are the units, never clips: clips of one person share her face, so that they are no independent evidence.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Sequence
from functools import cache
from itertools import combinations
from typing import TYPE_CHECKING, Final

import numpy as np

from equime_builder.streams import stream

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Reals = NDArray[np.float64]

MOST_ARRANGEMENTS: Final = 10_000
"""Up to so many arrangements of labels are all tried; of more, a sample."""
FEWEST_ARRANGEMENTS: Final = 20
"""With fewer, no p-value can come under .05, and none is given."""
CONFIDENCE: Final = 0.95


def people_drawn(labels: Sequence[str], *, resamples: int, key: str) -> Reals:
    """Return how much each person counts in each resample; people are drawn again within their own group.

    Of a group of n people n - 1 are drawn with replacement, each counting n / (n - 1): the variance of a group's mean
    is then unbiased, where drawing n would make it too small by (n - 1) / n, a third for three people. A person who
    is alone in a group stays as she is, so that the interval says nothing about her like.

    Args:
        labels: Group of each person.
        key: Names the random stream.

    Returns:
        (resamples, people) weights whose sum over each group is its number of people.

    Source: Rao & Wu, "Resampling inference with complex survey data", J. Am. Stat. Assoc. 83 (1988).
    """
    weights = np.ones((resamples, len(labels)))
    for group in sorted(set(labels)):
        members = np.array([place for place, label in enumerate(labels) if label == group])
        drawn = len(members) - 1
        if drawn:
            shares = np.full(len(members), 1 / len(members))
            counts = stream(key, "drawn", group).multinomial(drawn, shares, size=resamples)
            weights[:, members] = counts * (len(members) / drawn)
    return weights


def centred(drawn: Reals, observed: float) -> Reals:
    """Return resampled values of a measure that cannot be negative, without the noise that drawing again adds to it.

    Such a measure grows with noise alone, and where some people count twice there is more of it. What is added on
    average is taken off, so that the values lie about the observed one; the floor stays 0.

    Args:
        drawn: (resamples,) values.
    """
    defined = drawn[np.isfinite(drawn)]
    added = defined.mean() - observed if len(defined) else 0.0
    return np.maximum(drawn - added, 0.0)


def arrangement_count(labels: Sequence[Hashable]) -> int:
    """Return in how many ways these labels can be given to these people.

    Example:
        ``arrangement_count("aab")`` is 3.
    """
    return math.factorial(len(labels)) // math.prod(math.factorial(count) for count in Counter(labels).values())


def arrangements(codes: NDArray[np.int64], *, sampled: int, key: str) -> NDArray[np.int64]:
    """Return other ways to give the labels to the people: all of them, or a random sample of many.

    Args:
        codes: (people,) label of each person as a number.
        sampled: How many are drawn where there are more than `MOST_ARRANGEMENTS`.
        key: Names the random stream.

    Returns:
        (arrangements, people), the given one among them.
    """
    if arrangement_count(codes.tolist()) <= MOST_ARRANGEMENTS:
        return _every_arrangement(tuple(sorted(codes.tolist())))
    drawn = stream(key, "arrangements").permuted(np.tile(codes, (sampled, 1)), axis=1)
    # The arrangement at hand is one that chance could give: with it the p-value is valid and never 0.
    return np.vstack([codes, drawn])


@cache
def _every_arrangement(codes: tuple[int, ...]) -> NDArray[np.int64]:
    """Return each distinct arrangement once."""
    filled = np.full((1, len(codes)), -1, dtype=np.int64)
    for kind, count in sorted(Counter(codes).items()):
        free = np.array([np.flatnonzero(row < 0) for row in filled])
        choices = np.array(list(combinations(range(free.shape[1]), count)))
        filled = np.repeat(filled, len(choices), axis=0)
        places = free[:, choices].reshape(len(filled), count)
        np.put_along_axis(filled, places, kind, axis=1)
    return filled


def p_value(observed: float, under_exchange: Reals) -> float:
    """Return the share of arrangements whose statistic is at least as large as the observed one.

    Args:
        under_exchange: Statistic of each arrangement, the observed one included.

    Source: Phipson & Smyth, "Permutation p-values should never be zero", Stat. Appl. Genet. Mol. Biol. 9 (2010).
    """
    return float(np.mean(under_exchange >= observed - 1e-9 * abs(observed)))


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values corrected so that the chance of any false finding in the family stays below the level.

    Source: Holm, "A simple sequentially rejective multiple test procedure", Scand. J. Stat. 6 (1979).
    """
    order = sorted(range(len(p_values)), key=lambda place: p_values[place])
    corrected = [0.0] * len(p_values)
    largest = 0.0
    for rank, place in enumerate(order):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[place]))
        corrected[place] = largest
    return corrected


def interval(values: Reals) -> tuple[float, float] | None:
    """Return the range that holds 95 % of resampled values, or ``None`` where none is defined."""
    defined = values[np.isfinite(values)]
    if not len(defined):
        return None
    low, high = np.quantile(defined, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return float(low), float(high)
