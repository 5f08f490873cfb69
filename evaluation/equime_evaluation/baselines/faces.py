"""The face cut out of a picture, upright and always in the same place, by its eyes and mouth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

EYES_PER_HALF: Final = 1.4
MOUTH_PER_HALF: Final = 1.3
CENTRE_SHIFT: Final = 0.38
"""Brows, mouth and chin lie inside; hair and background hardly do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FacePoints:
    """Where a face is, in pixels (x, y); right and left are the person's."""

    right_eye: tuple[float, float]
    left_eye: tuple[float, float]
    mouth: tuple[float, float]


Locate = Callable[["NDArray[np.uint8]"], FacePoints | None]
"""Finds the face in an (H, W, 3) uint8 RGB picture, or nothing."""


def face_transform(points: FacePoints, size_px: int) -> NDArray[np.float64]:
    """Return the (2, 3) similarity from picture pixels to those of the crop, with level eyes.

    The crop is a square about a point .38 of the way from the eyes to the mouth; half its side is the larger of 1.4 eye
    distances and 1.3 eye-to-mouth distances.
    """
    right, left, mouth = (np.asarray(point) for point in (points.right_eye, points.left_eye, points.mouth))
    eyes, across = (right + left) / 2, left - right
    across_px, down_px = float(np.hypot(*across)), float(np.hypot(*(mouth - eyes)))
    scale = size_px / (2 * max(EYES_PER_HALF * across_px, MOUTH_PER_HALF * down_px))
    cos, sin = across / across_px
    linear = scale * np.array([[cos, sin], [-sin, cos]])
    centre = eyes + CENTRE_SHIFT * (mouth - eyes)
    return np.column_stack([linear, (size_px - 1) / 2 - linear @ centre])


def cut_out(picture: NDArray[np.uint8], transform: NDArray[np.float64], size_px: int) -> NDArray[np.uint8]:
    """Return the crop of a grey picture, (size_px, size_px) uint8, low-passed for its scale; outside is mirrored."""
    import cv2

    scale = float(np.sqrt(np.linalg.det(transform[:, :2])))
    sigma_px = 0.5 * float(np.sqrt(max(0.0, scale**-2 - 1)))
    soft = cv2.GaussianBlur(picture, (0, 0), sigma_px) if sigma_px > 0 else picture
    crop = cv2.warpAffine(
        soft, transform, (size_px, size_px), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101
    )
    return np.asarray(crop, np.uint8)


def whole(picture: NDArray[np.uint8], size_px: int) -> NDArray[np.uint8]:
    """Return a grey picture as a square of ``size_px``, each pixel the mean of what it covers."""
    import cv2

    return np.asarray(cv2.resize(picture, (size_px, size_px), interpolation=cv2.INTER_AREA), np.uint8)
