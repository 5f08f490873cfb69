"""All that depends on a face alone: made once a photo, used by all of its clips."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

from equime_builder.facs import SIDES, Side
from equime_generation.renderers.warp.basis import Basis
from equime_generation.renderers.warp.eyes import eye_of
from equime_generation.renderers.warp.mouth import mouth_of
from equime_generation.renderers.warp.proportions import proportions_of
from equime_generation.renderers.warp.region import STRIDE_PX, region_of
from equime_generation.renderers.warp.shading import Shading
from equime_generation.renderers.warp.units import UNITS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from equime_generation.faces import Face

BLINK: Final = 43
FINE: Final = 4
"""Samples of the enlarged photo for one pixel."""

_PASS_CYCLES: Final = 0.43
_PASS_TAPS: Final = 5
_PASS_BETA: Final = 3.5

Intensities = dict[tuple[int, Side], float]


class Rig:
    """A face made ready to move.

    Attributes:
        face: The photo and its landmarks.
        region: The part of the photo that can move.
        basis: Fields of the units.
        mouth: The line between the lips.
        eyes: The two eyes.
        shading: Brightness changes of the units.
        skin: (2, rows, columns) bool on the coarse grid: where each sheet shows, eyes left out.
    """

    def __init__(self, face: Face) -> None:
        self.face = face
        proportions = proportions_of(face)
        self.region = region_of(proportions.points, face.image.shape)
        skin = face.image[self.region.window]
        self.basis = Basis(proportions, self.region)
        self.mouth = mouth_of(skin, proportions, self.region)
        self.eyes = {side: eye_of(side, proportions, self.region) for side in SIDES}
        line_row = float(self.mouth.upper.mean())
        self.shading = Shading(skin, proportions, self.region, self.basis, line_row)
        self.skin = self._skin(line_row)
        self.fine = _enlarged(face.image)

    def _skin(self, line_row: float) -> NDArray[np.bool_]:
        aperture = np.zeros((self.region.height, self.region.width), np.float32)
        for eye in self.eyes.values():
            aperture[eye.window] = np.maximum(aperture[eye.window], eye.aperture)
        skin = cv2.dilate(aperture, np.ones((STRIDE_PX + 1, STRIDE_PX + 1), np.uint8))[::STRIDE_PX, ::STRIDE_PX] < 0.02
        below = np.arange(len(skin))[:, None] * STRIDE_PX > line_row
        return np.stack([skin & ~below, skin & below])

    def sheets(self, intensities: Intensities) -> NDArray[np.float32]:
        """Return the summed fields of both sheets on the coarse grid, (2, rows, columns, 2) float32 in pixels."""
        total = np.zeros((2, *self.region.grid_shape, 2), np.float32)
        for key, intensity in intensities.items():
            if key[0] in UNITS:
                total += np.float32(intensity) * self.basis[key]
        return total


def _enlarged(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the photo with `FINE` samples a pixel, so that reading between pixels blurs alike everywhere.

    What lies close to the Nyquist frequency survives at whole pixels and dies halfway between them: sway would make
    frames sharper and softer, and warped skin, which lies at all phases, softest. So that band is taken out first, by
    a windowed-sinc low-pass, and the rest is enlarged by a long kernel; a short one is then enough for each frame.
    """
    tap = np.arange(-_PASS_TAPS, _PASS_TAPS + 1)
    kernel = np.sinc(2 * _PASS_CYCLES * tap) * np.kaiser(len(tap), _PASS_BETA)
    kernel /= kernel.sum()
    smooth = cv2.sepFilter2D(image, cv2.CV_32F, kernel, kernel, borderType=cv2.BORDER_REFLECT_101)
    fine = cv2.resize(smooth, None, fx=FINE, fy=FINE, interpolation=cv2.INTER_LANCZOS4)
    return np.asarray(np.clip(fine + 0.5, 0, 255), dtype=np.uint8)
