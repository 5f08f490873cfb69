"""What a rising lid uncovers of the eyeball: not in the photo, so that its lower part stands in, mirrored.

The eyeball itself rests: neither iris nor highlight is stretched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from equime_generation.renderers.warp.eyes import Eye

_BAND_IOD: Final = 0.022
_FULL_LIFT_PX: Final = 1.5
_EDGE_PX: Final = 1.5
_GUARD_IOD: Final = 0.034
_SPOT_IOD: Final = 0.06
_SHADOW: Final = 0.55
_SHADOW_IOD: Final = 0.03


def share_new(
    eye: Eye, x: NDArray[np.float32], y: NDArray[np.float32], lift_px: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return how far the photo's eyeball is replaced, (h, w) float32 0-1: behind the resting lid and in its shadow.

    Args:
        eye: The eye.
        x: Columns of the eye's window, (h, w) float32.
        y: Rows of the window.
        lift_px: How far the skin that shows there has risen; negative where it fell.
    """
    depth = np.clip((y - eye.along(eye.margin, x)) / (_BAND_IOD * eye.unit_px), 0, 1)
    near = 1 - depth * depth * (3 - 2 * depth)
    return np.asarray(near * np.clip(lift_px / _FULL_LIFT_PX, 0, 1), dtype=np.float32)


def share_hidden(eye: Eye, x: NDArray[np.float32], y: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return 1 behind the resting lid and 0 on what the photo shows, whose highlights must stay as they are.

    Args are those of `share_new`.
    """
    return np.asarray(np.clip(1 - (y - eye.along(eye.margin, x)) / _EDGE_PX, 0, 1), dtype=np.float32)


def mirrored(
    eye: Eye, x: NDArray[np.float32], y: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return columns and rows of the window that stand in: as far below the centre of the iris, clear of the lower lid.

    Where the lower lid leaves no such row, the lowest that it leaves is squeezed to the width of the iris at the height
    wanted, so that the iris closes to a circle.
    """
    column, row, radius = eye.iris
    margin, under = eye.along(eye.margin, x), eye.along(eye.under, x)
    lowest = np.maximum(under - _GUARD_IOD * eye.unit_px, (margin + under) / 2)
    source_y = np.clip(2 * row - y, (margin + under) / 2, lowest)
    wanted, found = (np.sqrt(np.maximum(radius**2 - (rows - row) ** 2, 0)) for rows in (y, source_y))
    off = np.abs(x - column)
    inside = off * found / np.maximum(wanted, 1)
    source_x = column + np.sign(x - column) * np.where(off < wanted, inside, found + off - wanted)
    return source_x.astype(np.float32), source_y.astype(np.float32)


def without_highlights(eye: Eye, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return eyeball, (h, w, 3) uint8, without its small bright spots, which stand where light comes from.

    A morphological opening (Serra, "Image analysis and mathematical morphology", 1982).
    """
    across = 2 * round(_SPOT_IOD * eye.unit_px / 2) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (across, across))
    return np.asarray(cv2.morphologyEx(image, cv2.MORPH_OPEN, disc), dtype=np.uint8)


def shadow(eye: Eye, x: NDArray[np.float32], y: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the factor by which the lid darkens the eyeball under it, (h, w) float32.

    Args:
        eye: The eye.
        x: Columns of the window that the skin there comes from.
        y: Its rows; what lies under the moved lid comes from under the resting one.
    """
    depth = np.maximum(y - eye.along(eye.margin, x), 0) / (_SHADOW_IOD * eye.unit_px)
    return np.asarray(1 - _SHADOW * np.exp(-depth * depth), dtype=np.float32)
