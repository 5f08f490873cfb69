"""Movements in an amplitude curve: runs of frames that stand out of the curve's own noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

NOISE_FACTOR: Final = 6.0
"""A movement exceeds the curve's robust standard deviation this many times."""
FLOOR_PX: Final = 0.3
"""A movement displaces some pixel by at least this much."""
RELATIVE: Final = 0.2
"""A movement reaches this share of the clip's largest one; coding leaves echoes of up to 3 %."""
JOINED_FRAMES: Final = 3
"""Movements no further apart are one on a negative: an eighth of a second."""
_REST_NOISE_FACTOR: Final = 3.0
_REST_SHARE: Final = 0.025
_TOP_SHARE: Final = 0.75


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One movement: last frame at rest before it, frame of the largest amplitude, first frame at rest after it."""

    onset_frame: int
    apex_frame: int
    offset_frame: int


def robust_noise(curve: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the standard deviation of each column about its median, as 1.4826 times the median deviation.

    Source: Rousseeuw & Croux, "Alternatives to the median absolute deviation", JASA 88 (1993).
    """
    return np.asarray(1.4826 * np.median(np.abs(curve - np.median(curve, axis=0)), axis=0))


def thresholds_of(curve: NDArray[np.float64], largest_px: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the amplitude that each field must exceed to count as a movement.

    Args:
        curve: (T, K), median 0.
        largest_px: (K,) largest displacement of each field at amplitude 1.
    """
    limits = [NOISE_FACTOR * robust_noise(curve), FLOOR_PX / largest_px, RELATIVE * np.abs(curve).max(0)]
    return np.asarray(np.max(limits, axis=0))


def find_movements(curve: NDArray[np.float64], largest_px: NDArray[np.float64]) -> list[Movement]:
    """Return the movements of a curve, in order of time.

    A movement is a run of frames in which some field exceeds its threshold (`thresholds_of`); runs with a single
    frame between them are one. A negative amplitude counts as a positive one: a reversed movement is a movement.

    Args:
        curve: (T, K) amplitudes, median 0.
        largest_px: (K,) largest displacement of each field at amplitude 1.
    """
    share = np.abs(curve) / thresholds_of(curve, largest_px)
    moving = share.max(1) > 1
    moving[1:-1] |= moving[:-2] & moving[2:]
    edges = np.flatnonzero(np.diff(np.concatenate([[False], moving, [False]]).astype(int)))
    strongest = [share[start:stop].max(0).argmax() for start, stop in edges.reshape(-1, 2)]
    return [
        _movement(np.abs(curve[:, field]), int(start), int(stop))
        for field, (start, stop) in zip(strongest, edges.reshape(-1, 2), strict=True)
    ]


def joined(movements: Sequence[Movement]) -> list[Movement]:
    """Return movements with those in one that follow each other within `JOINED_FRAMES`; the first one's apex stands.

    A blink is fast and large: to fields that are linear in it, closing and opening may look like two movements.

    Args:
        movements: In order of time.
    """
    groups: list[Movement] = []
    for movement in movements:
        if groups and movement.onset_frame - groups[-1].offset_frame <= JOINED_FRAMES:
            groups[-1] = replace(groups[-1], offset_frame=movement.offset_frame)
        else:
            groups.append(movement)
    return groups


def apex_of(size: NDArray[np.float64], start: int, stop: int) -> int:
    """Return the frame in the middle of the curve's top, where noise decides which frame is largest.

    The middle is the centre of what exceeds 75 % of the largest value among ``start`` to ``stop`` - 1.
    """
    top = np.clip(size[start:stop] - _TOP_SHARE * size[start:stop].max(), 0, None)
    return start + round(float(top @ np.arange(stop - start) / top.sum()))


def _movement(size: NDArray[np.float64], start: int, stop: int) -> Movement:
    apex = apex_of(size, start, stop)
    rest = max(_REST_NOISE_FACTOR * float(robust_noise(size[:, None])[0]), _REST_SHARE * float(size[apex]))
    still = size <= rest
    before, after = np.flatnonzero(still[:apex]), np.flatnonzero(still[apex:])
    return Movement(
        onset_frame=int(before[-1]) if len(before) else 0,
        apex_frame=apex,
        offset_frame=apex + int(after[0]) if len(after) else len(size) - 1,
    )
