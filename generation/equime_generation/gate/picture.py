"""Measurements of the picture itself: how sharp it is, and how evenly it is lit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from equime_generation.skin import LUMINANCE, polygon_mask, srgb_to_linear

if TYPE_CHECKING:
    from numpy.typing import NDArray

EYES_AND_BROWS: Final = (70, 63, 105, 66, 107, 336, 296, 334, 293, 300, 33, 133, 362, 263, 111, 340)
RIGHT_CHEEK: Final = (117, 118, 101, 36, 205, 187, 123)
LEFT_CHEEK: Final = (346, 347, 330, 266, 425, 411, 352)
REBLUR_PX: Final = 11
RIM_PX: Final = 2
"""Left out on each side, where the blur has seen mirrored pixels."""


def blurredness(image: NDArray[np.uint8], landmarks: NDArray[np.float64]) -> float:
    """Return how little the eyes and brows change when they are blurred once more: 0 sharp, 1 blurred.

    A share of the picture's own variation, so that contrast, and with it skin tone, drops out.

    Args:
        image: (512, 512, 3) uint8 RGB, aligned.
        landmarks: (478, 3) in pixels of ``image``.

    Source: Crete et al., "The blur effect: perception and estimation with a new no-reference perceptual blur metric"
    (2007), Proc. SPIE 6492, doi:10.1117/12.702790.
    """
    import cv2

    points = landmarks[list(EYES_AND_BROWS), :2]
    low = np.clip(np.floor(points.min(0)).astype(int), 0, None)
    high = np.ceil(points.max(0)).astype(int)
    grey = (image[low[1] : high[1], low[0] : high[0]] / 255.0) @ LUMINANCE
    widths = ((1, REBLUR_PX), (REBLUR_PX, 1))
    return max(
        _kept_variation(grey, cv2.blur(grey, width, borderType=cv2.BORDER_REFLECT), axis)
        for axis, width in enumerate(widths)
    )


def _kept_variation(sharp: NDArray[np.float64], blurred: NDArray[np.float64], axis: int) -> float:
    """Return the share of the variation along ``axis`` that stays when the picture is blurred along it."""
    before, after = _variation(sharp, axis), _variation(blurred, axis)
    total = float(before.sum())
    return 1 - float(np.maximum(0, before - after).sum()) / total if total > 0 else 1.0


def _variation(grey: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    import cv2

    slope = cv2.Sobel(grey, cv2.CV_64F, axis, 1 - axis, ksize=3, borderType=cv2.BORDER_REFLECT)
    return np.abs(slope)[RIM_PX:-RIM_PX, RIM_PX:-RIM_PX]


def light_difference_stops(image: NDArray[np.uint8], landmarks: NDArray[np.float64]) -> float:
    """Return by how many factors of two one cheek is brighter than the other; the same on light and dark skin.

    Args:
        image: (512, 512, 3) uint8 RGB, aligned.
        landmarks: (478, 3) in pixels of ``image``.
    """
    darkest = 1 / 255
    right, left = (
        max(float(np.median(_luminance(image, landmarks, polygon))), darkest) for polygon in (RIGHT_CHEEK, LEFT_CHEEK)
    )
    return abs(float(np.log2(right / left)))


def _luminance(
    image: NDArray[np.uint8], landmarks: NDArray[np.float64], polygon: tuple[int, ...]
) -> NDArray[np.float64]:
    pixels = image[polygon_mask(image.shape, landmarks, polygon)]
    return srgb_to_linear(pixels / 255.0) @ LUMINANCE if len(pixels) else np.zeros(1)
