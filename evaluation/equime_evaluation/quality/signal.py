"""Peak signal-to-noise ratio and total variation, from exact sums of squares."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import cv2

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

EQUAL_DB: Final = 100.0
"""Stands for the infinite ratio of two equal frames, as in the published figures."""

_PEAK: Final = 255.0


def psnr(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> float:
    """Return the peak signal-to-noise ratio of two pictures of one shape in dB; `EQUAL_DB` where they are equal."""
    squares = cv2.norm(first, second, cv2.NORM_L2SQR)
    return EQUAL_DB if squares == 0 else 10 * math.log10(_PEAK**2 * first.size / squares)


def total_variation(picture: NDArray[np.uint8]) -> float:
    """Return the root of the summed squares of differences between neighbours, levels 0-1.

    As piq's `total_variation` with its default norm. It grows with the picture: a picture of twice the edge, twice as
    smooth, has the same.

    Args:
        picture: (H, W) or (H, W, 3) uint8.
    """
    across = cv2.norm(picture[:, 1:], picture[:, :-1], cv2.NORM_L2SQR)
    down = cv2.norm(picture[1:], picture[:-1], cv2.NORM_L2SQR)
    return math.sqrt(across + down) / _PEAK
