"""The still pictures of a clip: at rest, at the apex, and what moved between them, magnified."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from equime_builder.decode import decode_frames
from equime_builder.errors import DatasetError, MediaError, UsageError
from equime_builder.publish import publish
from equime_builder.videos import video_bytes

if TYPE_CHECKING:
    from numpy.typing import NDArray

GAIN: Final = 8
PictureKind = Literal["neutral", "later", "change"]
PICTURE_KINDS: Final[tuple[PictureKind, ...]] = ("neutral", "later", "change")
REST_FRAMES: Final = 3
"""So many frames before the onset the neutral picture is taken: past any doubt at rest, yet near in sway and noise."""

_NEGATIVE_FRAME: Final = 10
_JPEG_QUALITY: Final = 88
_LUMA: Final = np.array([0.299, 0.587, 0.114], np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """The two frames of a clip that are compared.

    Attributes:
        later: The planned apex; on a negative, which has none, the middle of the clip.
        is_apex: Whether ``later`` is an apex.
    """

    neutral: int
    later: int
    is_apex: bool

    @property
    def later_name(self) -> str:
        """``"apex"``, or ``"later"`` on a negative."""
        return "apex" if self.is_apex else "later"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stills:
    """Pictures of a clip.

    Attributes:
        neutral: (H, W, 3) uint8 RGB.
        later: (H, W, 3) uint8 RGB.
        difference: (H, W) uint8; see `amplified_difference`.
    """

    moments: Moments
    neutral: NDArray[np.uint8]
    later: NDArray[np.uint8]
    difference: NDArray[np.uint8]

    @property
    def named(self) -> dict[PictureKind, NDArray[np.uint8]]:
        """The pictures by kind, in the order in which they are shown."""
        return dict(zip(PICTURE_KINDS, (self.neutral, self.later, self.difference), strict=True))


def moments_of(row: Mapping[str, Any]) -> Moments:
    """Return the frames to compare, from a row's plan; on negatives the later one shows a blink where there is one.

    Raises:
        DatasetError: They lie outside the clip.
    """
    apex, onset, frames = row["apex_frame"], row["onset_frame"], row["num_frames"]
    if apex is None or onset is None:
        moving = [found["apex_frame"] for found in row["distractors"] or () if found["apex_frame"] is not None]
        moments = Moments(neutral=_NEGATIVE_FRAME, later=next(iter(moving), frames // 2), is_apex=False)
    else:
        moments = Moments(neutral=max(0, onset - REST_FRAMES), later=apex, is_apex=True)
    if not 0 <= moments.neutral < moments.later < frames:
        raise DatasetError(
            f"clip {row['id']!r:.120}: frames must satisfy 0 <= onset < apex < {frames}, got {onset} and {apex}; "
            "run equime verify on the dataset"
        )
    return moments


def stills_of(row: Mapping[str, Any]) -> Stills:
    """Decode a row's two frames and compare them.

    Raises:
        MediaError: The clip cannot be decoded.
        DatasetError: The planned frames lie outside the clip.
    """
    moments = moments_of(row)
    try:
        neutral, later = decode_frames(video_bytes(row), [moments.neutral, moments.later], backend="pyav")
    except (MediaError, UsageError) as error:  # UsageError: the clip holds fewer frames than its row says
        raise MediaError(f"clip {row['id']!r:.120}: {error}") from error
    return Stills(moments=moments, neutral=neutral, later=later, difference=amplified_difference(neutral, later))


def amplified_difference(
    neutral: NDArray[np.uint8], later: NDArray[np.uint8], *, gain: int = GAIN
) -> NDArray[np.uint8]:
    """Return the change of brightness from one frame to another, magnified, on grey.

    Args:
        neutral: (H, W, 3) uint8 RGB.
        later: The same shape.
        gain: Factor on the change.

    Returns:
        (H, W) uint8: 128 where nothing changed, brighter where the face became brighter; cut off at 0 and 255.

    Source: weights of luma from ITU-R BT.601.

    Example:
        A pixel that goes from (100, 100, 100) to (105, 105, 105) becomes 128 + 8 x 5 = 168.
    """
    change = (later.astype(np.float32) - neutral.astype(np.float32)) @ _LUMA
    grey: NDArray[np.uint8] = np.clip(np.rint(128 + gain * change), 0, 255).astype(np.uint8)
    return grey


def write_picture(path: Path, pixels: NDArray[np.uint8]) -> Path:
    """Write pixels as JPEG, whole or not at all.

    Args:
        pixels: (H, W) or (H, W, 3) uint8.

    Raises:
        OutputError: The place cannot be written.
    """
    from PIL import Image

    image = Image.fromarray(pixels)
    return publish(path, lambda partial: image.save(partial, "JPEG", quality=_JPEG_QUALITY, subsampling=0))
