"""A face's own axes and proportions, by which displacements are scaled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from equime_builder.facs import SIDES, Side
from equime_generation.renderers.warp import mesh

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from equime_generation.faces import Face

_REFERENCE_IOD: Final[dict[str, float]] = {"aperture": 0.141, "lips": 0.274, "brow": 0.222}
"""Mean of the ten openpeople portraits, in interocular distances."""

# Anatomy is followed only so far: no face moves over 5 % more than another, so that no two groups of people can either.
_EXPONENT: Final = 0.2
_FACTOR_RANGE: Final = (0.976, 1.024)
_FORESHORTENING_RANGE: Final = (0.5, 1.2)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Proportions:
    """What the geometry of one face says about how far its units move.

    Attributes:
        points: (478, 2) float64 landmarks in pixels.
        interocular_px: Distance of the iris centres.
        down: Unit vector from forehead to chin.
        outward: For each side, the unit vector from the midline towards that side, shortened by yaw.
        factors: For each measured proportion (``aperture`` of the lids, ``lips``' thickness, height of the ``brow``
            over the lid), the fifth root of this face's value over the reference, clipped to .976-1.024.
    """

    points: NDArray[np.float64]
    interocular_px: float
    down: NDArray[np.float64]
    outward: dict[Side, NDArray[np.float64]]
    factors: dict[str, float]

    def factor(self, measure: str | None) -> float:
        """Return the scale of units that follow ``measure``; 1 for units that follow the interocular distance."""
        return 1.0 if measure is None else self.factors[measure]


def proportions_of(face: Face) -> Proportions:
    """Measure the axes and proportions of a face on its landmarks."""
    points = np.ascontiguousarray(face.landmarks[:, :2], dtype=np.float64)
    down = points[152] - points[10]
    down /= np.linalg.norm(down)
    to_left = np.array([down[1], -down[0]])
    half = {side: abs(float((points[mesh.on(side, (234,))[0]] - points[168]) @ to_left)) for side in SIDES}
    mean = sum(half.values()) / 2
    sign = {"left": 1.0, "right": -1.0}
    return Proportions(
        points=points,
        interocular_px=face.interocular_px,
        down=down,
        outward={
            side: to_left * sign[side] * float(np.clip(half[side] / mean, *_FORESHORTENING_RANGE)) for side in SIDES
        },
        factors=_factors_of(points @ down, face.interocular_px),
    )


def _factors_of(height: NDArray[np.float64], interocular_px: float) -> dict[str, float]:
    """Compare heights along the face's axis with the reference face."""

    def drop(above: int, below: int) -> float:
        both = (height[below] - height[above], height[mesh.MIRROR[below]] - height[mesh.MIRROR[above]])
        return float(sum(both)) / 2 / interocular_px

    measured = {"aperture": drop(159, 145), "lips": drop(0, 17) - drop(13, 14), "brow": drop(52, 159)}
    ratios = {name: max(value, 0.0) / _REFERENCE_IOD[name] for name, value in measured.items()}
    return {name: float(np.clip(ratio**_EXPONENT, *_FACTOR_RANGE)) for name, ratio in ratios.items()}
