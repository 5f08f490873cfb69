"""What makes a pipeline smaller or faster; each can fail to be had, and then says so instead of pretending."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from equime_generation.renderers.ltx.device import Place
    from equime_generation.renderers.ltx.keyed_pipeline import KeyedPipeline
    from equime_generation.renderers.ltx.settings import LtxSettings

_KERNEL_PACKAGES: Final[dict[str, str]] = {
    "flash": "flash_attn",
    "_flash_3": "flash_attn_interface",
    "sage": "sageattention",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What was asked for and can be had here.

    Attributes:
        attention: Kernel of the self-attention.
        compile: Whether the transformer's blocks are compiled.
        channels_last: Whether the VAE keeps its channels last in memory.
        fp8: Whether the transformer's weights are stored as fp8.
        offload: ``none``, ``model`` or ``group``.
        notes: What was asked for and cannot be had, one sentence each.
    """

    attention: str
    compile: bool
    channels_last: bool
    fp8: bool
    offload: str
    notes: tuple[str, ...]


def options_for(place: Place, settings: LtxSettings) -> Options:
    """Find out what of the settings and of the memory preset can be had, before a weight is loaded."""
    preset = place.preset
    no_kernel = _why_no_kernel(place.device, settings.attention)
    no_compiler = _why_no_compiler(place) if settings.compile else ""
    no_offload = preset.offload != "none" and place.device == "cpu"
    notes = (
        no_kernel and f"attention kernel {settings.attention} {no_kernel}; native is used",
        no_compiler and f"blocks run uncompiled: {no_compiler}",
        no_offload and f"offload {preset.offload} is left out: there is no GPU whose memory it would free",
    )
    return Options(
        attention="native" if no_kernel else settings.attention,
        compile=settings.compile and not no_compiler,
        channels_last=settings.channels_last,
        fp8=preset.layerwise_fp8,
        offload="none" if no_offload else preset.offload,
        notes=tuple(note for note in notes if note),
    )


def lay_out(pipeline: KeyedPipeline, place: Place, options: Options) -> None:
    """Put a pipeline on its device, as small and as fast as the options say."""
    import torch

    transformer, vae = pipeline.transformer, pipeline.vae
    if options.fp8:
        transformer.enable_layerwise_casting(storage_dtype=torch.float8_e4m3fn, compute_dtype=transformer.dtype)
    if place.preset.framewise is not None:
        vae.use_framewise_decoding = True
        vae.tile_sample_min_num_frames, vae.tile_sample_stride_num_frames = place.preset.framewise
    if options.channels_last:
        vae.to(memory_format=torch.channels_last_3d)
    if options.attention != "native":
        _attend(pipeline, options.attention)
    if options.offload == "model":
        pipeline.enable_model_cpu_offload(device=place.device)
    elif options.offload == "group":
        _offload_blocks(pipeline, place.device)
    else:
        pipeline.to(place.device)
    if options.compile:
        transformer.compile_repeated_blocks(fullgraph=True)


def _attend(pipeline: KeyedPipeline, kernel: str) -> None:
    """Set the kernel of self-attention alone: cross-attention has a mask, which these kernels refuse."""
    for block in pipeline.transformer.transformer_blocks:
        block.attn1.set_attention_backend(kernel)


def _offload_blocks(pipeline: KeyedPipeline, device: str) -> None:
    import torch

    pipeline.transformer.enable_group_offload(
        onload_device=torch.device(device),
        offload_device=torch.device("cpu"),
        offload_type="block_level",
        num_blocks_per_group=1,
        use_stream=True,
    )
    pipeline.vae.to(device)


def _why_no_kernel(device: str, kernel: str) -> str:
    if kernel == "native":
        return ""
    if device == "cpu":
        return "needs a GPU"
    package = _KERNEL_PACKAGES[kernel]
    return "" if importlib.util.find_spec(package) else f"needs the package {package}"


def _why_no_compiler(place: Place) -> str:
    """Return why blocks cannot be compiled here, found out on a trivial function; empty = they can."""
    import torch
    from torch._dynamo.exc import TorchDynamoException

    if place.preset.offload == "group":
        return "compile does not go with offload group"
    try:
        torch.compile(lambda value: value + 1)(torch.zeros(2, device=place.device))
    except (TorchDynamoException, RuntimeError) as error:
        return (" ".join(str(error).split()) or type(error).__name__)[:160]
    return ""
