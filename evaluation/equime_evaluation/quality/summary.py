"""Means and medians over the clips of one path."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import Any, Final

from equime_evaluation.quality.readings import ClipQuality

SUMMARISED: Final[dict[str, str]] = {
    "psnr_mean": "avg_psnr",
    "ssim_mean": "avg_ssim",
    "tv_mean": "avg_tv",
    "brisque_mean": "avg_brisque",
    "clip_iqa_mean": "avg_clip_iqa",
    "size_mb": "size_mb",
    "duration_s": "duration_s",
    "bitrate_kbps": "bitrate_kbps",
    "tv_per_pixel": "avg_tv_per_pixel",
    "fidelity_psnr": "avg_fidelity_psnr",
    "fidelity_ssim": "avg_fidelity_ssim",
    "psnr_rgb_mean": "avg_psnr_rgb",
    "ssim_rgb_mean": "avg_ssim_rgb",
    "tv_rgb_mean": "avg_tv_rgb",
    "brisque_rgb_mean": "avg_brisque_rgb",
    "clip_iqa_rgb_mean": "avg_clip_iqa_rgb",
}
"""Column of the summary for each column of the table, in order; the first eight as published."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Average:
    """Mean and median of one column over the clips in which it was measured."""

    mean: float
    median: float
    clips: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """One path's clips.

    Attributes:
        averages: By column of the table; ``None`` = measured on no clip.
        refused: Clips that could not be measured; they are in ``clips`` as well.
        frozen: Clips of several frames that are all the same.
    """

    directory: str
    clips: int
    refused: int
    frozen: int
    averages: dict[str, Average | None]

    def as_row(self) -> dict[str, Any]:
        """Return the line of the summary table."""
        means = {SUMMARISED[name]: average and round(average.mean, 6) for name, average in self.averages.items()}
        return {
            "directory": self.directory, **means, "clips": self.clips, "refused": self.refused, "frozen": self.frozen,
        }  # fmt: skip


def summarise(directory: str, clips: Sequence[ClipQuality]) -> Summary:
    """Summarise the clips of a path."""
    return Summary(
        directory=directory,
        clips=len(clips),
        refused=sum(bool(clip.refused) for clip in clips),
        frozen=sum(clip.is_frozen for clip in clips),
        averages={name: _average([getattr(clip, name) for clip in clips]) for name in SUMMARISED},
    )


def _average(values: Sequence[float | None]) -> Average | None:
    known = [value for value in values if value is not None]
    return Average(mean=fmean(known), median=median(known), clips=len(known)) if known else None
