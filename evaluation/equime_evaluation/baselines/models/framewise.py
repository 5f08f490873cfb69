"""A network for pictures, applied to every frame."""

from __future__ import annotations

from torch import Tensor, nn


class Framewise(nn.Module):
    """Averages over frames what a network of colour pictures says of each; grey is given to it three times."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> Tensor:
        """Return (n, classes) logits of (n, 1, T, H, W) frames."""
        clips, _, frames, height, width = x.shape
        pictures = x.transpose(1, 2).reshape(clips * frames, 1, height, width).expand(-1, 3, -1, -1)
        logits: Tensor = self.network(pictures)
        return logits.reshape(clips, frames, -1).mean(1)
