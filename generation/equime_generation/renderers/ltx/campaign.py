"""What a campaign of many clips asks of GPUs, processor cores and disks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from equime_generation.renderers.ltx.cost import ClipFlops, Work, clip_flops
from equime_generation.renderers.ltx.gpus import BUS_BYTES_PER_S, UTILISATION, Gpu
from equime_generation.renderers.ltx.memory import MemoryPreset, presets_for
from equime_generation.renderers.ltx.sizes import TEXT_ENCODER_PARAMETERS, TRANSFORMERS, VAE_PARAMETERS

CPU_S_PER_CLIP: Final[dict[str, float]] = {"keyframes": 1.8, "guide": 2.6, "text": 1.8}
"""Seconds of one core to paint the conditioning, encode and measure a clip: 1.4 for x264 and .4 to measure by
``make bench ONLY=ltx`` on the machine where they were measured, the rest for painting; others differ."""
PROMPT_BYTES: Final = 2 * 256 * 4096
"""Of one encoded prompt in the cache: 256 tokens of 4096 values in bf16."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnGpu:
    """A campaign on one kind of GPU.

    Attributes:
        preset: Memory preset that a GPU of this kind takes.
        clip_s: Seconds of the GPU for one clip.
        hours: GPU-hours of all clips; as many GPUs share them evenly.
        cores: Processor cores that keep one GPU busy.
    """

    gpu: Gpu
    preset: MemoryPreset
    clip_s: float
    hours: float
    cores: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """Many clips of one kind of work.

    Attributes:
        clips: Number of clips, each taken to pass at its first attempt.
        transformer: Name in `equime_generation.renderers.ltx.sizes.TRANSFORMERS`, which decides the memory presets.
        work: Of each clip; how the VAE is cut is the memory preset's.
    """

    clips: int
    transformer: str
    work: Work

    def preset_of(self, gpu: Gpu) -> MemoryPreset | None:
        """Return the largest memory preset that is meant for such a GPU, or ``None``."""
        fitting = [preset for preset in presets_for(self.transformer).values() if preset.memory_gib <= gpu.memory_gib]
        return fitting[-1] if fitting else None

    def flops(self, preset: MemoryPreset | None = None) -> ClipFlops:
        """Return the operations of one clip, with the VAE cut as a preset does."""
        return clip_flops(replace(self.work, framewise=preset.framewise if preset else None))

    def on(self, gpu: Gpu) -> OnGpu | None:
        """Return the campaign on a kind of GPU; ``None`` where the model does not fit."""
        preset = self.preset_of(gpu)
        if preset is None:
            return None
        clip_s = self._clip_s(gpu, preset)
        return OnGpu(
            gpu=gpu,
            preset=preset,
            clip_s=clip_s,
            hours=clip_s * self.clips / 3600,
            cores=CPU_S_PER_CLIP[self.work.conditioning] / clip_s,
        )

    def _clip_s(self, gpu: Gpu, preset: MemoryPreset) -> float:
        compute_s = self.flops(preset).total / (UTILISATION * gpu.peak_tflops * 1e12)
        weights = self.work.size.parameters * (1 if preset.layerwise_fp8 else 2)
        if preset.offload == "group":
            # the next block comes while the last one works, at each call for the whole batch
            return max(compute_s, self.work.steps * weights / preset.batch_size / BUS_BYTES_PER_S)
        if preset.offload == "model":
            vae = 2 * 2 * VAE_PARAMETERS  # bf16; once to encode, once to decode
            return compute_s + (weights + vae) / preset.batch_size / BUS_BYTES_PER_S
        return compute_s

    def disk_bytes(self, prompts: int) -> int:
        """Return the bytes of the checkpoint, with its text encoder, and of the cached prompts; clips left out."""
        checkpoint = 2 * (self.work.size.parameters + VAE_PARAMETERS + TEXT_ENCODER_PARAMETERS)
        return checkpoint + prompts * PROMPT_BYTES


def campaign(clips: int, *, transformer: str = "2b", work: Work | None = None) -> Campaign:
    """Return a campaign of a transformer by its name, with 8 steps and plain keyframes unless ``work`` says else."""
    return Campaign(clips=clips, transformer=transformer, work=work or Work(size=TRANSFORMERS[transformer]))
