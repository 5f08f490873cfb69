"""CLIP-IQA through piq, where its weights are already on this machine.

Source: Wang, Chan & Loy, "Exploring CLIP for assessing the look and feel of images" (AAAI 2023).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from equime_builder.errors import need

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

LEAST_EDGE_PX: Final = 32
"""The network halves a picture five times."""


class ClipIqa:
    """piq's model, loaded once.

    Args:
        device: What PyTorch calls a device.
    """

    def __init__(self, device: str = "cpu") -> None:
        piq = need("piq", extra="metrics")
        self._device = device
        self._model: Any = piq.CLIPIQA(data_range=255.0).to(device)

    def score(self, picture: NDArray[np.uint8]) -> float | None:
        """Return the score of one frame, 0-1; ``None`` where it is too small for the network."""
        return self.scores([picture])[0]

    def scores(self, pictures: Sequence[NDArray[np.uint8]]) -> list[float | None]:
        """Return the scores of frames of one size: (H, W) grey ones as published, or (H, W, 3)."""
        import torch

        batch = np.stack(pictures)
        if min(batch.shape[1:3]) < LEAST_EDGE_PX:
            return [None] * len(pictures)
        batch = batch[:, None] if batch.ndim == 3 else batch.transpose(0, 3, 1, 2)
        with torch.inference_mode():
            found = self._model(torch.from_numpy(np.ascontiguousarray(batch)).float().to(self._device))
        return [float(value) for value in found.reshape(-1)]
