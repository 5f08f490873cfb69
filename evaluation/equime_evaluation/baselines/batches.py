"""Clips become batches that a network takes: shuffled, mirrored and moved, keyed by seed, fold and epoch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import numpy as np

from equime_builder.streams import stream
from equime_evaluation.baselines.setup import Setup

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

    from equime_evaluation.baselines.inputs import Inputs

_FLOW_PX: Final = 4.0
_STRAIN: Final = 0.05
_CONTRAST: Final = 4.0
"""Scales that bring flow in pixels, strain, and differences in shares of the picture's contrast near 1."""


def training_batches(places: NDArray[np.int64], setup: Setup, key: str) -> Iterator[NDArray[np.int64]]:
    """Yield the places of each batch in a new order; a last one of a single clip is left out, as norms need two."""
    order = stream(key, "order").permutation(places)
    for first in range(0, len(order), setup.batch_size):
        batch = order[first : first + setup.batch_size]
        if len(batch) > 1:
            yield batch


def seen(inputs: Inputs, places: NDArray[np.int64], setup: Setup, *, key: str | None = None) -> Tensor:
    """Return clips as a network takes them.

    Args:
        places: Of the clips in ``inputs``.
        key: Names the random numbers of mirroring and moving; ``None`` = neither.

    Returns:
        (n, 1, T, H, W) or (n, 3, H, W) float32.
    """
    import torch

    values = _scaled_flow(inputs.values[places]) if setup.sees_flow else _scaled_frames(inputs.values[places], setup)
    if key is not None:
        values = _varied(values, setup, key)
    batch = torch.from_numpy(np.ascontiguousarray(values, np.float32))
    return batch if setup.sees_flow else batch[:, None]


def _scaled_flow(values: NDArray[np.float32]) -> NDArray[np.float32]:
    scale = np.array([_FLOW_PX, _FLOW_PX, _STRAIN], np.float32)
    return np.asarray(values / scale[:, None, None], np.float32)


def _scaled_frames(values: NDArray[np.uint8], setup: Setup) -> NDArray[np.float32]:
    frames = values.astype(np.float32)
    if not setup.difference:
        mean, spread = frames.mean((1, 2, 3), keepdims=True), frames.std((1, 2, 3), keepdims=True)
        return np.asarray((frames - mean) / (spread + 1e-3), np.float32)
    # a movement changes grey levels by the contrast that it moves, which is smaller on darker pictures
    contrast = frames[:, :1].std((2, 3), keepdims=True)
    return np.asarray(_CONTRAST * (frames[:, 1:] - frames[:, :1]) / (contrast + 1e-3), np.float32)


def _varied(values: NDArray[np.float32], setup: Setup, key: str) -> NDArray[np.float32]:
    draws = stream(key, "variation")
    mirrored = draws.random(len(values)) < 0.5 * setup.flip
    values[mirrored] = values[mirrored][..., ::-1]
    if setup.sees_flow:
        values[mirrored, 0] *= -1  # what moved to the left now moves to the right
    if setup.shift_px:
        shifts = draws.integers(-setup.shift_px, setup.shift_px + 1, (len(values), 2))
        for place, (down, across) in enumerate(shifts.tolist()):
            values[place] = np.roll(values[place], (down, across), axis=(-2, -1))
    return values
