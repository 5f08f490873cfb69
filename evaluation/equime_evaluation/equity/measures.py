"""Strength of association between a group and an outcome, from totals by group; batches of tables at once.

A table of counts is (..., groups, categories). Moments are (..., groups, 3): number, sum and sum of squares. Groups
and categories that hold nothing count as absent.

A measure that cannot be negative grows with noise alone, and people drawn again bring more noise than those at hand:
some count twice, others not at all. ``design_effect``, the number of clips over the effective one (Kish, "Survey
sampling", 1965), tells how much more, and that much is taken off.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Reals = NDArray[np.float64]

# Sums of the same numbers in another order differ in the last bits: no association is told from that by rounding.
_ROUNDING: Final = 1e-10


def phi_squared(tables: Reals) -> Reals:
    """Return Pearson's chi-squared over n, 0 where the outcome is independent of the group.

    Args:
        tables: (..., groups, categories) counts.

    Returns:
        (...) values from 0; NaN where only one group or one category occurs.
    """
    n, rows, columns = tables.sum((-2, -1)), tables.sum(-1), tables.sum(-2)
    products = rows[..., :, None] * columns[..., None, :]
    residues = n[..., None, None] * tables - products
    scaled = np.divide(residues**2, products, out=np.zeros_like(tables), where=products > 0).sum((-2, -1))
    value = np.divide(scaled, n**2, out=np.zeros_like(n), where=n > 0)
    return _defined(_cleaned(value), (rows > 0).sum(-1) > 1, (columns > 0).sum(-1) > 1)


def cramers_v(tables: Reals, design_effect: Reals | float = 1.0) -> Reals:
    """Return Cramer's V, corrected for its bias in finite samples: 0 = independent, 1 = the group decides.

    The correction takes the n observations as independent. Those of one person are not, so that it takes off too
    little; the interval and the p-value, which go by people, do not rest on it.

    Args:
        tables: (..., groups, categories) counts.
        design_effect: (...) noise against that of independent clips counted once.

    Returns:
        (...) values 0-1; NaN where only one group or one category occurs.

    Source: Bergsma, "A bias-correction for Cramer's V and Tschuprow's T", J. Korean Stat. Soc. 42 (2013).
    """
    n = tables.sum((-2, -1))
    groups, categories = ((tables.sum(axis) > 0).sum(-1).astype(float) for axis in (-1, -2))
    spare = np.maximum(n - 1, 1e-9)
    phi = np.maximum(phi_squared(tables) - (groups - 1) * (categories - 1) * design_effect / spare, 0)
    least = np.minimum(groups - (groups - 1) ** 2 / spare, categories - (categories - 1) ** 2 / spare) - 1
    ratio = np.divide(phi, least, out=np.full_like(phi, np.nan), where=least > 0)
    return np.asarray(np.minimum(np.sqrt(ratio), 1.0))


def mutual_information_bits(tables: Reals, design_effect: Reals | float = 1.0) -> Reals:
    """Return how many bits the group tells about the outcome, corrected for its bias in finite samples.

    The plug-in estimate plus (groups + categories - occupied cells - 1) / (2 n) nats, floored at 0.

    Args:
        tables: (..., groups, categories) counts.
        design_effect: As for `cramers_v`.

    Returns:
        (...) bits from 0; NaN where only one group or one category occurs.

    Source: Miller, "Note on the bias of information estimates" (1955), known as the Miller-Madow correction.
    """
    n, rows, columns = tables.sum((-2, -1)), tables.sum(-1), tables.sum(-2)
    filled = tables > 0
    products = rows[..., :, None] * columns[..., None, :]
    ratio = np.divide(n[..., None, None] * tables, products, out=np.ones_like(tables), where=filled)
    plug_in = (tables * np.log2(ratio)).sum((-2, -1)) / n
    occupied = (rows > 0).sum(-1) + (columns > 0).sum(-1) - filled.sum((-2, -1)) - 1
    bits = np.maximum(_cleaned(plug_in) + occupied * design_effect / (2 * n * np.log(2)), 0)
    return _defined(bits, (rows > 0).sum(-1) > 1, (columns > 0).sum(-1) > 1)


def eta_squared(moments: Reals, design_effect: Reals | float = 1.0) -> Reals:
    """Return the share of a number's variance that lies between groups.

    Args:
        moments: (..., groups, 3) number, sum and sum of squares, best of values centred on their mean.
        design_effect: As for `cramers_v`; noise beyond 1 is taken off, that of the clips themselves is not.

    Returns:
        (...) values 0-1; NaN where only one group occurs or the number does not vary.
    """
    between, within, total, groups = _squares(moments)
    beyond = between - (groups - 1) * within * (np.asarray(design_effect) - 1)
    value = np.divide(beyond, total, out=np.full_like(total, np.nan), where=total > 0)
    return _defined(np.maximum(_cleaned(value), 0), groups > 1)


def omega_squared(moments: Reals, design_effect: Reals | float = 1.0) -> Reals:
    """Return eta squared less what chance alone would give, floored at 0.

    Args:
        moments: As for `eta_squared`.
        design_effect: As for `cramers_v`.

    Source: Hays, "Statistics for psychologists" (1963): (SSB - (g - 1) MSW) / (SST + MSW).
    """
    between, within, total, groups = _squares(moments)
    beyond = between - (groups - 1) * within * design_effect
    value = np.divide(beyond, total + within, out=np.full_like(total, np.nan), where=total > 0)
    return _defined(np.maximum(_cleaned(value), 0), groups > 1)


def _squares(moments: Reals) -> tuple[Reals, Reals, Reals, Reals]:
    """Return the sum of squares between groups, the mean square within, the sum in all, and the number of groups."""
    n, sums = moments[..., 0], moments[..., 1]
    of_groups = np.divide(sums**2, n, out=np.zeros_like(sums), where=n > 0).sum(-1)
    grand = sums.sum(-1) ** 2 / n.sum(-1)
    squares = moments[..., 2].sum(-1)
    total = squares - grand
    total = np.where(total > _ROUNDING * np.maximum(squares, 1e-300), total, 0.0)
    between = np.maximum(of_groups - grand, 0)
    groups = (n > 0).sum(-1).astype(float)
    within = np.maximum(total - between, 0) / np.maximum(n.sum(-1) - groups, 1e-9)
    return between, within, total, groups


def _cleaned(values: Reals) -> Reals:
    return np.where(np.abs(values) < _ROUNDING, 0.0, values)


def _defined(values: Reals, *conditions: NDArray[np.bool_]) -> Reals:
    return np.where(np.logical_and.reduce(conditions), values, np.nan)
