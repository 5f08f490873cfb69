"""What moving skin does to the light: bulges, folds, and deeper detail where skin is pressed together.

All in the logarithm of the image, so that the contrast is the same on light and dark skin, and in proportion to the
intensity. Nothing is drawn on foreheads: lines appear there only where the photo already holds them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

from equime_generation.renderers.warp import mesh
from equime_generation.renderers.warp.field import jacobian
from equime_generation.renderers.warp.region import STRIDE_PX, Region, refine

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from equime_builder.facs import Side
    from equime_generation.renderers.warp.basis import Basis
    from equime_generation.renderers.warp.proportions import Proportions

SHADOW_HUE: Final = np.array([0.85, 1.0, 1.05], np.float32)
"""Share of a shadow in red, green and blue: light that has passed through skin is redder."""

_LIMITS: Final = (-0.40, 0.06)
_BULGE: Final = 0.04
_BULGE_BLUR_IOD: Final = 0.05
# Where two movements meet, as on the bridge of the nose under AU9, the slope is steep and a highlight would turn grey.
_BULGE_LIMIT: Final = 0.06
_DEEPEN: Final = 1.6
_DEEPEN_BLUR_IOD: Final = 0.03
_DEEPEN_LIMIT: Final = 0.8
# Wrinkles, not pores: deepened pores would make the event's frames the sharpest.
_DETAIL_BAND_IOD: Final = (0.018, 0.06)
_DETAIL_LIMITS: Final = (-0.35, 0.20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """A soft furrow along right-side landmarks.

    Attributes:
        path: Landmarks from one end to the other.
        width_iod: Standard deviation across the furrow, in interocular distances.
        depth: Darkening in the middle at intensity 1, in natural logarithms.
    """

    path: tuple[int, ...]
    width_iod: float
    depth: float


# Where the FACS manual sees furrows; depths chosen so that level C stays within six grey levels on mid-grey skin.
FOLDS: Final[dict[int, tuple[Fold, ...]]] = {
    4: (Fold(path=(193, 55, 107), width_iod=0.020, depth=0.12),),
    6: (
        Fold(path=(130, 226, 35), width_iod=0.016, depth=0.07),
        Fold(path=(31, 228, 229, 230, 231), width_iod=0.028, depth=0.09),
    ),
    7: (Fold(path=(110, 24, 23, 22), width_iod=0.014, depth=0.07),),
    9: (Fold(path=(129, 203, 36), width_iod=0.026, depth=0.10), Fold(path=(122, 193, 8), width_iod=0.018, depth=0.09)),
    10: (Fold(path=(129, 203, 206), width_iod=0.026, depth=0.12),),
    12: (Fold(path=(129, 203, 206, 216, 212), width_iod=0.028, depth=0.15),),
    14: (Fold(path=(186, 57, 43), width_iod=0.028, depth=0.36),),
    15: (Fold(path=(57, 43, 202), width_iod=0.026, depth=0.12),),
    17: (Fold(path=(106, 182, 83, 18), width_iod=0.030, depth=0.09),),
    20: (Fold(path=(57, 43, 202), width_iod=0.026, depth=0.08),),
    23: (Fold(path=(106, 182, 83, 18), width_iod=0.022, depth=0.06),),
    24: (Fold(path=(106, 182, 83, 18), width_iod=0.026, depth=0.08),),
}


class Shading:
    """Log-brightness maps of the units on one face, made when first asked for.

    Args:
        image: (height, width, 3) uint8, the region of the photo.
        proportions: Geometry of the face.
        region: Where ``image`` was cut.
        basis: Fields of the units.
        line_row: Row of the mouth within the region, where the two sheets of skin change over.
    """

    def __init__(
        self, image: NDArray[np.uint8], proportions: Proportions, region: Region, basis: Basis, line_row: float
    ) -> None:
        self._points = proportions.points - (region.left, region.top)
        self._iod_px = proportions.interocular_px
        self._shape = (region.height, region.width)
        self._basis = basis
        self._line = int(line_row) // STRIDE_PX
        self._bare = self._bare_skin()
        self._detail = _detail(image, self._iod_px) * self._bare
        self._maps: dict[tuple[int, Side], tuple[NDArray[np.float32], NDArray[np.float32]]] = {}
        self._folds: dict[tuple[int, Side], NDArray[np.float32]] = {}

    def gain(self, intensities: dict[tuple[int, Side], float]) -> NDArray[np.float32]:
        """Return the factor on each pixel of the photo's region, (height, width) float32."""
        relief = np.zeros(self._basis[next(iter(intensities))].shape[1:3], np.float32)
        pressed = np.zeros_like(relief)
        folds = np.zeros(self._shape, np.float32)
        for key, intensity in intensities.items():
            bulge, deepen = self._relief(key)
            relief += np.float32(intensity) * bulge
            pressed += np.float32(intensity) * deepen
            if key[0] in FOLDS:
                folds += np.float32(intensity) * self._fold(key)
        log_gain = (refine(relief) + folds) * self._bare + refine(pressed) * self._detail
        return np.asarray(np.exp(np.clip(log_gain, *_LIMITS)), dtype=np.float32)

    def _relief(self, key: tuple[int, Side]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return bulge shading and detail deepening on the coarse grid."""
        if key not in self._maps:
            sheets = self._basis[key]
            skin = np.concatenate([sheets[0, : self._line], sheets[1, self._line :]])
            pressed = 1 - jacobian(skin, float(STRIDE_PX))
            blur = _BULGE_BLUR_IOD * self._iod_px / STRIDE_PX
            height = cv2.GaussianBlur(np.clip(pressed, -0.5, 0.5), (0, 0), blur)
            # Light comes from above: what faces up grows brighter, what faces down darker.
            slope = np.gradient(height, axis=0) * (self._iod_px / STRIDE_PX)
            bulge = _BULGE_LIMIT * np.tanh(_BULGE / _BULGE_LIMIT * slope)
            deepen = cv2.GaussianBlur(
                np.clip(_DEEPEN * pressed, 0, _DEEPEN_LIMIT), (0, 0), _DEEPEN_BLUR_IOD * self._iod_px / STRIDE_PX
            )
            self._maps[key] = bulge.astype(np.float32), deepen.astype(np.float32)
        return self._maps[key]

    def _fold(self, key: tuple[int, Side]) -> NDArray[np.float32]:
        if key not in self._folds:
            drawn = np.zeros(self._shape, np.float32)
            for fold in FOLDS[key[0]]:
                drawn -= fold.depth * self._furrow(mesh.on(key[1], fold.path), fold.width_iod * self._iod_px)
            self._folds[key] = drawn
        return self._folds[key]

    def _furrow(self, path: tuple[int, ...], width_px: float) -> NDArray[np.float32]:
        """Return a soft line of height 1 that thins out towards its ends."""
        corners = self._points[list(path)]
        steps = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(corners, axis=0).T))])
        along = np.linspace(0, steps[-1], max(2, int(steps[-1] * 2)))
        x, y = (np.interp(along, steps, corners[:, axis]) for axis in (0, 1))
        drawn = np.zeros(self._shape, np.float32)
        inside = (x >= 0) & (y >= 0) & (x < self._shape[1] - 1) & (y < self._shape[0] - 1)
        taper = np.sin(np.pi * along / steps[-1])
        drawn[y[inside].astype(int), x[inside].astype(int)] = taper[inside]
        soft = cv2.GaussianBlur(drawn, (0, 0), width_px)
        return np.asarray(soft / max(float(soft.max()), 1e-6), dtype=np.float32)

    def _bare_skin(self) -> NDArray[np.float32]:
        """Return 1 on bare skin, 0 on lips, eyes and brows, softly."""
        covered = np.zeros(self._shape, np.uint8)
        shapes: list[tuple[int, ...]] = [mesh.LIP_UPPER_OUTER + mesh.LIP_LOWER_OUTER[::-1]]
        for side in ("left", "right"):
            for upper, lower in ((mesh.LID_UPPER, mesh.LID_LOWER), (mesh.BROW_UPPER, mesh.BROW_LOWER)):
                shapes.append(mesh.on(side, upper) + mesh.on(side, lower)[::-1])
        for shape in shapes:
            cv2.fillPoly(covered, [np.round(self._points[list(shape)]).astype(np.int32)], 255)
        grown = cv2.GaussianBlur(cv2.dilate(covered, np.ones((7, 7), np.uint8)), (0, 0), 2.0)
        return 1 - grown.astype(np.float32) / np.float32(255)


def _detail(image: NDArray[np.uint8], iod_px: float) -> NDArray[np.float32]:
    """Return the photo's own lines and pores: a band of the logarithm of its brightness."""
    log = np.log(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32) + 4)
    fine, coarse = (cv2.GaussianBlur(log, (0, 0), width * iod_px) for width in _DETAIL_BAND_IOD)
    return np.asarray(np.clip(fine - coarse, *_DETAIL_LIMITS), dtype=np.float32)
