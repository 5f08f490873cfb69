"""MobileNetV2 on each frame, averaged over frames; from scratch, for nothing is downloaded.

Source: Sandler, Howard, Zhu, Zhmoginov, Chen, "MobileNetV2: inverted residuals and linear bottlenecks", CVPR 2018, as
torchvision has it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from equime_builder.errors import need

if TYPE_CHECKING:
    from torch import nn

    from equime_evaluation.baselines.setup import Setup


def build_mobilenet(setup: Setup, classes: int) -> nn.Module:
    """Return the network for frames of a set-up."""
    from equime_evaluation.baselines.models.framewise import Framewise

    models = need("torchvision.models", extra="train")
    return Framewise(models.mobilenet_v2(weights=None, num_classes=classes))
