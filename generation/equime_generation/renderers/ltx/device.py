"""On what a model runs, and how it is laid out in its memory."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from equime_generation.renderers.ltx.families import SIZES
from equime_generation.renderers.ltx.faults import DeviceError
from equime_generation.renderers.ltx.memory import GIB, MemoryPreset, choose_preset, need_gib, preset_named
from equime_generation.renderers.ltx.sizes import TRANSFORMERS, TransformerSize

if TYPE_CHECKING:
    from equime_generation.renderers.ltx.checkpoint import Checkpoint
    from equime_generation.renderers.ltx.settings import LtxSettings

TINY_PARAMETERS: Final = 100_000_000
"""A transformer with fewer can be tried out on a processor."""

_ON_PROCESSOR: Final = MemoryPreset(name="cpu", memory_gib=0, batch_size=1, dtype="float32", text_on_gpu=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a model runs.

    Attributes:
        device: ``cuda`` or ``cpu``.
        preset: How it is laid out there, the batch size as resolved.
    """

    device: str
    preset: MemoryPreset


def place_for(checkpoint: Checkpoint, settings: LtxSettings) -> Place:
    """Choose the device and the memory preset.

    Raises:
        DeviceError: There is no GPU, or it has too little memory for the preset.
        UsageError: Not even the smallest preset fits into the free memory.
    """
    device = _device(checkpoint, settings.device)
    preset = _preset(checkpoint, settings.memory, device)
    if device == "cpu":
        preset = replace(preset, dtype="float32", text_on_gpu=False)
    return Place(device=device, preset=replace(preset, batch_size=settings.batch_size or preset.batch_size))


def what_fits() -> str:
    """Return the GPU of this machine in words, with the memory preset that ``auto`` takes for each transformer.

    Raises:
        DeviceError: There is none that torch can use.
        UsageError: Not even the smallest preset fits into the free memory.
    """
    import torch

    if not torch.cuda.is_available():
        raise DeviceError(
            "torch finds no NVIDIA GPU, so --renderer ltx runs on another machine; --renderer warp needs none"
        )
    free_gib = _free_gib()
    chosen = {name: choose_preset(free_gib, name) for name in TRANSFORMERS}
    presets = ", ".join(f"{name}: {preset.name} (batch {preset.batch_size})" for name, preset in chosen.items())
    return f"{device_name('cuda')}, {free_gib:.1f} GiB free; memory preset {presets}"


def device_name(device: str) -> str:
    """Return the name that a device has for its maker; ``cpu`` for the processor."""
    import torch

    return device if device == "cpu" else torch.cuda.get_device_name()


def is_tiny(checkpoint: Checkpoint) -> bool:
    """Return whether a checkpoint is small enough to try things out with on a processor."""
    shape = checkpoint.shape
    size = TransformerSize(layers=shape.layers, width=shape.width, channels=shape.channels)
    return size.parameters < TINY_PARAMETERS


def _device(checkpoint: Checkpoint, wanted: str) -> str:
    import torch

    if wanted == "cpu" or torch.cuda.is_available():
        return "cpu" if wanted == "cpu" else "cuda"
    if wanted == "auto" and is_tiny(checkpoint):
        return "cpu"
    raise DeviceError(
        f"{checkpoint.model} needs a GPU, and torch.cuda.is_available() is False; run it on a machine with an NVIDIA "
        "GPU and a CUDA build of torch, try --device cpu (hours a clip), or use --renderer warp"
    )


def _preset(checkpoint: Checkpoint, wanted: str, device: str) -> MemoryPreset:
    transformer = SIZES.get(checkpoint.shape.layers, "2b")
    if device == "cpu":
        return _ON_PROCESSOR if wanted == "auto" else preset_named(wanted, transformer)
    free_gib = _free_gib()
    if wanted == "auto":
        return choose_preset(free_gib, transformer)
    preset = preset_named(wanted, transformer)
    if not is_tiny(checkpoint) and need_gib(preset, transformer) > free_gib:
        raise DeviceError(
            f"memory preset {wanted} needs {need_gib(preset, transformer):.1f} GiB for {checkpoint.model}, and "
            f"{free_gib:.1f} GiB are free; choose a smaller one, or --memory auto"
        )
    return preset


def _free_gib() -> float:
    import torch

    free_bytes, _ = torch.cuda.mem_get_info()
    return float(free_bytes) / GIB
