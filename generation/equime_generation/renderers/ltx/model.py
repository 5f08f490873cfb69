"""From pictures and prompts to frames: batches of a fixed size, and for each clip random numbers of its own."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import numpy as np
import torch
from diffusers.pipelines.ltx.pipeline_ltx_condition import LTXVideoCondition
from diffusers.utils.torch_utils import randn_tensor

from equime_builder.records import FPS, FRAMES
from equime_generation.renderers.ltx.conditioning import ASKED_FRAMES
from equime_generation.renderers.ltx.embeddings import PromptCache, cache_folder
from equime_generation.renderers.ltx.faults import OutOfMemory
from equime_generation.renderers.ltx.keyed_pipeline import SHARED_FRAME
from equime_generation.renderers.ltx.levels import LevelProcessor
from equime_generation.renderers.ltx.loading import load_pipeline, load_text
from equime_generation.renderers.ltx.options import lay_out

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from equime_generation.renderers.ltx.checkpoint import Checkpoint
    from equime_generation.renderers.ltx.device import Place
    from equime_generation.renderers.ltx.keyed_pipeline import KeyedPipeline
    from equime_generation.renderers.ltx.options import Options
    from equime_generation.renderers.ltx.request import Request

_NO_MEMORY: Final = "can't allocate memory"


class LtxModel:
    """A checkpoint at work; loaded when the first batch comes, after the text encoder is gone.

    Args:
        checkpoint: Which.
        place: Where, and in which batches.
        options: What makes it smaller or faster.
        guide_strength: How firmly a guide is held to, (0, 1].
    """

    def __init__(self, checkpoint: Checkpoint, place: Place, options: Options, *, guide_strength: float) -> None:
        self.checkpoint = checkpoint
        self.place = place
        self._options = options
        self._guide_strength = guide_strength
        self._family = checkpoint.family
        self._dtype = getattr(torch, place.preset.dtype)
        self._text_device = place.device if place.preset.text_on_gpu else "cpu"
        self._pipeline: KeyedPipeline | None = None
        self._prompts = PromptCache(
            folder=cache_folder() / "prompts",
            encoder=f"{checkpoint.text_identity}/{self._text_device}",
            max_length=self._family.max_sequence_length,
            width=checkpoint.shape.caption_channels,
            dtype=place.preset.dtype,
        )

    @property
    def batch_size(self) -> int:
        """Clips computed together; smaller batches are filled up."""
        return self.place.preset.batch_size

    @property
    def guided(self) -> bool:
        """Whether negative prompts have an effect."""
        return self._family.guided

    @torch.no_grad()
    def know(self, prompts: Iterable[str]) -> None:
        """Encode the prompts that are not in the cache; if all are, the text encoder is not even loaded."""
        missing = self._prompts.missing(prompts)
        if not missing:
            return
        if self._text_device != "cpu":
            # The text encoder needs the GPU for itself.
            self._pipeline = None
            _free()
        tokenizer, encoder = load_text(self.checkpoint.folder, self._dtype)
        encoder.to(self._text_device)
        for prompt in missing:
            # One by one and padded, so that an embedding does not depend on what else is encoded.
            tokens = tokenizer(
                prompt,
                padding="max_length",
                max_length=self._family.max_sequence_length,
                truncation=True,
                return_tensors="pt",
            ).to(self._text_device)
            embeds = encoder(tokens.input_ids, attention_mask=tokens.attention_mask)[0][0]
            self._prompts.write(prompt, embeds[: int(tokens.attention_mask.sum())])
        del tokenizer, encoder
        _free()

    def sample(self, requests: Sequence[Request]) -> Iterator[NDArray[np.uint8]]:
        """Yield the frames of each request in order.

        A clip's bytes depend on its request and on the batch size alone.

        Args:
            requests: At most `batch_size`, all with as many pictures, their prompts known.

        Yields:
            (144, H, W, 3) uint8 RGB.

        Raises:
            OutOfMemory: The device's memory is too small for the batch.
        """
        filled = [*requests, *[requests[0]] * (self.batch_size - len(requests))]
        generators = [torch.Generator("cpu").manual_seed(request.seed) for request in filled]
        with self._watching_memory():
            latents = self._denoise(filled, generators)
        for number in range(len(requests)):
            with self._watching_memory():
                frames = self.decode(latents[number : number + 1], generators[number])
            yield frames

    @torch.no_grad()
    def decode(self, latents: torch.Tensor, generator: torch.Generator) -> NDArray[np.uint8]:
        """Return the frames of one clip.

        Args:
            latents: (1, channels, 19, H / 32, W / 32), normalised as the transformer has them.
            generator: Of the clip.

        Returns:
            (144, H, W, 3) uint8 RGB.
        """
        pipeline, family = self.pipeline, self._family
        vae = pipeline.vae
        latents = pipeline._denormalize_latents(
            latents, vae.latents_mean, vae.latents_std, vae.config.scaling_factor
        ).to(vae.dtype)
        time = None
        if vae.config.timestep_conditioning:
            time = torch.tensor([family.decode_timestep], device=latents.device, dtype=latents.dtype)
            noise = randn_tensor(latents.shape, generator=generator, device=latents.device, dtype=latents.dtype)
            latents = torch.lerp(latents, noise, family.decode_noise_scale)
        made = vae.decode(latents, time, return_dict=False)[0][0, :, :FRAMES]
        levels = made.float().mul_(127.5).add_(127.5).round_().clamp_(0, 255).to(torch.uint8)
        # put in order before they leave the device: one core of the processor would take longer than the way
        return np.asarray(levels.permute(1, 2, 3, 0).contiguous().cpu().numpy())

    @property
    def pipeline(self) -> KeyedPipeline:
        """The pipeline on its device, loaded where it is not yet."""
        if self._pipeline is None:
            self._pipeline = load_pipeline(self.checkpoint, self._dtype)
            lay_out(self._pipeline, self.place, self._options)
            self._pipeline.video_processor = LevelProcessor(self.place.device, self._dtype)
        return self._pipeline

    def _denoise(self, filled: Sequence[Request], generators: list[torch.Generator]) -> torch.Tensor:
        pipeline, family = self.pipeline, self._family
        height, width = filled[0].conditioning.pictures.shape[1:3]
        pipeline.scheduler.generators = generators
        found = pipeline(
            conditions=self._conditions(filled),
            **self._embeds(filled),
            height=height,
            width=width,
            num_frames=ASKED_FRAMES,
            frame_rate=FPS,
            timesteps=list(family.timesteps),
            guidance_scale=family.guidance_scale,
            guidance_rescale=family.guidance_rescale,
            image_cond_noise_scale=family.image_cond_noise_scale,
            generator=generators,
            output_type="latent",
        )
        latents: torch.Tensor = found.frames
        return latents

    def _conditions(self, filled: Sequence[Request]) -> list[LTXVideoCondition]:
        shown = [request.conditioning for request in filled]
        # levels, which `LevelProcessor` turns into values
        clips = [torch.from_numpy(one.pictures).permute(0, 3, 1, 2) for one in shown]
        if shown[0].guide:
            return [LTXVideoCondition(video=clips, frame_index=0, strength=self._guide_strength)]
        self.pipeline.meet([one.frames[1:] for one in shown])
        frames = (0, *[SHARED_FRAME] * shown[0].later)
        return [
            LTXVideoCondition(image=torch.stack([clip[number] for clip in clips]), frame_index=at)
            for number, at in enumerate(frames)
        ]

    def _embeds(self, filled: Sequence[Request]) -> dict[str, torch.Tensor]:
        embeds, mask = self._padded([request.prompt for request in filled])
        found = {"prompt_embeds": embeds, "prompt_attention_mask": mask}
        if self.guided:
            embeds, mask = self._padded([request.negative_prompt for request in filled])
            found |= {"negative_prompt_embeds": embeds, "negative_prompt_attention_mask": mask}
        return found

    def _padded(self, prompts: Sequence[str]) -> tuple[torch.Tensor, torch.Tensor]:
        embeds, masks = zip(*[self._prompts.read(prompt) for prompt in prompts], strict=True)
        return torch.stack(embeds).to(self.place.device), torch.stack(masks).to(self.place.device)

    @contextmanager
    def _watching_memory(self) -> Iterator[None]:
        try:
            yield
        except RuntimeError as error:
            if not isinstance(error, torch.OutOfMemoryError) and _NO_MEMORY not in str(error):
                raise
            detail = str(error).partition(". ")[0]
            _free()
            raise OutOfMemory(self.batch_size, detail) from None


def _free() -> None:
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
