"""A smoothed thin-plate spline whose system is factored once and solved for many right-hand sides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import lu_factor, lu_solve

if TYPE_CHECKING:
    from numpy.typing import NDArray


class ThinPlateSpline:
    """Interpolates vectors given at scattered points onto a fixed set of places.

    Source: Bookstein, "Principal warps", IEEE TPAMI 11(6), 1989; smoothing after Wahba, "Spline models for
    observational data" (1990), chapter 2.

    Args:
        points: (N, 2) where values will be given.
        places: (G, 2) where they are wanted.
        unit: Length that makes coordinates free of scale.
        smoothing: Weight of the bending energy against the fit, with lengths in ``unit``.
    """

    def __init__(
        self, points: NDArray[np.float64], places: NDArray[np.float64], *, unit: float, smoothing: float
    ) -> None:
        count = len(points)
        system = np.zeros((count + 3, count + 3))
        system[:count] = self._terms(points / unit, points / unit)
        system[:count, :count] += smoothing * np.eye(count)
        system[count:, :count] = system[:count, count:].T
        self._factored = lu_factor(system)
        self._places = self._terms(places / unit, points / unit)

    @staticmethod
    def _terms(at: NDArray[np.float64], centres: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return kernel and linear terms, (len(at), len(centres) + 3)."""
        squared = (at[:, :1] - centres[:, 0]) ** 2 + (at[:, 1:] - centres[:, 1]) ** 2
        kernel = 0.5 * squared * np.log(np.maximum(squared, 1e-12))
        return np.hstack([kernel, np.ones((len(at), 1)), at])

    def __call__(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (G, C) values at the places for (N, C) values at the points."""
        padded = np.vstack([values, np.zeros((3, values.shape[1]))])
        return np.asarray(self._places @ lu_solve(self._factored, padded))
