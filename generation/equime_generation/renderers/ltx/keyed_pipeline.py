"""diffusers' pipeline, but each clip of a batch may meet its pictures at frames of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import torch
from diffusers import LTXConditionPipeline

if TYPE_CHECKING:
    from collections.abc import Sequence

SHARED_FRAME: Final = 1
"""Frame to give in every `LTXVideoCondition` after the first; each clip's own frame takes its place."""


class KeyedPipeline(LTXConditionPipeline):  # type: ignore[misc]
    """`diffusers.LTXConditionPipeline` with keyframes clip by clip.

    To the transformer, a picture after frame 0 is tokens in front of the clip's, whose only tie to time is their
    rotary position. diffusers gives all clips of a batch the same; here the difference is added to it, clip by clip.
    """

    _frames: torch.Tensor | None = None

    def meet(self, frames: Sequence[Sequence[int]]) -> None:
        """Set where the clips of the next batches meet their pictures after frame 0.

        Args:
            frames: For each clip as many frames as conditions with `SHARED_FRAME` are given.
        """
        self._frames = torch.tensor(frames, dtype=torch.int64)

    def prepare_latents(self, *args: Any, **kwargs: Any) -> tuple[torch.Tensor, Any, torch.Tensor, int]:
        """Return latents, conditioning mask, coordinates and the number of tokens in front, as the stock pipeline."""
        latents, mask, coordinates, extra = super().prepare_latents(*args, **kwargs)
        if extra and self._frames is not None:
            shift = (self._frames - SHARED_FRAME).to(coordinates.device)
            coordinates[:, 0, :extra] += shift.repeat_interleave(extra // shift.shape[1], dim=1)
        self._rest_vae()
        return latents, mask, coordinates, extra

    def _rest_vae(self) -> None:
        """Under model offloading, take the VAE off the device again: the transformer's turn would leave it there."""
        for hook in getattr(self, "_all_hooks", ()):
            if getattr(hook, "model", None) is self.vae:
                hook.offload()
