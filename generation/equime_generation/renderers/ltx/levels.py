"""Pictures travel to the model as bytes and become numbers there: diffusers would widen a guide video on one core."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch


@dataclass(frozen=True, slots=True)
class LevelProcessor:
    """Stands in for `diffusers.video_processor.VideoProcessor`, for pictures that have the model's size already.

    Attributes:
        device: Where the VAE works.
        dtype: What it takes.
    """

    device: str
    dtype: torch.dtype

    def preprocess(self, image: torch.Tensor, height: int, width: int) -> torch.Tensor:
        """Return (B, 3, H, W) levels, uint8, as values from -1 to 1, by the arithmetic of diffusers."""
        return (2.0 * (image.to(self.device).float() / 255) - 1.0).to(self.dtype)

    def preprocess_video(self, video: Sequence[torch.Tensor], height: int, width: int) -> torch.Tensor:
        """Return clips of (K, 3, H, W) levels, uint8, as (B, 3, K, H, W) values; one clip is widened at a time."""
        shape = (len(video), 3, len(video[0]), height, width)
        values = torch.empty(shape, device=self.device, dtype=self.dtype)
        for place, clip in enumerate(video):
            values[place] = self.preprocess(clip, height, width).transpose(0, 1)
        return values
