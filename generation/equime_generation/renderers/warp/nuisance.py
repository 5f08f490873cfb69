"""Motion of the head, noise and exposure of the sensor; sway and sensor are drawn from the nuisance key alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

from equime_builder.records import FRAMES, SIZE_PX
from equime_builder.streams import stream

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from equime_builder.records import HeadMotion, Nuisance, Plan

_WAVES: Final = 3
_FREQUENCIES_HZ: Final = (0.08, 0.5)
_DURATION_S: Final = 6.0
# Shares of shift, shift, rotation and zoom in the motion of the image's corner.
_SHARES: Final = (1.0, 1.0, 0.5, 0.25)
_BANK_MARGIN_PX: Final = 64
_DRIFT_STEP: Final = 0.4
_LEVEL_SWING: Final = 0.5
_NOISE_SWING: Final = 0.08


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


def heads_of(plan: Plan) -> NDArray[np.float64]:
    """Return the whole rigid motion of the head over a clip: the sway and the planned motions, (144, 2, 3) as `sway`.

    A planned motion goes out and comes back on a minimum-jerk course; small motions add up.
    """
    heads = sway(plan.nuisance)
    centre = (SIZE_PX - 1) / 2
    for motion in plan.head_motions:
        turn = np.radians(motion.turn_deg)
        linear = np.array([[motion.zoom, -turn], [turn, motion.zoom]])
        shift = np.array([motion.shift_x_px, motion.shift_y_px]) - linear @ (centre, centre)
        heads += _out_and_back(motion)[:, None, None] * np.column_stack([linear, shift])
    return heads


def _out_and_back(motion: HeadMotion) -> NDArray[np.float64]:
    times = (motion.onset_frame, motion.apex_frame, motion.offset_frame)
    share = np.interp(np.arange(FRAMES), times, (0.0, 1.0, 0.0))
    return np.asarray(share**3 * (10 - 15 * share + 6 * share**2))


def _waves(random: np.random.Generator) -> NDArray[np.float64]:
    """Return a smooth random course over the clip's frames."""
    time_s = np.arange(FRAMES) * (_DURATION_S / FRAMES)
    size = random.uniform(0.3, 1.0, _WAVES)
    frequency_hz = random.uniform(*_FREQUENCIES_HZ, _WAVES)
    phase = random.uniform(0.0, 1.0, _WAVES)
    return np.asarray((size * np.sin(2 * np.pi * (np.outer(time_s, frequency_hz) + phase))).sum(1))


class Sensor:
    """Grey noise and a drift of the exposure, both in proportion to the plan's ``noise_sigma``.

    A moved face is a little brighter or darker, sharper or softer as a whole, which would tell the event's frames from
    the rest without looking at motion; the drift, and the noise that swells with it, hide that. One set of noise
    pictures serves a clip, shifted anew for every frame.

    Args:
        nuisance: Gives the key and the standard deviation.
    """

    def __init__(self, nuisance: Nuisance) -> None:
        random = stream("warp/sensor", nuisance.key)
        side = SIZE_PX + _BANK_MARGIN_PX
        noise = random.standard_normal((side, side), np.float32)
        drift = _waves(random)
        drift = (drift - drift.mean()) / max(float(drift.std()), 1e-6)
        self._steps = [int(step) for step in np.rint(drift / _DRIFT_STEP)]
        self._banks = {
            step: _bank(noise, nuisance.noise_sigma, step * _DRIFT_STEP) for step in sorted(set(self._steps))
        }
        self._offsets = random.integers(0, _BANK_MARGIN_PX, (FRAMES, 2))

    def expose(self, image: NDArray[np.uint8], frame: int) -> None:
        """Put the sensor's traces on one frame, (512, 512, 3) uint8, in place, saturating."""
        top, left = self._offsets[frame]
        window = np.s_[top : top + SIZE_PX, left : left + SIZE_PX]
        brighter, darker = self._banks[self._steps[frame]]
        cv2.add(image, brighter[window], dst=image)
        cv2.subtract(image, darker[window], dst=image)


def _bank(noise: NDArray[np.float32], sigma: float, drift: float) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return noise about a level, rounded, as two unsigned halves: saturating integer sums are OpenCV's fastest.

    Args:
        noise: Standard normal numbers.
        sigma: Their size in grey levels, without drift.
        drift: Place on the drift, in its own standard deviations.
    """
    swollen = sigma * (1 + _NOISE_SWING * drift)
    rounded = np.rint(noise * np.float32(swollen) + np.float32(_LEVEL_SWING * sigma * drift))
    halves = (np.clip(sign * rounded, 0, 255).astype(np.uint8) for sign in (1, -1))
    brighter, darker = (cv2.merge([half] * 3) for half in halves)
    return np.asarray(brighter, dtype=np.uint8), np.asarray(darker, dtype=np.uint8)
