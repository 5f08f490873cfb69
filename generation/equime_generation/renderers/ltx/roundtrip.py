"""Clips of the warp renderer, sent through a model's VAE and back: the best that the model could ever do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from equime_generation.renderers.ltx.opening import open_model
from equime_generation.renderers.warp.render import WarpRenderer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from equime_generation.renderers import Clip, Job
    from equime_generation.renderers.ltx.model import LtxModel
    from equime_generation.renderers.ltx.settings import LtxSettings

Through = Callable[["NDArray[np.uint8]", int], "NDArray[np.uint8]"]
"""Takes (144, H, W, 3) uint8 RGB and a seed, and returns as much."""


class RoundTrip:
    """A renderer whose clips went through something that should leave them as they are.

    Args:
        through: What they go through.
        model: Name of the checkpoint.
    """

    batch_size = 1
    model_revision = None
    shape: Mapping[str, object] = {}

    def __init__(self, through: Through, model: str | None = None) -> None:
        self._through = through
        self.model = model

    def render(self, jobs: Iterable[Job]) -> Iterator[Clip]:
        """Yield one clip a job, in order; its truth is that of the clip before."""
        for clip in WarpRenderer().render(jobs):
            yield replace(clip, frames=self._through(clip.frames, clip.plan.seed))


def open_round_trip(settings: LtxSettings) -> RoundTrip:
    """Return the round trip through the VAE of a checkpoint, decoded as it is when it renders.

    Raises:
        UsageError: The settings name no model, or a moving revision of one.
        CheckpointError: The checkpoint is missing, broken, unsafe or of another family.
        DeviceError: There is no GPU, or it has too little memory.
        MissingExtraError: torch, diffusers or transformers are not installed.
    """
    opened = open_model(settings)
    return RoundTrip(lambda frames, seed: through_vae(opened.model, frames, seed), opened.checkpoint.model)


def through_vae(model: LtxModel, frames: NDArray[np.uint8], seed: int) -> NDArray[np.uint8]:
    """Encode and decode a clip.

    Args:
        model: Whose VAE, decoded with the noise that its family asks for.
        frames: (144, H, W, 3) uint8 RGB; height and width multiples of 32.
        seed: Of that noise.

    Returns:
        (144, H, W, 3) uint8 RGB.

    Raises:
        OutOfMemory: The device's memory is too small for one clip.
    """
    import torch

    from equime_generation.renderers.ltx.conditioning import ASKED_FRAMES
    from equime_generation.renderers.ltx.faults import OutOfMemory

    pipeline = model.pipeline
    vae = pipeline.vae
    last = np.repeat(frames[-1:], ASKED_FRAMES - len(frames), axis=0)
    levels = torch.from_numpy(np.concatenate([frames, last])).to(model.place.device)
    clip = levels.permute(3, 0, 1, 2)[None].to(vae.dtype).div_(127.5).sub_(1)
    try:
        with torch.no_grad():
            latents = vae.encode(clip).latent_dist.mode()
            latents = pipeline._normalize_latents(latents, vae.latents_mean, vae.latents_std)
            return model.decode(latents, torch.Generator("cpu").manual_seed(seed))
    except torch.OutOfMemoryError as error:
        raise OutOfMemory(1, str(error).partition(". ")[0]) from None
