"""Motion of the head, noise and drifts of the sensor; sway and sensor are drawn from the nuisance key alone."""

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
# Under slow sway alone the encoder carries a frame's detail over to the next: what moved lost 4 % of its sharpness for
# half a second, and cost 10 % more bytes. Heads tremble anyway: their motion shows the pulse (Balakrishnan, Durand &
# Guttag, CVPR 2013). Size of the tremor against one wave, and the spread of the logarithm of its size over a clip.
_TREMOR: Final = 0.6
_BURSTS: Final = 0.8
_BANK_MARGIN_PX: Final = 64
# Spread of the logarithm of the noise's size: slowly over the clip, and from frame to frame. Fresh noise takes most of
# a frame's bytes: it must vary by more than a movement adds.
_NOISE_SWINGS: Final = (0.12, 0.32)
# Light in grey levels, contrast and focus as shares, for each grey level of noise. On decoded clips a classifier that
# sees no motion found the apex with an AUC of .96 where light alone drifted.
_SWINGS: Final = (0.6, 0.012, 0.075)
_SLOPE: Final = 1.5
_GREY: Final = 128
_BLUR_TAPS: Final = (5, 5)
_BLUR_PX: Final = 1.0


def sway(nuisance: Nuisance) -> NDArray[np.float64]:
    """Return the rigid motion of the head over a clip.

    Each of shift, rotation and zoom is a sum of slow waves and a tremor that comes and goes; together they move no
    pixel of the image further than ``nuisance.sway_px``, and some pixel in some frame exactly that far.

    Returns:
        (144, 2, 3) float64 affine matrices from photo to frame, in pixels.
    """
    random = stream("warp/sway", nuisance.key)
    bursts = _TREMOR * np.exp(_BURSTS * _drift(random))
    x, y, turn, zoom = (share * (_waves(random) + bursts * random.standard_normal(FRAMES)) for share in _SHARES)
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
    """Grey noise, and slow drifts of light, contrast and focus, all in proportion to the plan's ``noise_sigma``.

    A moved face is a little brighter or darker, flatter or sharper, as a whole or in one half, which would tell the
    event's frames from the rest without looking at motion. So light, contrast and focus wander by more than that all
    the time, each on a course of its own, everywhere at once and top against bottom. One noise picture serves a clip,
    shifted anew for every frame.

    Args:
        nuisance: Gives the key and the standard deviation.
    """

    def __init__(self, nuisance: Nuisance) -> None:
        random = stream("warp/sensor", nuisance.key)
        side, sigma = SIZE_PX + _BANK_MARGIN_PX, nuisance.noise_sigma
        noise = random.standard_normal((side, side), np.float32)
        self._noise = np.repeat(noise, 3, axis=1)
        self._offsets = random.integers(0, _BANK_MARGIN_PX, (FRAMES, 2))
        slow, quick = _NOISE_SWINGS
        wander = slow * _drift(random) + quick * random.standard_normal(FRAMES)
        self._size = (sigma * np.exp(wander - slow**2 - quick**2)).tolist()
        light, contrast, focus = (_over_rows(random, sigma * swing) for swing in _SWINGS)
        # image + light + contrast (image - grey) + focus (image - blurred), gathered by what each is multiplied with.
        self._level = light - _GREY * contrast
        self._gain = 1 + contrast + focus
        self._focus = focus

    def expose(self, image: NDArray[np.uint8], frame: int, relit: NDArray[np.float32] | None = None) -> None:
        """Put the sensor's traces on one frame, (512, 512, 3) uint8, in place, saturating.

        Args:
            image: The frame.
            frame: Its number.
            relit: (512, 512) light to add, in grey levels; ``None`` = none.
        """
        rows = image.reshape(SIZE_PX, 3 * SIZE_PX)
        blurred = cv2.GaussianBlur(image, _BLUR_TAPS, _BLUR_PX).reshape(rows.shape)
        top, left = self._offsets[frame]
        exposed = self._size[frame] * self._noise[top : top + SIZE_PX, 3 * left : 3 * (left + SIZE_PX)]
        exposed += self._gain[frame] * rows
        exposed -= self._focus[frame] * blurred
        exposed += self._level[frame]
        if relit is not None:
            exposed += np.repeat(relit, 3, axis=1)
        np.copyto(image, cv2.convertScaleAbs(np.maximum(exposed, 0, out=exposed)).reshape(image.shape))


def _drift(random: np.random.Generator) -> NDArray[np.float64]:
    """Return a smooth random course over the clip's frames, of mean 0 and standard deviation 1."""
    drift = _waves(random)
    return np.asarray((drift - drift.mean()) / max(float(drift.std()), 1e-6))


def _over_rows(random: np.random.Generator, swing: float) -> NDArray[np.float32]:
    """Return a drift of the whole picture and one of its top against its bottom, (144, 512, 1) float32.

    Args:
        swing: Standard deviation of each; of the second at two thirds of the way from the centre to the edge.
    """
    slope = _SLOPE * np.linspace(-1, 1, SIZE_PX)
    together, against = swing * _drift(random), swing * _drift(random)
    return np.asarray(together[:, None, None] + against[:, None, None] * slope[:, None], dtype=np.float32)
