"""Operations on dense displacement fields: look-up, fixed-point inverse, Jacobian determinant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ITERATIONS: Final = 5


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

    Converges where the field's slope stays below 1.

    Source: Chen et al., "A simple fixed-point approach to invert a deformation field", Medical Physics 35(1), 2008.

    Args:
        forward: (H, W, 2) float32 displacements in pixels, x then y.
        x: (h, w) float32 columns of ``forward``'s own pixel grid.
        y: (h, w) float32 rows.

    Returns:
        Columns and rows of p, each (h, w) float32.
    """
    from_x, from_y = x, y
    for _ in range(_ITERATIONS):
        moved = at(forward, from_x, from_y)
        from_x, from_y = x - moved[..., 0], y - moved[..., 1]
    return from_x, from_y


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
