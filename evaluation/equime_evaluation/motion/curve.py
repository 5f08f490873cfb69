"""Amplitude of the planned motion over time: one cheap projection a frame at half resolution."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

from equime_builder.errors import MediaError, UsageError
from equime_evaluation.motion.peaks import Movement, apex_of, find_movements, thresholds_of
from equime_evaluation.motion.region import Region
from equime_evaluation.motion.scene import Scene, align

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ALIGNMENTS: Final = 4
_STILL_PX: Final = 0.3
_GAUSS_NEWTON_STEPS: Final = 2
_EVERY_RESTING: Final = 16


class FlatPictureError(MediaError):
    """A clip shows nothing whose motion could be followed, such as one that is black throughout."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AmplitudeCurve:
    """What moves when.

    Attributes:
        values: (T, K) amplitude of each field in each frame, median 0; 1 = the field as given.
        heads: (T, 4) rigid motion of the head at half resolution, as `Scene.heads`.
        resting: (T,) bool, frames without movement.
        movements: In order of time.
        region: Where it was measured.
    """

    values: NDArray[np.float64]
    heads: NDArray[np.float64]
    resting: NDArray[np.bool_]
    movements: list[Movement]
    region: Region


def amplitude_curve(luma: NDArray[np.uint8], fields: NDArray[np.float32], *, interocular_px: float) -> AmplitudeCurve:
    """Project each frame's change on the fields, with the head's motion and the light taken out.

    The reference is the mean of the clip's own resting frames, found by iteration, and the fields say nothing of
    time: whoever planned the movement cannot help to find it.

    Args:
        luma: (T, H, W) uint8, as `equime_builder.decode.decode_luma` returns it.
        fields: (K, H, W, 2) float32 in pixels.
        interocular_px: Distance of the iris centres.

    Raises:
        FlatPictureError: The picture has no detail where the fields lie.
        UsageError: The fields have another size than the frames, or one of them moves nothing.
    """
    largest_px = np.hypot(fields[..., 0], fields[..., 1]).reshape(len(fields), -1).max(1).astype(np.float64)
    if fields.shape[1:] != (*luma.shape[1:], 2) or not (largest_px > 0).all():
        raise UsageError(
            f"fields must be (K, {luma.shape[1]}, {luma.shape[2]}, 2) and each must move something, "
            f"got {fields.shape} with maxima of {largest_px.round(3).tolist()} px"
        )
    region = Region.around(fields, interocular_px)
    frames = np.stack([halved(frame[region.box].astype(np.float32)) for frame in luma])
    small = np.stack([halved(field[region.box]) / np.float32(2) for field in fields])
    mask = halved(region.mask.astype(np.float32)) > 0.5
    try:
        scene, aligned, heads, resting = _settled(frames, small, mask, largest_px)
    except np.linalg.LinAlgError as error:
        raise FlatPictureError("the picture has no detail where motion was planned, so none can be measured") from error
    values = _centred(scene.amplitudes(aligned), resting)
    movements = find_movements(values, largest_px)
    if len(fields) == 1:
        movements = _refined(values[:, 0], scene, aligned, resting, movements)
    return AmplitudeCurve(values=values, heads=heads, resting=resting, movements=movements, region=region)


def halved(image: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return an image of even size at half its resolution, by area averages."""
    size = (image.shape[1] // 2, image.shape[0] // 2)
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.float32)


def _settled(
    frames: NDArray[np.float32],
    fields: NDArray[np.float32],
    mask: NDArray[np.bool_],
    largest_px: NDArray[np.float64],
) -> tuple[Scene, NDArray[np.float32], NDArray[np.float64], NDArray[np.bool_]]:
    """Align the frames with the mean of those at rest, which the first alignment makes sharper for the second."""
    aligned, heads = frames, np.zeros((len(frames), 4))
    resting = np.ones(len(frames), np.bool_)
    for _ in range(_ALIGNMENTS):
        scene = Scene(aligned[resting].mean(0), fields, mask)
        left = scene.heads(aligned)
        heads = heads + left
        aligned = np.stack([align(frame, head) for frame, head in zip(frames, heads, strict=True)])
        resting = _at_rest(_centred(scene.amplitudes(aligned), resting), largest_px)
        if np.abs(left).max() < _STILL_PX:
            break
    return Scene(aligned[resting].mean(0), fields, mask), aligned, heads, resting


def _at_rest(values: NDArray[np.float64], largest_px: NDArray[np.float64]) -> NDArray[np.bool_]:
    moving = (np.abs(values) > thresholds_of(values, largest_px) / 2).any(1)
    resting = ~np.convolve(moving, np.ones(5), "same").astype(np.bool_)
    # A clip that never rests is measured against its mean.
    return resting if resting.mean() > 0.25 else np.ones_like(resting)


def _centred(values: NDArray[np.float64], resting: NDArray[np.bool_]) -> NDArray[np.float64]:
    return np.asarray(values - np.median(values[resting], axis=0))


def _refined(
    values: NDArray[np.float64],
    scene: Scene,
    aligned: NDArray[np.float32],
    resting: NDArray[np.bool_],
    movements: list[Movement],
) -> list[Movement]:
    """Replace first-order amplitudes by Gauss-Newton ones where something moves, and find each apex anew."""
    at_rest = aligned[np.flatnonzero(resting)[::_EVERY_RESTING]]
    found = []
    for movement in movements:
        frames = range(movement.onset_frame, movement.offset_frame + 1)
        for frame in frames:
            values[frame], _ = scene.follow(aligned[frame], float(values[frame]), _GAUSS_NEWTON_STEPS)
        inside = slice(frames.start, frames.stop)
        share = np.abs(values[inside]) / np.abs(values[inside]).max()
        size = share + _likeness(scene, aligned[inside], at_rest, values[inside])
        found.append(replace(movement, apex_frame=frames.start + apex_of(size, 0, len(frames))))
    return found


def _likeness(
    scene: Scene, moving: NDArray[np.float32], resting: NDArray[np.float32], values: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return how much each frame looks like the reference moved by the largest amplitude: 1 = most, 0 = at rest.

    Units that end at different times leave another field than the planned one, whose amplitude may even be larger
    where antagonists (AU1 and AU4) no longer cancel; the mismatch of the whole field is least at the apex. By itself
    it follows the quality of single frames, so that the apex is where both agree.
    """
    amplitude = float(values[np.abs(values).argmax()])
    mismatch = np.array([scene.mismatch(frame, amplitude) for frame in moving])
    at_rest = float(np.median([scene.mismatch(frame, amplitude) for frame in resting]))
    least = float(mismatch.min())
    return np.asarray(1 - np.sqrt(np.clip((mismatch - least) / max(at_rest - least, 1e-9), 0, None)))
