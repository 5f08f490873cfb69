"""The residual block; apart from the rest because a class of torch's cannot be made without importing torch."""

from __future__ import annotations

from torch import Tensor, nn


class ResidualBlock(nn.Module):
    """Two convolutions of 3 x 3 x 3, whose result is added to what came in.

    Args:
        before: Channels that come in.
        after: Channels that go out.
        stride: Of the first convolution, in time and space.
    """

    def __init__(self, before: int, after: int, *, stride: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv3d(before, after, 3, stride=stride, padding=1, bias=False),
            nn.BatchNorm3d(after),
            nn.ReLU(inplace=True),
            nn.Conv3d(after, after, 3, padding=1, bias=False),
            nn.BatchNorm3d(after),
        )
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or before != after:
            self.shortcut = nn.Sequential(nn.Conv3d(before, after, 1, stride=stride, bias=False), nn.BatchNorm3d(after))
        self.activation = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        """Return (n, after, T / stride, H / stride, W / stride) of (n, before, T, H, W)."""
        result: Tensor = self.activation(self.body(x) + self.shortcut(x))
        return result
