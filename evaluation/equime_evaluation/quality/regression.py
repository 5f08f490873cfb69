"""The support vector regression that turns BRISQUE's statistics into a score, read from the user's own model file."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from equime_builder.errors import EquimeError
from equime_evaluation.quality.statistics import FEATURES

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

GAMMA: Final = 0.05
RHO: Final = -153.591
"""Of LIVE's model, for a file that holds the vectors alone."""

_LARGEST_BYTES: Final = 64 * 2**20
_MOST_VECTORS: Final = 50_000
"""LIVE's model has 774."""
# Least and largest value of each statistic over LIVE's training pictures, after piq 0.8.0 (Apache-2.0).
_RANGES: Final = (
    (0.338, 10), (0.017204, 0.806612), (0.236, 1.642), (-0.123884, 0.20293), (0.000155, 0.712298), (0.001122, 0.470257),
    (0.244, 1.641), (-0.123586, 0.179083), (0.000152, 0.710456), (0.000975, 0.470984), (0.249, 1.555),
    (-0.135687, 0.100858), (0.000174, 0.684173), (0.000913, 0.534174), (0.258, 1.561), (-0.143408, 0.100486),
    (0.000179, 0.685696), (0.000888, 0.536508), (0.471, 3.264), (0.012809, 0.703171), (0.218, 1.046),
    (-0.094876, 0.187459), (1.5e-05, 0.442057), (0.001272, 0.40803), (0.222, 1.042), (-0.115772, 0.162604),
    (1.6e-05, 0.444362), (0.001374, 0.40243), (0.227, 0.996), (-0.117188, 0.098323), (3e-05, 0.531903),
    (0.001122, 0.369589), (0.228, 0.99), (-0.12243, 0.098658), (2.8e-05, 0.530092), (0.001118, 0.370399),
)  # fmt: skip


class ModelFileError(EquimeError, ValueError):
    """A file of weights cannot be used."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Regression:
    """An epsilon-SVR with a radial kernel: sum of c exp(-gamma |x - v|^2), less rho.

    Attributes:
        coefficients: (n,) float64.
        vectors: (n, 36) float64, in statistics scaled to -1 to 1.
    """

    coefficients: NDArray[np.float64]
    vectors: NDArray[np.float64]
    gamma: float = GAMMA
    rho: float = RHO

    def __post_init__(self) -> None:
        shapes = self.coefficients.shape, self.vectors.shape
        if shapes != ((len(self.coefficients),), (len(self.coefficients), FEATURES)) or not len(self.coefficients):
            raise ModelFileError(f"a BRISQUE model has n coefficients and n x {FEATURES} vectors, got {shapes}")
        if not (np.isfinite(self.coefficients).all() and np.isfinite(self.vectors).all()):
            raise ModelFileError("a BRISQUE model holds finite numbers only")

    @cached_property
    def sha256(self) -> str:
        """Name of these very numbers."""
        return hashlib.sha256(self.coefficients.tobytes() + self.vectors.tobytes()).hexdigest()

    def score(self, statistics: NDArray[np.float64]) -> float:
        """Return the score of a frame: about 0 (natural) to 100 (distorted), unbounded.

        In double precision: coefficients of 1024 and more cancel to a score of some ten, so that piq's sums in single
        precision stray by .01 from themselves.

        Args:
            statistics: (36,), as `equime_evaluation.quality.statistics.scene_statistics` gives them.
        """
        low, high = np.array(_RANGES).T
        scaled = 2 * (statistics - low) / (high - low) - 1
        distances = ((self.vectors - scaled) ** 2).sum(1)
        return float(self.coefficients @ np.exp(-self.gamma * distances) - self.rho)


def read_model(path: Path) -> Regression:
    """Read a BRISQUE model: LIVE's ``allmodel`` in libsvm's text format, or piq's ``brisque_svm_weights.pt``.

    Raises:
        ModelFileError: The file is missing, or is neither.
    """
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise ModelFileError(f"{path}: over {_LARGEST_BYTES} bytes is no BRISQUE model")
        return _from_checkpoint(path) if path.suffix == ".pt" else _from_libsvm(path.read_text("utf-8"))
    except OSError as error:
        raise ModelFileError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (ValueError, KeyError, IndexError, OverflowError) as error:
        raise ModelFileError(
            f"{path}: no BRISQUE model ({' '.join(str(error).split()):.200}); wanted is libsvm's text with svm_type "
            "epsilon_svr, or piq's brisque_svm_weights.pt"
        ) from error


def _from_libsvm(text: str) -> Regression:
    head, found, body = text.partition("\nSV\n")
    facts = dict(line.split(" ", 1) for line in head.splitlines() if " " in line)
    if not found or (facts["svm_type"], facts["kernel_type"]) != ("epsilon_svr", "rbf"):
        raise ValueError("svm_type must be epsilon_svr and kernel_type rbf")
    lines = body.split("\n")[: int(facts["total_sv"])]
    if len(lines) > _MOST_VECTORS:
        raise ValueError(f"{len(lines)} support vectors, at most {_MOST_VECTORS}")
    coefficients, vectors = np.zeros(len(lines)), np.zeros((len(lines), FEATURES))
    for number, line in enumerate(lines):
        first, *entries = line.split()
        coefficients[number] = float(first)
        for place, value in (entry.split(":") for entry in entries):
            if not 1 <= int(place) <= FEATURES:
                raise ValueError(f"feature {place} is not one of {FEATURES}")
            vectors[number, int(place) - 1] = float(value)
    return Regression(
        coefficients=coefficients, vectors=vectors, gamma=float(facts["gamma"]), rho=float(facts["rho"].split()[0])
    )


def _from_checkpoint(path: Path) -> Regression:
    from equime_builder.errors import need

    torch = need("torch", extra="metrics")
    try:
        coefficients, vectors = torch.load(path, map_location="cpu", weights_only=True)
        return Regression(
            coefficients=coefficients.double().numpy().ravel(), vectors=vectors.double().reshape(-1, FEATURES).numpy()
        )
    except Exception as error:  # torch's reader raises whatever a damaged file leads it to
        raise ValueError(f"not two tensors: {error}") from error
