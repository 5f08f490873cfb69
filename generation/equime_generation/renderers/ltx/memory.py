"""How LTX-Video is laid out in the memory of a GPU: presets, what each is predicted to need, and which one fits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from equime_builder.errors import UsageError, choose
from equime_generation.renderers.ltx.sizes import (
    PROMPT_TOKENS,
    PROMPT_WIDTH,
    TEXT_ENCODER_PARAMETERS,
    VAE_PARAMETERS,
    Grid,
    TransformerSize,
    transformer_size,
)

GIB: Final = 2**30
SPARE: Final = 0.1
"""Share of a GPU's memory that a preset leaves alone."""
OFFLOADS: Final[tuple[str, ...]] = ("none", "model", "group")
EXTRA_KEYFRAMES: Final = 2
"""Conditioning pictures after frame 0 that the predictions count with: the apex and the end."""

_CONTEXT_GIB: Final = 0.6  # CUDA's context and the kernels loaded into it
_WORKSPACE_GIB: Final = 0.5  # cuBLAS and cuDNN
_BF16: Final = 2
_FP8: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryPreset:
    """How a pipeline is laid out on a GPU.

    Attributes:
        name: Name in `PRESETS`.
        memory_gib: Memory of the GPUs that it is meant for.
        batch_size: Clips denoised together.
        layerwise_fp8: Whether the transformer's weights are kept as fp8 and widened layer by layer.
        framewise: Frames decoded at a time and the stride between their starts; ``None`` = all at once.
        offload: ``none``, ``model`` (only the part at work is on the GPU) or ``group`` (only the block at work).
        dtype: Type of weights and activations.
        text_on_gpu: Whether prompts are encoded on the GPU, alone, before anything else is loaded there.
    """

    name: str
    memory_gib: float
    batch_size: int
    layerwise_fp8: bool = False
    framewise: tuple[int, int] | None = None
    offload: str = "none"
    dtype: str = "bfloat16"
    text_on_gpu: bool = True

    def __post_init__(self) -> None:
        choose("offload", self.offload, OFFLOADS)


_SHORT: Final = (48, 40)

PRESETS: Final[dict[str, MemoryPreset]] = {
    "8gb": MemoryPreset(name="8gb", memory_gib=8, batch_size=1, framewise=_SHORT, offload="model", text_on_gpu=False),
    "16gb": MemoryPreset(name="16gb", memory_gib=16, batch_size=4),
    "24gb": MemoryPreset(name="24gb", memory_gib=24, batch_size=8),
    "80gb": MemoryPreset(name="80gb", memory_gib=80, batch_size=16),
}
"""For the 2B transformer."""

PRESETS_13B: Final[dict[str, MemoryPreset]] = {
    "8gb": MemoryPreset(
        name="8gb", memory_gib=8, batch_size=1, layerwise_fp8=True, framewise=_SHORT, offload="group", text_on_gpu=False
    ),
    "16gb": MemoryPreset(
        name="16gb", memory_gib=16, batch_size=2, layerwise_fp8=True, framewise=_SHORT, offload="group"
    ),
    "24gb": MemoryPreset(name="24gb", memory_gib=24, batch_size=2, layerwise_fp8=True, framewise=_SHORT),
    "80gb": MemoryPreset(name="80gb", memory_gib=80, batch_size=8),
}
"""For the 13B transformer: up to 16 GB its blocks come over the bus one by one, at every step."""

_PRESETS_OF: Final[dict[str, dict[str, MemoryPreset]]] = {"2b": PRESETS, "13b": PRESETS_13B}


@dataclass(frozen=True, slots=True, kw_only=True)
class Peak:
    """Predicted memory at the fullest moment of each stage, in GiB, context and workspace included.

    Attributes:
        prompts: While prompts are encoded; 0 where the processor does it.
        denoise: In the transformer's blocks.
        decode: In the VAE's last stage, one clip at a time.
        encode: While guide videos are encoded one by one, and the batch's others wait; pictures need less.
    """

    prompts: float
    denoise: float
    decode: float
    encode: float

    @property
    def gib(self) -> float:
        """The fullest moment of all."""
        return max(self.prompts, self.denoise, self.decode, self.encode)


def presets_for(transformer: str = "2b") -> dict[str, MemoryPreset]:
    """Return the presets of a transformer, smallest first.

    Args:
        transformer: Name in `equime_generation.renderers.ltx.sizes.TRANSFORMERS`.
    """
    choose("transformer", transformer, tuple(_PRESETS_OF))
    return _PRESETS_OF[transformer]


def preset_named(name: str, transformer: str = "2b") -> MemoryPreset:
    """Return a preset by its name."""
    presets = presets_for(transformer)
    choose("memory preset", name, tuple(presets))
    return presets[name]


