"""Sway of the head and noise of the sensor: on every frame, drawn from the plan's nuisance key alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

from equime_builder.records import FRAMES, SIZE_PX
from equime_generation.random import stream

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from equime_builder.records import Nuisance

_WAVES: Final = 3
_FREQUENCIES_HZ: Final = (0.08, 0.5)
_DURATION_S: Final = 6.0
# Shares of shift, shift, rotation and zoom in the motion of the image's corner.
_SHARES: Final = (1.0, 1.0, 0.5, 0.25)
_BANK_MARGIN_PX: Final = 64


def sway(nuisance: Nuisance) -> NDArray[np.float64]:
    """Return the rigid motion of the head over a clip.

    Each of shift, rotation and zoom is a sum of slow waves; together they move no pixel of the image further than
    ``nuisance.sway_px``, and some pixel in some frame exactly that far.

    Returns:
        (144, 2, 3) float64 affine matrices from photo to frame, in pixels.
    """
    random = stream("warp/sway", nuisance.key)
    x, y, turn, zoom = (share * _waves(random) for share in _SHARES)
    half = SIZE_PX / 2
    generators = np.stack([zoom / half, -turn / half, x, turn / half, zoom / half, y], axis=1).reshape(-1, 2, 3)
    corners = np.array([(-half, -half), (half, -half), (-half, half), (half, half)])
    moved = np.einsum("tij,cj->tci", generators[..., :2], corners) + generators[:, None, :, 2]
    generators *= nuisance.sway_px / float(np.hypot(moved[..., 0], moved[..., 1]).max())
    centre = (SIZE_PX - 1) / 2
    generators[..., 2] -= generators[..., :2].sum(-1) * centre
    return np.asarray(generators + np.eye(2, 3))


def _waves(random: np.random.Generator) -> NDArray[np.float64]:
    """Return a smooth random course over the clip's frames."""
    time_s = np.arange(FRAMES) * (_DURATION_S / FRAMES)
    size = random.uniform(0.3, 1.0, _WAVES)
    frequency_hz = random.uniform(*_FREQUENCIES_HZ, _WAVES)
    phase = random.uniform(0.0, 1.0, _WAVES)
    return np.asarray((size * np.sin(2 * np.pi * (np.outer(time_s, frequency_hz) + phase))).sum(1))


class SensorNoise:
    """Zero-mean grey noise: one bank a clip, shifted anew for every frame.

    Args:
        nuisance: Gives the key and the standard deviation.
        frames: How many frames will ask.
    """

    def __init__(self, nuisance: Nuisance, frames: int = FRAMES) -> None:
        random = stream("warp/noise", nuisance.key)
        side = SIZE_PX + _BANK_MARGIN_PX
        bank = np.rint(random.standard_normal((side, side), np.float32) * np.float32(nuisance.noise_sigma))
        bank = np.repeat(bank[..., None], 3, axis=2)
        # Two unsigned halves, because saturating integer sums are what OpenCV does fastest.
        self._brighter = np.clip(bank, 0, 255).astype(np.uint8)
        self._darker = np.clip(-bank, 0, 255).astype(np.uint8)
        self._offsets = random.integers(0, _BANK_MARGIN_PX, (frames, 2))

    def add(self, image: NDArray[np.uint8], frame: int) -> None:
        """Add the noise of one frame to a (512, 512, 3) uint8 image in place, saturating."""
        top, left = self._offsets[frame]
        window = np.s_[top : top + SIZE_PX, left : left + SIZE_PX]
        cv2.add(image, self._brighter[window], dst=image)
        cv2.subtract(image, self._darker[window], dst=image)
