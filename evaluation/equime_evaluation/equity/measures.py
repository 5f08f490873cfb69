"""Strength of association between a group and an outcome, from totals by group; batches of tables at once.

A table of counts is (..., groups, categories). Moments are (..., groups, 3): number, sum and sum of squares. Groups
and categories that hold nothing count as absent.

Each measure comes in two steps: what the table says plainly, and what is left of it once the part that chance gives to
any table of this size is taken off. People drawn again change the plain step alone.
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


def information_bits(tables: Reals) -> Reals:
    """Return how many bits the group tells about the outcome in this table.

    Args:
        tables: (..., groups, categories) counts.

    Returns:
        (...) bits from 0; NaN where only one group or one category occurs.
    """
    n, rows, columns = tables.sum((-2, -1)), tables.sum(-1), tables.sum(-2)
    products = rows[..., :, None] * columns[..., None, :]
    ratio = np.divide(n[..., None, None] * tables, products, out=np.ones_like(tables), where=tables > 0)
    bits = (tables * np.log2(ratio)).sum((-2, -1)) / n
    return _defined(_cleaned(bits), (rows > 0).sum(-1) > 1, (columns > 0).sum(-1) > 1)


def eta_squared(moments: Reals) -> Reals:
    """Return the share of a number's variance that lies between groups.

    Args:
        moments: (..., groups, 3) number, sum and sum of squares, best of values centred on their mean.

    Returns:
        (...) values 0-1; NaN where only one group occurs or the number does not vary.
    """
    n, sums = moments[..., 0], moments[..., 1]
    of_groups = np.divide(sums**2, n, out=np.zeros_like(sums), where=n > 0).sum(-1)
    grand = sums.sum(-1) ** 2 / n.sum(-1)
    squares = moments[..., 2].sum(-1)
    total = squares - grand
    varies = total > _ROUNDING * np.maximum(squares, 1e-300)
    value = np.divide(of_groups - grand, total, out=np.full_like(total, np.nan), where=varies)
    return _defined(_cleaned(np.maximum(value, 0)), (n > 0).sum(-1) > 1)


def cramers_v(phi: Reals, tables: Reals) -> Reals:
    """Return Cramer's V, corrected for its bias in finite samples: 0 = independent, 1 = the group decides.

    The correction takes the n observations as independent. Those of one person are not, so that it takes off too
    little; the interval and the p-value, which go by people, do not rest on it.

    Args:
        phi: (...) from `phi_squared`.
        tables: (..., groups, categories) counts.

    Source: Bergsma, "A bias-correction for Cramer's V and Tschuprow's T", J. Korean Stat. Soc. 42 (2013).
    """
    spare = np.maximum(tables.sum((-2, -1)) - 1, 1e-9)
    groups, categories = ((tables.sum(axis) > 0).sum(-1).astype(float) for axis in (-1, -2))
    left = np.maximum(phi - (groups - 1) * (categories - 1) / spare, 0)
    least = np.minimum(groups - (groups - 1) ** 2 / spare, categories - (categories - 1) ** 2 / spare) - 1
    ratio = np.divide(left, least, out=np.full_like(left, np.nan), where=least > 0)
    return np.asarray(np.minimum(np.sqrt(ratio), 1.0))


def miller_madow_bits(bits: Reals, tables: Reals) -> Reals:
    """Return bits of information corrected by (groups + categories - occupied cells - 1) / (2 n) nats, floored at 0.

    Args:
        bits: (...) from `information_bits`.
        tables: (..., groups, categories) counts.

    Source: Miller, "Note on the bias of information estimates" (1955), applied to each of the three entropies.
    """
    occupied = (tables.sum(-1) > 0).sum(-1) + (tables.sum(-2) > 0).sum(-1) - (tables > 0).sum((-2, -1)) - 1
    return np.asarray(np.maximum(bits + occupied / (2 * tables.sum((-2, -1)) * np.log(2)), 0))


def omega_squared(eta: Reals, moments: Reals) -> Reals:
    """Return eta squared less what chance alone would give, floored at 0.

    Args:
        eta: (...) from `eta_squared`.
        moments: (..., groups, 3).

    Source: Hays, "Statistics for psychologists" (1963): (SSB - (g - 1) MSW) / (SST + MSW), here over SST.
    """
    n, groups = moments[..., 0].sum(-1), (moments[..., 0] > 0).sum(-1)
    within = (1 - eta) / np.maximum(n - groups, 1e-9)
    return np.asarray(np.maximum((eta - (groups - 1) * within) / (1 + within), 0))


def unchanged(plain: Reals, tables: Reals) -> Reals:
    """Return a measure as it is, for those that stand uncorrected."""
    return plain


def _cleaned(values: Reals) -> Reals:
    return np.where(np.abs(values) < _ROUNDING, 0.0, values)


def _defined(values: Reals, *conditions: NDArray[np.bool_]) -> Reals:
    return np.where(np.logical_and.reduce(conditions), values, np.nan)