def choose_preset(free_gib: float, transformer: str = "2b") -> MemoryPreset:
    """Return the largest preset that is meant for so much memory; below all of them the smallest, where it fits.

    Args:
        free_gib: What `torch.cuda.mem_get_info` reports as free, in GiB.
        transformer: Name in `equime_generation.renderers.ltx.sizes.TRANSFORMERS`.

    Raises:
        UsageError: Not even the smallest fits.
    """
    presets = list(presets_for(transformer).values())
    meant = [preset for preset in presets if preset.memory_gib * (1 - SPARE) <= free_gib]
    if meant:
        return meant[-1]
    if need_gib(presets[0], transformer) <= free_gib:
        return presets[0]
    raise UsageError(
        f"LTX-Video {transformer} needs at least {need_gib(presets[0], transformer):.1f} GiB of free GPU memory, got "
        f"{free_gib:.1f} GiB; close what else uses the GPU (nvidia-smi lists it), or render with --renderer warp"
    )


def need_gib(preset: MemoryPreset, transformer: str = "2b") -> float:
    """Return the free memory that a preset asks for: its predicted peak and a tenth to spare."""
    return predicted_peak(preset, transformer).gib / (1 - SPARE)


def predicted_peak(
    preset: MemoryPreset,
    transformer: str = "2b",
    *,
    grid: Grid | None = None,
    extra_keyframes: int = EXTRA_KEYFRAMES,
    guided: bool = False,
) -> Peak:
    """Predict the memory of each stage, from the parts' dimensions; on an H100 those of 2B from 16gb stayed below.

    Args:
        transformer: Name in `equime_generation.renderers.ltx.sizes.TRANSFORMERS`.
        grid: Size of the clip; ``None`` = 512 x 512, 145 frames.
        extra_keyframes: Conditioning pictures after frame 0.
        guided: Whether each clip is denoised twice at once, with the prompt and with the negative prompt.
    """
    grid = grid or Grid()
    size = transformer_size(transformer)
    batch_size = preset.batch_size * (2 if guided else 1)
    weights, at_work = _transformer_bytes(preset, size)
    vae = VAE_PARAMETERS * _BF16
    beside = 0 if preset.offload == "model" else vae
    standing = vae + (0 if preset.offload == "model" else weights)
    # guide videos stay on the device until their clips are denoised; keyframes are more tokens instead
    videos = preset.batch_size * grid.pixels * _PICTURE_BYTES_PER_PIXEL
    guide, keyframes = (batch_size * grid.tokens(extra) * _token_bytes(size) for extra in (0, extra_keyframes))
    return Peak(
        prompts=_stage(TEXT_ENCODER_PARAMETERS * _BF16) if preset.text_on_gpu else 0.0,
        denoise=_stage(weights + at_work + beside + max(keyframes, guide + videos) + batch_size * _PROMPT_BYTES),
        decode=_stage(standing + _vae_bytes(grid, preset.framewise, _DECODE_BYTES_PER_PIXEL)),
        encode=_stage(standing + _vae_bytes(grid, preset.framewise, _ENCODE_BYTES_PER_PIXEL) + videos),
    )


_PROMPT_BYTES: Final = PROMPT_TOKENS * PROMPT_WIDTH * _BF16

# Fullest moment of the VAE of 0.9.5 in bf16, from the tensors alive while it ran on torch's meta device: a decoded
# clip of 512 x 512 and 145 frames holds 3.59 GiB, an encoded one 4.18 GiB.
_DECODE_BYTES_PER_PIXEL: Final = 102
_ENCODE_BYTES_PER_PIXEL: Final = 118
_PICTURE_BYTES_PER_PIXEL: Final = 3 * _BF16

# In a block's self-attention: six modulations a token and their sums (12 widths), rotations (4, as fp32), hidden state
# and its norm (2), query, key and value (3), and one of them rotated in fp32 (8), rounded up to what tensors alive on
# torch's meta device gave; the feed-forward (10) comes later and holds less. No score matrix: the fused kernels
# of scaled_dot_product_attention make none.
_WIDTHS_PER_TOKEN: Final = 32


def _token_bytes(size: TransformerSize) -> int:
    return _WIDTHS_PER_TOKEN * size.width * _BF16


def _transformer_bytes(preset: MemoryPreset, size: TransformerSize) -> tuple[float, float]:
    """Return what of the transformer stands on the GPU, and what its layer at work adds."""
    each = _FP8 if preset.layerwise_fp8 else _BF16
    weights = size.parameters * each
    widened = 4 * size.width * size.width * _BF16 if preset.layerwise_fp8 else 0
    if preset.offload != "group":
        return weights, widened
    block = weights / size.layers
    return 0.0, 2 * block + widened


def _vae_bytes(grid: Grid, framewise: tuple[int, int] | None, bytes_per_pixel: int) -> float:
    """Return the activations of the VAE: those of one span of frames, and the spans that wait to be blended."""
    area = grid.height_px * grid.width_px
    if framewise is None or framewise[0] >= grid.frames:
        return bytes_per_pixel * grid.pixels
    span, stride = framewise
    waiting = grid.frames * span / stride
    return area * (bytes_per_pixel * (span + 1) + _PICTURE_BYTES_PER_PIXEL * waiting)


def _stage(tensors_bytes: float) -> float:
    return tensors_bytes / GIB + _CONTEXT_GIB + _WORKSPACE_GIB
