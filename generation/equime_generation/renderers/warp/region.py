"""The part of the image that can move, and the coarse grid on which fields are kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

from equime_generation.renderers.warp import mesh

if TYPE_CHECKING:
    from numpy.typing import NDArray

STRIDE_PX: Final = 4
_REACH: Final = 1.28


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A rectangle of the image, ``left`` and ``top`` included, sized in whole strides."""

    left: int
    top: int
    width: int
    height: int

    @property
    def window(self) -> tuple[slice, slice]:
        """Rows and columns of the image."""
        return slice(self.top, self.top + self.height), slice(self.left, self.left + self.width)

    @property
    def grid_shape(self) -> tuple[int, int]:
        """Rows and columns of the coarse grid, whose nodes stand every `STRIDE_PX` from the top left pixel."""
        return self.height // STRIDE_PX, self.width // STRIDE_PX

    def nodes(self) -> NDArray[np.float64]:
        """Return (rows * columns, 2) pixel coordinates of the coarse grid, row by row."""
        rows, columns = self.grid_shape
        y, x = np.mgrid[0:rows, 0:columns] * float(STRIDE_PX)
        return np.stack([x.ravel() + self.left, y.ravel() + self.top], axis=1)

    def pixels(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return x and y of every pixel, each (height, width) float32, in image coordinates."""
        y, x = np.mgrid[0 : self.height, 0 : self.width].astype(np.float32)
        return x + np.float32(self.left), y + np.float32(self.top)


def region_of(points: NDArray[np.float64], image_shape: tuple[int, ...]) -> Region:
    """Return the rectangle around a face's outline that holds everything its muscles move."""
    outline = points[list(mesh.OVAL)]
    centre = outline.mean(0)
    low = (outline.min(0) - centre) * _REACH + centre
    high = (outline.max(0) - centre) * _REACH + centre
    height, width = image_shape[:2]
    left, top = (max(0, int(value) // STRIDE_PX * STRIDE_PX) for value in low)
    right = min(width, int(np.ceil(high[0])))
    bottom = min(height, int(np.ceil(high[1])))
    return Region(
        left=left,
        top=top,
        width=(right - left) // STRIDE_PX * STRIDE_PX,
        height=(bottom - top) // STRIDE_PX * STRIDE_PX,
    )


def refine(coarse: NDArray[np.float32]) -> NDArray[np.float32]:
    """Bring a coarse grid to one value a pixel: a cubic B-spline surface by two subdivisions.

    Source: Lane and Riesenfeld, "A theoretical development for the computer generation and display of piecewise
    polynomial surfaces", IEEE TPAMI 2(1), 1980; OpenCV's pyramid kernel 1-4-6-4-1 is its cubic mask.
    """
    return np.asarray(cv2.pyrUp(cv2.pyrUp(coarse)), dtype=np.float32)
