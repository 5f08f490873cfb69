"""Agreement beyond chance: Cohen's kappa of two reviewers, Fleiss' kappa of many, with intervals over clips."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from equime_builder.streams import stream
from equime_evaluation.equity.resampling import interval

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Reals = NDArray[np.float64]
    Counts = NDArray[np.int64]

RESAMPLES: Final = 2000
_FEWEST_CLIPS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Kappa:
    """Agreement beyond chance: (observed - expected) / (1 - expected).

    Attributes:
        clips: Clips with two reviews or more that say something here; others tell nothing about agreement.
        ratings: Reviews of them.
        observed: Share of pairs of reviews of one clip that agree; ``None`` without clips.
        expected: Share that would agree by chance, if everybody kept to how often each word was said.
        value: At most 1; ``None`` where all say the same word, so that chance alone explains it, or without clips.
        low: 95 % of resamples of clips lie between ``low`` and ``high``; ``None`` with fewer than two clips.
        high: As ``low``.
    """

    clips: int
    ratings: int
    observed: float | None
    expected: float | None
    value: float | None
    low: float | None
    high: float | None


def fleiss(counts: Counts, *, key: str, resamples: int = RESAMPLES) -> Kappa:
    """Return Fleiss' kappa; clips may have different numbers of reviews.

    Args:
        counts: (clips, categories) how many reviewers put each clip into each category.
        key: Names the random stream of the resamples.

    Source: Fleiss, "Measuring nominal scale agreement among many raters", Psychol. Bull. 76 (1971); a clip with fewer
    reviews counts as much as one with more, as in Gwet, "Handbook of Inter-Rater Reliability", 4th ed. (2014), ch. 2.
    """
    shared = counts[counts.sum(-1) >= 2]
    return _kappa(shared, _fleiss_parts, ratings=int(shared.sum()), key=key, resamples=resamples)


def cohen(tables: Counts, *, key: str, resamples: int = RESAMPLES) -> Kappa:
    """Return Cohen's kappa of two who judge the same clips.

    Args:
        tables: (clips, categories, categories) how often the first said the row's category of a clip where the second
            said the column's; a clip counts as often as it was judged.
        key: Names the random stream of the resamples.

    Source: Cohen, "A coefficient of agreement for nominal scales", Educ. Psychol. Meas. 20 (1960).
    """
    return _kappa(tables, _cohen_parts, ratings=2 * int(tables.sum()), key=key, resamples=resamples)


def _kappa(
    clips: Counts,
    parts: Callable[[Counts, Reals], tuple[Reals, Reals]],
    *,
    ratings: int,
    key: str,
    resamples: int,
) -> Kappa:
    if not len(clips):
        return Kappa(clips=0, ratings=0, observed=None, expected=None, value=None, low=None, high=None)
    # clips that were judged alike are drawn together: the same draws, whatever the number of clips
    kinds, times = np.unique(clips, axis=0, return_counts=True)
    observed, expected = parts(kinds, times[None].astype(np.float64))
    inside = None
    if len(clips) >= _FEWEST_CLIPS:
        drawn = stream(key, "clips").multinomial(len(clips), times / len(clips), size=resamples)
        inside = interval(_beyond_chance(*parts(kinds, drawn.astype(np.float64))))
    value = float(_beyond_chance(observed, expected)[0])
    return Kappa(
        clips=len(clips),
        ratings=ratings,
        observed=float(observed[0]),
        expected=float(expected[0]),
        value=value if np.isfinite(value) else None,
        low=inside[0] if inside else None,
        high=inside[1] if inside else None,
    )


def _beyond_chance(observed: Reals, expected: Reals) -> Reals:
    room = 1 - expected
    undefined = np.full(room.shape, np.nan)
    return np.asarray(np.divide(observed - expected, room, out=undefined, where=room > 1e-12))


def _fleiss_parts(kinds: Counts, times: Reals) -> tuple[Reals, Reals]:
    """Return observed and expected agreement of each draw.

    Args:
        kinds: (kinds, categories) counts of reviews.
        times: (draws, kinds) how often each kind of clip was drawn.
    """
    reviews = kinds.sum(-1)
    agreeing = (kinds * (kinds - 1)).sum(-1) / (reviews * (reviews - 1))
    share = times / times.sum(-1, keepdims=True)
    said = share @ (kinds / reviews[:, None])
    return share @ agreeing, (said**2).sum(-1)


def _cohen_parts(kinds: Counts, times: Reals) -> tuple[Reals, Reals]:
    table = np.einsum("dk,kij->dij", times, kinds)
    table /= table.sum((-2, -1), keepdims=True)
    return np.trace(table, axis1=-2, axis2=-1), (table.sum(-1) * table.sum(-2)).sum(-1)
