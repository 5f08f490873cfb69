"""A 3D ResNet small enough for a CPU: residual blocks in space and time over a coarse stem.

Source: Hara, Kataoka, Satoh, "Can spatiotemporal 3D CNNs retrace the history of 2D CNNs and ImageNet?", CVPR 2018, at
a quarter of the width, with the block of He et al., "Deep residual learning for image recognition", CVPR 2016.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from torch import nn

    from equime_evaluation.baselines.setup import Setup

_WIDTHS: Final = (16, 32, 64)


def build_resnet3d(setup: Setup, classes: int) -> nn.Module:
    """Return the network: a stem that sees 7 x 7 pixels, and a block of each width."""
    from torch import nn

    stem = (
        nn.Conv3d(1, _WIDTHS[0], (1, 7, 7), stride=(1, 4, 4), padding=(0, 3, 3), bias=False),
        nn.BatchNorm3d(_WIDTHS[0]),
        nn.ReLU(inplace=True),
    )
    blocks = [_block(_WIDTHS[0], _WIDTHS[0], stride=1)]
    blocks += [_block(before, after, stride=2) for before, after in pairwise(_WIDTHS)]
    head = (nn.AdaptiveAvgPool3d(1), nn.Flatten(), nn.Dropout(0.3), nn.Linear(_WIDTHS[-1], classes))
    return nn.Sequential(*stem, *blocks, *head)


def _block(before: int, after: int, *, stride: int) -> nn.Module:
    from equime_evaluation.baselines.models.residual import ResidualBlock

    return ResidualBlock(before, after, stride=stride)
