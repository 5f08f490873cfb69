"""The dense motion of each unit on one face, solved when it is first asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

from equime_builder.facs import SIDES, Side
from equime_generation.renderers.warp import mesh
from equime_generation.renderers.warp.region import STRIDE_PX, Region
from equime_generation.renderers.warp.spline import ThinPlateSplines
from equime_generation.renderers.warp.spread import spread
from equime_generation.renderers.warp.units import UNITS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from equime_generation.renderers.warp.proportions import Proportions

LAYERS: Final = ("upper", "lower")
"""Two sheets of skin that part on the line between the lips."""

_SMOOTHING: Final = 2e-3
_ANCHOR_SCALES: Final = (1.22, 1.5)
_JAW_ANCHOR_SCALES: Final = (1.34, 1.6)
_MASK_SCALE: Final = 1.13
_JAW_MASK_SCALE: Final = 1.24
_MASK_BLUR_IOD: Final = 0.07
# Fields are rounded to 2^-10 px, so that the order of a linear algebra library's sums cannot show in a frame.
_QUANTUM: Final = 2.0**10


class Basis:
    """Displacement fields at intensity 1 on the coarse grid of a face's region.

    Args:
        proportions: Geometry of the face.
        region: Where the fields are wanted.
    """

    def __init__(self, proportions: Proportions, region: Region) -> None:
        self._proportions = proportions
        self._region = region
        self._mask = _soft_mask(proportions, region)
        self._anchors = _outline(proportions, _ANCHOR_SCALES, _JAW_ANCHOR_SCALES)
        positions = proportions.points[list(mesh.POINTS)]
        self._splines = ThinPlateSplines(
            np.vstack([positions, self._anchors]),
            region.nodes(),
            unit=proportions.interocular_px,
            smoothing=_SMOOTHING,
            kept=self._kept(),
        )
        self._fields: dict[tuple[int, Side], NDArray[np.float32]] = {}

    def __getitem__(self, key: tuple[int, Side]) -> NDArray[np.float32]:
        """Return the field of one unit and side, (2 layers, rows, columns, 2) float32 in pixels."""
        if key not in self._fields:
            self._solve(key[0])
        return self._fields[key]

    def _kept(self) -> list[NDArray[np.int_]]:
        """Return, for each layer, the indices of the landmarks and anchors that belong to it."""
        dropped = (mesh.LOWER_LIP_ONLY, mesh.UPPER_LIP_ONLY)
        anchors = list(range(len(mesh.POINTS), len(mesh.POINTS) + len(self._anchors)))
        return [np.array([i for i, point in enumerate(mesh.POINTS) if point not in drop] + anchors) for drop in dropped]

    def _solve(self, au: int) -> None:
        """Solve both sides of a unit and scale them to the unit's reach."""
        unit = UNITS[au]
        sparse = np.concatenate([spread(unit, side, self._proportions) for side in SIDES], axis=1)
        values = np.vstack([sparse, np.zeros((len(self._anchors), 4))])
        dense = self._splines(values).reshape(2, *self._region.grid_shape, 4) * self._mask[..., None]
        together = np.hypot(*(dense[..., axis] + dense[..., axis + 2] for axis in (0, 1)))
        reach_px = unit.reach_iod * self._proportions.factor(unit.measure) * self._proportions.interocular_px
        dense *= reach_px / self._largest(together)
        dense = np.round(dense * _QUANTUM) / _QUANTUM
        for index, side in enumerate(SIDES):
            field = dense[..., 2 * index : 2 * index + 2]
            self._fields[au, side] = np.ascontiguousarray(field, dtype=np.float32)

    def _largest(self, magnitude: NDArray[np.float64]) -> float:
        """Return the largest displacement that shows: each layer on its own side of the mouth."""
        line = self._proportions.points[[61, 13, 291], 1].mean() - self._region.top
        row = int(line) // STRIDE_PX
        return float(max(magnitude[0, : row + 2].max(), magnitude[1, row:].max()))


def _outline(proportions: Proportions, scales: tuple[float, ...], jaw_scales: tuple[float, ...]) -> NDArray[np.float64]:
    """Return the face's outline enlarged about its centre, further at the jaw, which moves most."""
    outline = proportions.points[list(mesh.OVAL)]
    centre = outline.mean(0)
    jaw = np.array([point in mesh.JAW for point in mesh.OVAL])
    grown = [
        centre + (outline - centre) * np.where(jaw, jaw_scale, scale)[:, None]
        for scale, jaw_scale in zip(scales, jaw_scales, strict=True)
    ]
    return np.concatenate(grown)


def _soft_mask(proportions: Proportions, region: Region) -> NDArray[np.float64]:
    """Return a (rows, columns) weight on the coarse grid: 1 on the face, 0 beyond, softly."""
    outline = _outline(proportions, (_MASK_SCALE,), (_JAW_MASK_SCALE,)) - (region.left, region.top)
    mask = np.zeros((region.height, region.width), np.float32)
    cv2.fillPoly(mask, [np.round(outline * 16).astype(np.int32)], 1.0, shift=4)
    soft = np.asarray(cv2.GaussianBlur(mask, (0, 0), _MASK_BLUR_IOD * proportions.interocular_px))
    return soft[::STRIDE_PX, ::STRIDE_PX].astype(np.float64)
