"""Half the size of a picture by antialiased bicubic resampling, as MATLAB's `imresize` and piq do it."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SHARPNESS: Final = -0.5
_SUPPORT: Final = 4


def halved(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """Resample (H, W) to (H // 2, W // 2), rows first; edges are mirrored with the edge pixel twice."""
    return _resampled(_resampled(picture, 0), 1)


def _resampled(picture: NDArray[np.float32], axis: int) -> NDArray[np.float32]:
    weights, first, before, after = _taps(picture.shape[axis])
    widths = ((before, after), (0, 0)) if axis == 0 else ((0, 0), (before, after))
    padded = np.pad(picture, widths, mode="symmetric")
    shape = (-1, 1) if axis == 0 else (1, -1)
    total: NDArray[np.float32] | None = None
    for tap, weight in enumerate(weights):
        if not weight.any():
            continue  # piq leaves a margin of two taps that weigh nothing where the size is even
        places = _places(first + tap)
        term = (padded[places] if axis == 0 else padded[:, places]) * weight.reshape(shape)
        total = term if total is None else np.add(total, term, out=total)
    assert total is not None
    return total


def _places(indices: NDArray[np.int64]) -> slice | NDArray[np.int64]:
    """Return indices as a slice where they stand two apart, as those of an even size do."""
    even = len(indices) > 1 and bool((np.diff(indices) == 2).all())
    return slice(int(indices[0]), int(indices[-1]) + 1, 2) if even else indices


@cache
def _taps(size: int) -> tuple[NDArray[np.float32], NDArray[np.int64], int, int]:
    """Return weights (taps, size // 2), the first source pixel of each, and how far the edges are mirrored."""
    half = size // 2
    scale = half / size
    taps = math.ceil(_SUPPORT / scale) + 2
    centre = (np.arange(half, dtype=np.float32) + np.float32(0.5)) / np.float32(scale) - np.float32(0.5)
    first = np.floor(centre) - np.float32(taps // 2 - 1)
    distances = (centre - first)[None] - np.arange(taps, dtype=np.float32)[:, None]
    weights = _cubic(distances * np.float32(scale))
    weights /= weights.sum(0)
    starts = first.astype(np.int64)
    before = max(0, -int(starts.min()))
    after = max(0, int(starts.max()) + taps - size)
    return weights, starts + before, before, after


def _cubic(distances: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return Keys' kernel (IEEE TASSP 29(6), 1981) at these distances."""
    x = np.abs(distances)
    square, a = x * x, np.float32(_SHARPNESS)
    cube = x * square
    near = ((a + 2) * cube - (a + 3) * square + 1) * (x <= 1)
    far = (a * cube - 5 * a * square + 8 * a * x - 4 * a) * ((x > 1) & (x <= 2))
    return np.asarray(near + far, dtype=np.float32)
