"""STSTNet: three shallow streams over flow and strain.

Source: Liong, Gan, See, Khor, Huang, "Shallow triple stream three-dimensional CNN (STSTNet) for micro-expression
recognition", FG 2019: streams of 3, 5 and 8 filters of 3 x 3, max pooling by 3, average pooling by 2, one dense layer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from torch import nn

    from equime_evaluation.baselines.setup import Setup

_FILTERS: Final = (3, 5, 8)


def build_ststnet(setup: Setup, classes: int) -> nn.Module:
    """Return the network for flow of a set-up."""
    from equime_evaluation.baselines.models.streams import Streams

    return Streams(_FILTERS, setup.size_px, classes)
