"""What was measured on one clip; ``None`` = not measured. The fields are the columns of the table."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

PUBLISHED: Final = (
    "video_path", "psnr_mean", "ssim_mean", "tv_mean", "brisque_mean", "clip_iqa_mean", "num_frames", "size_mb",
    "duration_s", "bitrate_kbps",
)  # fmt: skip
"""Columns of the published tables, in their order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictures:
    """Means over a clip's frames, of one variant: grey, or red, green and blue.

    Attributes:
        psnr: Of consecutive frames, dB; equal ones count 100.
        ssim: Of consecutive frames.
        tv: Total variation of a frame.
        brisque: Over the frames that have texture.
        clip_iqa: 0-1.
        fidelity_psnr: Of frames at rest against the first frame at rest, dB.
        fidelity_ssim: Of the same.
    """

    psnr: float | None = None
    ssim: float | None = None
    tv: float | None = None
    brisque: float | None = None
    clip_iqa: float | None = None
    fidelity_psnr: float | None = None
    fidelity_ssim: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Frames:
    """What a pass over a clip's frames gave.

    Attributes:
        equal_pairs: Pairs of consecutive frames that are the same to the last bit.
        brisque_frames: Frames with enough texture for BRISQUE.
        fidelity_frames: Frames that were held against the neutral one; ``None`` where no plan is known.
    """

    num_frames: int
    width: int
    height: int
    equal_pairs: int
    brisque_frames: int | None
    fidelity_frames: int | None
    grey: Pictures
    rgb: Pictures | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipQuality:
    """One line of the table.

    Attributes:
        size_mb: Mebibytes of the file, or of all images, as in the published tables.
        bitrate_kbps: 8 x bytes of the file / duration / 1000, sound and container included, as published.
        picture_kbps: The same of the pictures alone.
        fps: Frames / duration.
        tv_per_pixel: ``tv_mean`` over the root of the number of pixels: root mean square of the step to the neighbours.
        refused: Why the clip could not be measured; empty where it was.
    """

    video_path: str
    psnr_mean: float | None = None
    ssim_mean: float | None = None
    tv_mean: float | None = None
    brisque_mean: float | None = None
    clip_iqa_mean: float | None = None
    num_frames: int | None = None
    size_mb: float | None = None
    duration_s: float | None = None
    bitrate_kbps: float | None = None
    clip_id: str = ""
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    picture_kbps: float | None = None
    equal_pairs: int | None = None
    tv_per_pixel: float | None = None
    brisque_frames: int | None = None
    fidelity_psnr: float | None = None
    fidelity_ssim: float | None = None
    fidelity_frames: int | None = None
    psnr_rgb_mean: float | None = None
    ssim_rgb_mean: float | None = None
    tv_rgb_mean: float | None = None
    brisque_rgb_mean: float | None = None
    clip_iqa_rgb_mean: float | None = None
    refused: str = ""

    @property
    def is_frozen(self) -> bool:
        """Whether the clip has several frames, all of them the same."""
        return bool(self.equal_pairs) and self.num_frames == (self.equal_pairs or 0) + 1


COLUMNS: Final[tuple[str, ...]] = tuple(field.name for field in fields(ClipQuality))
