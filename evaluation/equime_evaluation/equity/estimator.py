"""The motion estimator's own bias, on motion that is known and has nothing to do with Action Units.

A person's resting face is bent by a smooth bump of a few pixels, encoded, and measured as any clip is. The bump is the
same for everybody, in interocular distances, so that what differs between people is what their skin gives the
estimator to hold: its texture, its light, its contrast after encoding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from equime_builder.decode import decode_frames
from equime_builder.streams import stream

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Encode = Callable[[NDArray[np.uint8]], bytes]

EYES: Final = (0.5, 0.463)
"""Where the middle between the eyes lies in an aligned picture, as shares of its width and height."""

PLACES: Final[dict[str, tuple[tuple[float, float], tuple[float, float]]]] = {
    "brow": ((0.5, -0.42), (0.0, -1.0)),
    "cheek": ((-0.6, 0.6), (0.0, -1.0)),
    "mouth corner": ((0.42, 1.05), (0.7, -0.7)),
    "chin": ((0.0, 1.5), (0.0, -1.0)),
}
"""Centre of each bump from the middle between the eyes, and its direction, in interocular distances, y downwards."""

MOTION_IOD: Final = 0.024
RADIUS_IOD: Final = 0.18
"""Standard deviation of a bump."""
NOISE_SIGMA: Final = 1.1
"""Sensor noise in grey levels of 255, in the middle of what clips carry."""
_FRAMES: Final = 48
_ONSET, _APEX, _OFFSET = 20, 25, 32
_RESTING: Final = 12
_INVERSIONS: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownMotion:
    """What the estimator said of a motion that is known.

    Attributes:
        slope: Measured over true motion; 1 = the estimator is right. ``None`` = it found no movement.
    """

    subject_id: str
    place: str
    slope: float | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bump:
    """A smooth displacement with a closed form.

    Attributes:
        centre_px: x, y.
        motion_px: Displacement at the centre, x, y.
    """

    centre_px: tuple[float, float]
    motion_px: tuple[float, float]
    radius_px: float

    def at(self, x: NDArray[np.float32], y: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the displacement of what rests at some places, x and y."""
        squared = (x - self.centre_px[0]) ** 2 + (y - self.centre_px[1]) ** 2
        weight = np.exp(-0.5 * squared / self.radius_px**2).astype(np.float32)
        return weight * np.float32(self.motion_px[0]), weight * np.float32(self.motion_px[1])


def bumps(size_px: int, interocular_px: float) -> dict[str, Bump]:
    """Return the bump of each place in a square aligned picture."""
    found = {}
    for place, (centre, direction) in PLACES.items():
        length = MOTION_IOD * interocular_px / np.hypot(*direction)
        found[place] = Bump(
            centre_px=(
                EYES[0] * size_px + centre[0] * interocular_px,
                EYES[1] * size_px + centre[1] * interocular_px,
            ),
            motion_px=(float(direction[0] * length), float(direction[1] * length)),
            radius_px=RADIUS_IOD * interocular_px,
        )
    return found


def resting_face(data: bytes, onset_frame: int | None) -> NDArray[np.float32]:
    """Return the mean of a clip's first frames before anything moves, (H, W, 3) float32 RGB.

    Raises:
        MediaError: The clip cannot be decoded.
    """
    frames = range(max(1, min(_RESTING, _RESTING if onset_frame is None else onset_frame)))
    return np.asarray(decode_frames(data, list(frames)).mean(0, dtype=np.float32))


def known_clip(face: NDArray[np.float32], bump: Bump, *, key: str) -> NDArray[np.uint8]:
    """Return frames in which a face is bent by a bump for a moment, with fresh noise on each.

    Args:
        face: (H, W, 3) float32 RGB.
        key: Names the noise.

    Returns:
        (48, H, W, 3) uint8 RGB.
    """
    noise = stream("known motion", key)
    frames = np.empty((_FRAMES, *face.shape), np.uint8)
    for number in range(_FRAMES):
        picture = bent(face, bump, amplitude(number))
        grain = noise.normal(0, NOISE_SIGMA, face.shape[:2]).astype(np.float32)
        frames[number] = np.clip(np.rint(picture + grain[..., None]), 0, 255)
    return frames


def amplitude(frame: int) -> float:
    """Return the share (0-1) of a bump that a frame shows.

    Source: minimum-jerk course; Flash & Hogan, J. Neurosci. 5 (1985).
    """
    share = (frame - _ONSET) / (_APEX - _ONSET) if frame < _APEX else (_OFFSET - frame) / (_OFFSET - _APEX)
    t = min(max(share, 0.0), 1.0)
    return t**3 * (10 - 15 * t + 6 * t**2)


def bent(face: NDArray[np.float32], bump: Bump, share: float) -> NDArray[np.float32]:
    """Return a picture displaced by a share of a bump, resampled once."""
    import cv2

    if share == 0.0:
        return face
    y, x = np.mgrid[0 : face.shape[0], 0 : face.shape[1]].astype(np.float32)
    from_x, from_y = x, y
    for _ in range(_INVERSIONS):  # where did the point that is seen here come from
        shift_x, shift_y = bump.at(from_x, from_y)
        from_x, from_y = x - np.float32(share) * shift_x, y - np.float32(share) * shift_y
    bent_face = cv2.remap(face, from_x, from_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(bent_face, dtype=np.float32)


def known_motions(
    who: str, face: NDArray[np.float32], *, interocular_px: float, encode: Encode
) -> Iterator[KnownMotion]:
    """Yield what the estimator says of each bump on a face; about two CPU-seconds each.

    Args:
        who: Id of the person.
        face: (H, W, 3) float32 RGB at rest, aligned.
        interocular_px: Distance of the iris centres in pixels of the face.
        encode: Turns (T, H, W, 3) uint8 RGB frames into the bytes of a video, as the dataset's clips were.
    """
    from equime_evaluation.motion import measure

    y, x = np.mgrid[0 : face.shape[0], 0 : face.shape[1]].astype(np.float32)
    for place, bump in bumps(face.shape[1], interocular_px).items():
        data = encode(known_clip(face, bump, key=f"{who}/{place}"))
        field = np.stack(bump.at(x, y), axis=-1)[None]
        found = measure(data, field, interocular_px=interocular_px, negative=False)
        yield KnownMotion(subject_id=who, place=place, slope=found.slope)
