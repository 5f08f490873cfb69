"""What a chat model's processor is given of a clip: the frames that are shown, and when they were."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from equime_builder.decode import decode_frames
from equime_builder.errors import DatasetError, MediaError
from equime_builder.videos import video_bytes

if TYPE_CHECKING:
    from numpy.typing import NDArray

EVENT: Final = ("onset_frame", "apex_frame", "offset_frame")
NEEDED: Final = ("id", "num_frames", "fps", *EVENT)
"""Columns that every row must have, besides its video or frames."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownClip:
    """Frames of a clip.

    Attributes:
        frames: (T, 3, H, W) uint8 RGB.
        indices: (T,) int64, their places in the clip.
        num_frames: Of the whole clip.
        fps: Of the clip.
    """

    frames: NDArray[np.uint8]
    indices: NDArray[np.int64]
    num_frames: int
    fps: float

    @property
    def metadata(self) -> dict[str, Any]:
        """What processors want to know of a video, in their words."""
        height, width = self.frames.shape[-2:]
        return {
            "total_num_frames": self.num_frames,
            "fps": self.fps,
            "duration": self.num_frames / self.fps,
            "width": width,
            "height": height,
            "frames_indices": self.indices.tolist(),
        }

    @property
    def spacing_s(self) -> float:
        """Mean time between two frames that are shown, in seconds; of one frame alone, the clip's own."""
        frames = float(np.diff(self.indices).mean()) if len(self.indices) > 1 else 1.0
        return frames / self.fps


def shown_clip(row: Mapping[str, Any], indices: NDArray[np.int64], *, size_px: int | None) -> ShownClip:
    """Return frames of a row's clip; of a stream's sample the frames that it holds already.

    Args:
        row: With the columns `NEEDED`, and ``video`` or ``frames``.
        indices: Of the frames.
        size_px: Edge of the square that frames are decoded to; ``None`` leaves them as they are.

    Raises:
        MediaError: The video cannot be decoded.
    """
    if "frames" in row:
        frames = row["frames"] if row["frames"].shape[1] == 3 else row["frames"].transpose(0, 3, 1, 2)
    else:
        frames = _decoded(row, indices, size_px)
    return ShownClip(frames=frames, indices=indices, num_frames=row["num_frames"], fps=float(row["fps"]))


def _decoded(row: Mapping[str, Any], indices: NDArray[np.int64], size_px: int | None) -> NDArray[np.uint8]:
    try:
        return decode_frames(video_bytes(row), indices, layout="TCHW", size_px=size_px)
    except MediaError as error:
        raise MediaError(f"clip {row['id']!r}: {error}; run equime verify") from error


def check_columns(row: Mapping[str, Any]) -> None:
    """Refuse a row that says too little to show its clip.

    Raises:
        DatasetError: A column is missing.
    """
    missing = [name for name in NEEDED if name not in row]
    if missing:
        raise DatasetError(
            f"clip {row.get('id')!r}: chat models need the columns {', '.join(NEEDED)}, missing are "
            f"{', '.join(missing)}; load them too, for example with columns=None"
        )
