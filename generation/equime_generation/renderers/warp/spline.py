"""Smoothed thin-plate splines on one fixed set of places, each factored once and solved for many right-hand sides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import lu_factor, lu_solve

if TYPE_CHECKING:
    from numpy.typing import NDArray


class ThinPlateSplines:
    """Carries vectors from scattered points to fixed places; each spline leaves other points out.

    Source: Bookstein, "Principal warps", IEEE TPAMI 11(6), 1989; smoothing after Wahba, "Spline models for
    observational data" (1990), chapter 2.

    Args:
        points: (N, 2) where values will be given.
        places: (G, 2) where they are wanted.
        unit: Length that makes coordinates free of scale.
        smoothing: Weight of the bending energy against the fit, with lengths in ``unit``.
        kept: For each spline, the indices of the points that it uses.
    """

    def __init__(
        self,
        points: NDArray[np.float64],
        places: NDArray[np.float64],
        *,
        unit: float,
        smoothing: float,
        kept: list[NDArray[np.int_]],
    ) -> None:
        self._at_places = _terms(places / unit, points / unit)
        at_points = _terms(points / unit, points / unit)
        self._columns = [np.concatenate([rows, len(points) + np.arange(3)]) for rows in kept]
        self._factored = [
            lu_factor(_system(at_points[np.ix_(rows, columns)], smoothing))
            for rows, columns in zip(kept, self._columns, strict=True)
        ]
        self._kept = kept

    def __call__(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (splines, G, C) values at the places for (N, C) values at the points."""
        weights = np.zeros((len(self._kept), self._at_places.shape[1], values.shape[1]))
        for index, (rows, columns) in enumerate(zip(self._kept, self._columns, strict=True)):
            padded = np.vstack([values[rows], np.zeros((3, values.shape[1]))])
            weights[index, columns] = lu_solve(self._factored[index], padded)
        return np.asarray(self._at_places @ weights)


def _terms(at: NDArray[np.float64], centres: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return kernel and linear terms, (len(at), len(centres) + 3)."""
    squared = (at[:, :1] - centres[:, 0]) ** 2 + (at[:, 1:] - centres[:, 1]) ** 2
    kernel = 0.5 * squared * np.log(np.maximum(squared, 1e-12))
    return np.hstack([kernel, np.ones((len(at), 1)), at])


def _system(terms: NDArray[np.float64], smoothing: float) -> NDArray[np.float64]:
    """Complete kernel and linear terms to the square system of the spline."""
    count = len(terms)
    system = np.zeros((count + 3, count + 3))
    system[:count] = terms
    system[:count, :count] += smoothing * np.eye(count)
    system[count:, :count] = terms[:, count:].T
    return system
