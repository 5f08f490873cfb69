"""A clip's changes against its neutral frame, magnified, as a video."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from equime_builder.gallery.pictures import GAIN, amplified_difference, moments_of

_PROFILE: Final = "preview"


def magnified(row: Mapping[str, Any]) -> bytes:
    """Return an MP4 file: grey where a frame is as bright as the neutral one, eight times the difference elsewhere.

    Args:
        row: Of a dataset, with its video.

    Raises:
        MediaError: The clip cannot be decoded.
        DatasetError: Its planned frames lie outside of it.
    """
    from equime_builder.decode import decode_frames
    from equime_builder.videos import video_bytes
    from equime_generation.encode import encode

    frames = decode_frames(video_bytes(row))
    neutral = frames[moments_of(row).neutral].copy()
    for frame in frames:
        frame[:] = amplified_difference(neutral, frame)[..., None]
    return encode(np.ascontiguousarray(frames), profile=_PROFILE, comment=f"Differences, times {GAIN}.").data
