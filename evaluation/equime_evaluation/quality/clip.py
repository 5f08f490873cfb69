"""One clip becomes one line of the table."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from equime_builder.errors import MediaError
from equime_evaluation.clips import open_reel
from equime_evaluation.quality.batched import measure_batches
from equime_evaluation.quality.clip_iqa import ClipIqa
from equime_evaluation.quality.meter import measure_frames
from equime_evaluation.quality.readings import ClipQuality, Frames, Pictures
from equime_evaluation.quality.statistics import LEAST_EDGE_PX

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from equime_evaluation.clips import Clip, Reel
    from equime_evaluation.quality.instruments import Instruments

_MEBI: Final = 2**20
_DIGITS: Final = 6


def quality_meter(instruments: Instruments) -> Callable[[Clip], ClipQuality]:
    """Load what is to be measured with, and return a function that measures a clip.

    The function raises nothing for a clip that cannot be measured: it says so in ``refused``.
    """
    clip_iqa = ClipIqa(instruments.device) if instruments.clip_iqa else None

    def measured(clip: Clip) -> ClipQuality:
        try:
            with open_reel(clip, image_fps=instruments.image_fps) as reel:
                return _line(clip, reel, _frames(clip, reel, instruments, clip_iqa))
        except MediaError as error:
            return ClipQuality(video_path=clip.name, clip_id=clip.clip_id, refused=str(error))

    return measured


def _frames(clip: Clip, reel: Reel, instruments: Instruments, clip_iqa: ClipIqa | None) -> Frames:
    frames, at_rest = _large_enough(reel.frames), None if clip.moving is None else clip.at_rest
    if instruments.device != "cpu":
        return measure_batches(frames, instruments, clip_iqa=clip_iqa, at_rest=at_rest)
    return measure_frames(
        frames, regression=instruments.regression, clip_iqa=clip_iqa, colour=instruments.colour, at_rest=at_rest
    )


def _large_enough(frames: Iterator[NDArray[np.uint8]]) -> Iterator[NDArray[np.uint8]]:
    for frame in frames:
        if min(frame.shape[:2]) < LEAST_EDGE_PX:
            height, width = frame.shape[:2]
            raise MediaError(f"frames are {width} x {height}; the least that is measured is 16 x 16")
        yield frame


def _line(clip: Clip, reel: Reel, frames: Frames) -> ClipQuality:
    grey, rgb = frames.grey, frames.rgb or Pictures()
    seconds = reel.duration_s or None
    tv_per_pixel = None if grey.tv is None else grey.tv / math.sqrt(frames.width * frames.height)
    return ClipQuality(
        video_path=clip.name,
        clip_id=clip.clip_id,
        num_frames=frames.num_frames,
        width=frames.width,
        height=frames.height,
        size_mb=reel.size_bytes / _MEBI,
        duration_s=_rounded(seconds),
        fps=None if seconds is None else _rounded(frames.num_frames / seconds),
        bitrate_kbps=None if seconds is None else _rounded(8 * reel.size_bytes / seconds / 1000),
        picture_kbps=None if seconds is None else _rounded(8 * reel.stream_bytes / seconds / 1000),
        psnr_mean=_rounded(grey.psnr),
        ssim_mean=_rounded(grey.ssim),
        tv_mean=_rounded(grey.tv),
        tv_per_pixel=_rounded(tv_per_pixel),
        brisque_mean=_rounded(grey.brisque),
        brisque_frames=frames.brisque_frames,
        clip_iqa_mean=_rounded(grey.clip_iqa),
        equal_pairs=frames.equal_pairs,
        fidelity_psnr=_rounded(grey.fidelity_psnr),
        fidelity_ssim=_rounded(grey.fidelity_ssim),
        fidelity_frames=frames.fidelity_frames,
        psnr_rgb_mean=_rounded(rgb.psnr),
        ssim_rgb_mean=_rounded(rgb.ssim),
        tv_rgb_mean=_rounded(rgb.tv),
        brisque_rgb_mean=_rounded(rgb.brisque),
        clip_iqa_rgb_mean=_rounded(rgb.clip_iqa),
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, _DIGITS)
