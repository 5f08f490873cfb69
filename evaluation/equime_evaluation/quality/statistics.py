"""The 36 natural-scene statistics that BRISQUE judges a frame by.

Each operation is piq's, in piq's order and precision, because in flat areas the statistics hang on the sign of rounding
errors; what piq computes anew for each frame (tables, weights) is computed once, sums are taken over strips that fit
into a processor's cache, and nothing is copied to shift it.

Source: Mittal, Moorthy & Bovik, "No-reference image quality assessment in the spatial domain" (IEEE TIP 21(12), 2012);
arithmetic as in piq 0.8.0 (Apache-2.0).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

from equime_evaluation.quality.halving import halved

if TYPE_CHECKING:
    from numpy.typing import NDArray

FEATURES: Final = 36
LEAST_EDGE_PX: Final = 16
"""Smaller frames leave the half-size scale fewer pixels than a window."""

_STRIP_ROWS: Final = 64
_KERNEL_PX: Final = 7
_SHIFTS: Final = ((0, 1), (1, 0), (1, 1), (-1, 1))
# piq takes frames divided by 255 and multiplies them again, which leaves some levels a rounding error away.
_LEVELS: Final = np.arange(256, dtype=np.float32) / np.float32(255) * np.float32(255)


class FlatFrameError(ValueError):
    """A frame without texture, for which the statistics are not defined."""


def scene_statistics(grey: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the statistics of a frame at its size and at half of it.

    Args:
        grey: (H, W) uint8, 16 x 16 or more.

    Returns:
        (36,) float64.

    Raises:
        FlatFrameError: There is no texture to describe.
    """
    luma = np.asarray(cv2.LUT(grey, _LEVELS), dtype=np.float32)
    return np.array([*_of_scale(luma), *_of_scale(halved(luma))])


def _of_scale(luma: NDArray[np.float32]) -> list[float]:
    normalised = _normalised(luma)
    total = _Moments.of(normalised)
    if total.squares == 0:
        raise FlatFrameError("the frame is one even area")
    variance = total.squares / normalised.size
    features = [_nearest(_gaussian_ratios(), variance / (total.absolute / normalised.size) ** 2), variance]
    for shift in _SHIFTS:
        features += _asymmetric(_Moments.of(normalised, shift), normalised.size)
    return features


def _normalised(luma: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return brightness less its local mean, over its local deviation plus 1 (MSCN coefficients)."""
    kernel = _gaussian()
    mean = np.asarray(cv2.filter2D(luma, cv2.CV_32F, kernel, borderType=cv2.BORDER_CONSTANT), dtype=np.float32)
    squares = cv2.filter2D(luma * luma, cv2.CV_32F, kernel, borderType=cv2.BORDER_CONSTANT)
    result = np.asarray(squares, dtype=np.float32)
    for rows in _strips(len(luma)):
        spread = result[rows]
        spread -= mean[rows] * mean[rows]
        np.sqrt(np.abs(spread, out=spread), out=spread)
        spread += 1
        np.divide(luma[rows] - mean[rows], spread, out=spread)
    return result


@dataclass(frozen=True, slots=True)
class _Moments:
    """Sums over a picture, or over its product with itself shifted."""

    absolute: float
    squares: float
    left_squares: float
    left: int
    right: int

    @classmethod
    def of(cls, values: NDArray[np.float32], shift: tuple[int, int] | None = None) -> _Moments:
        shifted = values if shift is None else np.roll(values, shift, (0, 1))
        has_zeros = cv2.countNonZero(values) < values.size
        absolute = squares = left_squares = 0.0
        left = used = 0
        for rows in _strips(len(values)):
            strip = values[rows] if shift is None else values[rows] * shifted[rows]
            below = np.minimum(strip, 0)
            absolute += cv2.norm(strip, cv2.NORM_L1)
            squares += cv2.norm(strip, cv2.NORM_L2SQR)
            left_squares += cv2.norm(below, cv2.NORM_L2SQR)
            left += cv2.countNonZero(below)
            used += cv2.countNonZero(strip) if has_zeros else strip.size
        return cls(absolute, squares, left_squares, left, used - left)


def _asymmetric(moments: _Moments, pixels: int) -> tuple[float, float, float, float]:
    """Return shape, mean, left and right variance of an asymmetric generalised Gaussian."""
    right_squares = moments.squares - moments.left_squares
    if not moments.left or not moments.right or moments.left_squares <= 0 or right_squares <= 0:
        raise FlatFrameError("neighbouring pixels do not vary")
    left, right = math.sqrt(moments.left_squares / moments.left), math.sqrt(right_squares / moments.right)
    skew = left / right
    ratio = (moments.absolute / pixels) ** 2 / (moments.squares / pixels)
    ratio *= (skew**3 + 1) * (skew + 1) / (skew**2 + 1) ** 2
    shape = _nearest(_asymmetric_ratios(), ratio)
    mean = (right - left) * math.exp(math.lgamma(2 / shape) - (math.lgamma(1 / shape) + math.lgamma(3 / shape)) / 2)
    return shape, mean, left**2, right**2


def _strips(height: int) -> list[slice]:
    return [slice(top, top + _STRIP_ROWS) for top in range(0, height, _STRIP_ROWS)]


def _nearest(ratios: NDArray[np.float32], ratio: float) -> float:
    return float(_shapes()[np.abs(np.float32(ratio) - ratios).argmin()])


@cache
def _gaussian() -> NDArray[np.float32]:
    squares = (np.arange(_KERNEL_PX, dtype=np.float32) - np.float32((_KERNEL_PX - 1) / 2)) ** 2
    exponents = -(squares[None] + squares[:, None]) / np.float32(2 * (7 / 6) ** 2)
    kernel = np.exp(exponents.astype(np.float64)).astype(np.float32)  # rounded once, as NumPy's own single is not
    return np.asarray(kernel / kernel.sum(), dtype=np.float32)


@cache
def _shapes() -> NDArray[np.float32]:
    return np.arange(0.2, 10.001, 0.001).astype(np.float32)


@cache
def _gaussian_ratios() -> NDArray[np.float32]:
    one, two, three = _log_gammas()
    return np.asarray(np.exp(one + three - 2 * two), dtype=np.float32)


@cache
def _asymmetric_ratios() -> NDArray[np.float32]:
    one, two, three = _log_gammas()
    return np.asarray(np.exp(2 * two - one - three), dtype=np.float32)


@cache
def _log_gammas() -> NDArray[np.float32]:
    """Return log gamma of 1, 2 and 3 over each shape, (3, shapes) float32."""
    over = np.array([[1], [2], [3]], np.float32) / _shapes()
    return np.asarray(np.vectorize(math.lgamma)(over), dtype=np.float32)
