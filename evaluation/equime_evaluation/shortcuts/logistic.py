"""Logistic regression with a ridge, fitted by Newton's method."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ITERATIONS: Final = 50
_CONVERGED: Final = 1e-8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Logistic:
    """A fitted model.

    Attributes:
        weights: (F,) per feature.
        intercept: Log-odds where every feature is 0.
    """

    weights: NDArray[np.float64]
    intercept: float

    def log_odds(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the log-odds of the positive class, (n,), for (n, F) features."""
        return np.asarray(features @ self.weights + self.intercept)


def fit_logistic(features: NDArray[np.float64], labels: NDArray[np.bool_], *, ridge: float) -> Logistic:
    """Fit by iteratively reweighted least squares, both classes weighing the same in sum.

    Source: Hastie, Tibshirani, Friedman, "The Elements of Statistical Learning" (2009), section 4.4.

    Args:
        features: (n, F), standardised.
        labels: (n,) both kinds present.
        ridge: Added to the curvature of each weight but the intercept's; n samples weigh n together.
    """
    design = np.column_stack([features, np.ones(len(features))])
    share = np.where(labels, 0.5 / labels.mean(), 0.5 / (~labels).mean())
    penalty = np.append(np.full(features.shape[1], ridge), 1e-9)
    theta = np.zeros(design.shape[1])
    for _ in range(_ITERATIONS):
        chance = 1 / (1 + np.exp(-np.clip(design @ theta, -30, 30)))
        slope = design.T @ (share * (labels - chance)) - penalty * theta
        curvature = (design * (share * chance * (1 - chance))[:, None]).T @ design + np.diag(penalty)
        step = np.linalg.solve(curvature, slope)
        theta += step
        if np.abs(step).max() < _CONVERGED:
            break
    return Logistic(weights=theta[:-1], intercept=float(theta[-1]))
