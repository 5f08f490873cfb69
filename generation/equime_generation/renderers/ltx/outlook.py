"""What a run with LTX-Video would cost on each kind of GPU, from its plans, settings and the model's dimensions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from equime_generation.renderers.ltx.campaign import CPU_S_PER_CLIP, Campaign
from equime_generation.renderers.ltx.conditioning import frames_of
from equime_generation.renderers.ltx.cost import Work, share_of_published
from equime_generation.renderers.ltx.families import FAMILIES, SIZES, Family, recognise
from equime_generation.renderers.ltx.gpus import BUS_BYTES_PER_S, GPUS, UTILISATION
from equime_generation.renderers.ltx.memory import predicted_peak
from equime_generation.renderers.ltx.sizes import TRANSFORMERS

if TYPE_CHECKING:
    from equime_builder.records import Plan
    from equime_generation.renderers.ltx.settings import LtxSettings

DEFAULT_FAMILY: Final = "2b-0.9.8-distilled"
"""Taken where no model is named, or its name does not tell."""
GPU_COLUMNS: Final = ("GPU", "preset", "batch", "peak GiB", "s a clip", "GPU-hours", "cores a GPU")


@dataclass(frozen=True, slots=True, kw_only=True)
class LtxOutlook:
    """A campaign and what was taken for granted about its model.

    Attributes:
        family: How the model is run.
        prompts: Different prompts, each encoded once.
    """

    campaign: Campaign
    family: Family
    prompts: int

    @property
    def cpu_s_per_clip(self) -> float:
        """Seconds of one processor core beside the GPU's."""
        return CPU_S_PER_CLIP[self.campaign.work.conditioning]

    @property
    def title(self) -> str:
        """Heading of the table of GPUs."""
        flops = self.campaign.flops()
        return (
            f"LTX-Video {self.family.name}, {self.campaign.work.conditioning}: {flops.total / 1e12:.0f} TFLOP a clip "
            f"(denoise {flops.denoise / 1e12:.0f}, decode {flops.decode / 1e12:.0f}, encode {flops.encode / 1e12:.0f}),"
            f" {share_of_published(self.campaign.work):.3f} of the published way"
        )

    def rows(self) -> list[tuple[str, ...]]:
        """Return a line a kind of GPU, see `GPU_COLUMNS`."""
        return [
            (name, found["preset"], *(str(found[key]) for key in ("batch_size", "peak_gib")), *_rounded(found))
            for name, found in self._on_gpus().items()
        ]

    def notes(self) -> list[str]:
        """Return what the table takes for granted."""
        return [
            f"predicted from the model's dimensions: {UTILISATION:.0%} of each GPU's dense bf16 peak, as an H100 "
            f"reached, offloaded weights at {BUS_BYTES_PER_S / 1e9:.0f} GB/s, full batches, each clip kept at its "
            "first attempt",
            f"model and {self.prompts} encoded prompts: {self.campaign.disk_bytes(self.prompts) / 1e9:.0f} GB of disk",
            "before a campaign, equime ltx survive tells whether the planned motion survives the model",
        ]

    def as_json(self) -> dict[str, Any]:
        """Return the same for programs."""
        flops = self.campaign.flops()
        stages = {stage: getattr(flops, stage) for stage in ("encode", "denoise", "decode", "total")}
        return {
            "family": self.family.name,
            "conditioning": self.campaign.work.conditioning,
            "clips": self.campaign.clips,
            "flops_per_clip": stages,
            "share_of_published": share_of_published(self.campaign.work),
            "disk_bytes": self.campaign.disk_bytes(self.prompts),
            "assumed": {"utilisation": UTILISATION, "bus_bytes_per_s": BUS_BYTES_PER_S},
            "gpus": self._on_gpus(),
        }

    def _on_gpus(self) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for gpu in GPUS.values():
            on = self.campaign.on(gpu)
            if on is None:
                continue
            peak = predicted_peak(on.preset, self.campaign.transformer, guided=self.family.guided)
            found[gpu.name] = {
                "preset": on.preset.name,
                "batch_size": on.preset.batch_size,
                "peak_gib": round(peak.gib, 1),
                "clip_s": on.clip_s,
                "gpu_hours": on.hours,
                "cores": on.cores,
            }
        return found


def _rounded(found: dict[str, Any]) -> tuple[str, str, str]:
    return f"{found['clip_s']:.2f}", f"{found['gpu_hours']:.1f}", f"{found['cores']:.1f}"


def ltx_outlook(settings: LtxSettings, plans: Sequence[Plan]) -> LtxOutlook:
    """Return what plans cost with the model that settings name; it is neither downloaded nor loaded.

    Raises:
        CheckpointError: The model is a folder or file of this machine, and no whole LTX-Video.
    """
    family, transformer = _model_of(settings)
    keyframes = Counter(len(frames_of("keyframes", plan)) - 1 for plan in plans)
    work = Work(
        size=TRANSFORMERS[transformer],
        steps=family.steps,
        guided=family.guided,
        conditioning=settings.conditioning,
        keyframes={count: number / len(plans) for count, number in keyframes.items()},
    )
    prompts = {plan.prompt for plan in plans} | ({plan.negative_prompt for plan in plans} if family.guided else set())
    return LtxOutlook(
        campaign=Campaign(clips=len(plans), transformer=transformer, work=work), family=family, prompts=len(prompts)
    )


def _model_of(settings: LtxSettings) -> tuple[Family, str]:
    """Return the family and the transformer's size: read where the model lies here, else told by its name."""
    if settings.model and Path(settings.model).expanduser().exists():
        from equime_generation.renderers.ltx.checkpoint import find_checkpoint

        found = find_checkpoint(settings)
        return found.family, SIZES.get(found.shape.layers, "2b")
    named = (recognise(settings.model, layers) for layers in SIZES)
    family = next((one for one in named if one is not None), FAMILIES[DEFAULT_FAMILY])
    return family, family.name.partition("-")[0]
