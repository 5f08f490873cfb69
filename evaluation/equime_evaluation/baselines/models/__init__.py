"""The baselines' networks: one file each, one table of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from equime_evaluation.baselines.models.cnn3d import build_cnn3d
from equime_evaluation.baselines.models.mobilenet import build_mobilenet
from equime_evaluation.baselines.models.resnet3d import build_resnet3d
from equime_evaluation.baselines.models.ststnet import build_ststnet
from equime_evaluation.baselines.setup import Setup

if TYPE_CHECKING:
    from torch import nn

_BUILDERS: Final[dict[str, Callable[[Setup, int], nn.Module]]] = {
    "cnn3d": build_cnn3d,
    "resnet3d": build_resnet3d,
    "mobilenet": build_mobilenet,
    "ststnet": build_ststnet,
}


def build_model(setup: Setup, classes: int, *, seed: int) -> nn.Module:
    """Return an untrained network; the same seed gives the same weights.

    It takes (n, 1, T, H, W) float32 frames, or (n, 3, H, W) float32 flow and strain, and gives (n, classes) logits.

    Args:
        seed: 0 to 2**63 - 1.
    """
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return _BUILDERS[setup.model](setup, classes)
