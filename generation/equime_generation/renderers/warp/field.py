"""Operations on dense displacement fields: look-up, fixed-point inverse, Jacobian determinant."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_GENTLE: Final = 0.5
_SHRINKAGE: Final = 1e-3
_STEEP_ITERATIONS: Final = 6
_SLOPES_READ: Final = 3
_LEAST_DETERMINANT: Final = 0.1


def at(values: NDArray[np.float32], x: NDArray[np.float32], y: NDArray[np.float32]) -> NDArray[np.float32]:
    """Look up values between pixels, bilinearly; the edge goes on outside.

    Args:
        values: (H, W) or (H, W, C) float32.
        x: Columns wanted, any 2-D shape.
        y: Rows wanted, the same shape.
    """
    return np.asarray(cv2.remap(values, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))


def inverse(
    forward: NDArray[np.float32], x: NDArray[np.float32], y: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Find where the places (x, y) came from: p with p + forward(p) = (x, y).

    A fixed-point iteration while the field is gentle, which the fields of micro-expressions are; where its slope comes
    near 1, the iteration is preconditioned by that slope.

    Source: Chen et al., "A simple fixed-point approach to invert a deformation field", Medical Physics 35(1), 2008;
    the preconditioner is the chord variant of Newton's method.

    Args:
        forward: (H, W, 2) float32 displacements in pixels, x then y, on ``forward``'s own pixel grid.
        x: (h, w) float32 columns of that grid.
        y: (h, w) float32 rows.

    Returns:
        Columns and rows of p, each (h, w) float32.
    """
    steepest = max(
        cv2.norm(forward[:, 1:], forward[:, :-1], cv2.NORM_INF), cv2.norm(forward[1:], forward[:-1], cv2.NORM_INF)
    )
    return _gentle(forward, x, y, steepest) if steepest < _GENTLE else _steep(forward, x, y)


def _gentle(
    forward: NDArray[np.float32], x: NDArray[np.float32], y: NDArray[np.float32], steepest: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Iterate until the error has shrunk to `_SHRINKAGE`; each step multiplies it by the slope."""
    from_x, from_y = x, y
    for _ in range(math.ceil(math.log(_SHRINKAGE) / math.log(max(steepest, 0.01)))):
        moved = at(forward, from_x, from_y)
        from_x, from_y = x - moved[..., 0], y - moved[..., 1]
    return from_x, from_y


def _steep(
    forward: NDArray[np.float32], x: NDArray[np.float32], y: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    from_x, from_y = x, y
    slope = _slope(forward)
    for iteration in range(_STEEP_ITERATIONS):
        if iteration < _SLOPES_READ:
            xx, xy, yx, yy = cv2.split(at(slope, from_x, from_y))
            scale = 1 / np.maximum(xx * yy - xy * yx, _LEAST_DETERMINANT)
        moved = at(forward, from_x, from_y)
        miss_x, miss_y = x - from_x - moved[..., 0], y - from_y - moved[..., 1]
        from_x = from_x + scale * (yy * miss_x - xy * miss_y)
        from_y = from_y + scale * (xx * miss_y - yx * miss_x)
    return from_x, from_y


def _slope(forward: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the matrix of x -> x + forward(x), (H, W, 4) float32: xx, xy, yx, yy."""
    right = cv2.Sobel(forward, cv2.CV_32F, 1, 0, ksize=1, scale=0.5)
    down = cv2.Sobel(forward, cv2.CV_32F, 0, 1, ksize=1, scale=0.5)
    return np.stack([1 + right[..., 0], down[..., 0], right[..., 1], 1 + down[..., 1]], axis=-1)


def jacobian(forward: NDArray[np.float32], spacing_px: float = 1.0) -> NDArray[np.float32]:
    """Return the determinant of x -> x + forward(x), by central differences.

    Args:
        forward: (H, W, 2) float32 displacements in pixels.
        spacing_px: Distance of neighbouring samples.

    Returns:
        (H, W) float32; 1 = area kept, under 1 = compressed, 0 or less = folded.
    """
    down = np.asarray(np.gradient(forward, spacing_px, axis=0))
    right = np.asarray(np.gradient(forward, spacing_px, axis=1))
    return np.asarray((1 + right[..., 0]) * (1 + down[..., 1]) - right[..., 1] * down[..., 0], dtype=np.float32)
