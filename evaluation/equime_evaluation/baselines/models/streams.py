"""Parallel streams of one convolution each, pooled and joined."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class Streams(nn.Module):
    """Streams over the same picture of three layers.

    Args:
        filters: Of each stream.
        size_px: Edge of the picture.
        classes: How many there are.
    """

    def __init__(self, filters: Sequence[int], size_px: int, classes: int) -> None:
        super().__init__()
        self.streams = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(3, count, 3, padding=2),
                nn.ReLU(inplace=True),
                nn.BatchNorm2d(count),
                nn.MaxPool2d(3, stride=3, padding=1),
                nn.Dropout2d(0.2),
            )
            for count in filters
        )
        self.pool = nn.AvgPool2d(2, stride=2)
        with torch.no_grad():
            joined = self._joined(torch.zeros(1, 3, size_px, size_px))
        self.head = nn.Sequential(nn.Dropout(0.2), nn.Linear(joined.shape[1], classes))

    def forward(self, x: Tensor) -> Tensor:
        """Return (n, classes) logits of (n, 3, H, W) flow and strain."""
        logits: Tensor = self.head(self._joined(x))
        return logits

    def _joined(self, x: Tensor) -> Tensor:
        return self.pool(torch.cat([stream(x) for stream in self.streams], dim=1)).flatten(1)  # type: ignore[no-any-return]
