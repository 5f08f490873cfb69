"""The 3D CNN of the published baselines: one convolution in space and time, one pooling, two dense layers.

Source: Reddy, Karri, Dubey, Mukherjee, "Spontaneous facial micro-expression recognition using 3D spatiotemporal
convolutional neural networks", IJCNN 2019 (MicroExpSTCNN). Unlike it, pooling leaves a grid of 4 x 8 x 8 cells whatever
the input, so that the dense layer has a million weights and not 44 million.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from torch import nn

    from equime_evaluation.baselines.setup import Setup

_FILTERS: Final = 32
_CELLS: Final = (4, 8, 8)
_DENSE: Final = 128


def build_cnn3d(setup: Setup, classes: int) -> nn.Module:
    """Return the network for frames of a set-up."""
    from torch import nn

    depth = min(15, setup.frames)
    cells = _CELLS[0] * _CELLS[1] * _CELLS[2]
    return nn.Sequential(
        nn.Conv3d(1, _FILTERS, (depth, 3, 3), padding=(depth // 2, 1, 1)),
        nn.ReLU(inplace=True),
        nn.AdaptiveMaxPool3d(_CELLS),
        nn.Dropout(0.5),
        nn.Flatten(),
        nn.Linear(_FILTERS * cells, _DENSE),
        nn.ReLU(inplace=True),
        nn.Dropout(0.5),
        nn.Linear(_DENSE, classes),
    )
