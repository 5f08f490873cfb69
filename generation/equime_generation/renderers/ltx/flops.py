"""How many floating-point operations LTX-Video's parts take, counted from their dimensions.

Only products of matrices, convolutions and attention count, a multiplication and an addition as two, which is also what
`torch.utils.flop_counter.FlopCounterMode` counts; sums, norms and activations are left out by both.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from equime_generation.renderers.ltx.sizes import (
    FRAMES_PER_LATENT,
    PIXELS_PER_TOKEN,
    PROMPT_TOKENS,
    PROMPT_WIDTH,
    Grid,
    TransformerSize,
)

_CUBE: Final = 27  # kernels of the VAE are 3 x 3 x 3
_TIME_WIDTH: Final = 256
_PATCH_PX: Final = 4
_PATCH_CHANNELS: Final = 48
_LATENT_CHANNELS: Final = 128

_ENCODER_STAGES: Final = (
    # channels, residual blocks, what then halves: (frames, pixels)
    (128, 4, (1, 2)),
    (256, 6, (2, 1)),
    (512, 6, (2, 2)),
    (1024, 2, (2, 2)),
    (2048, 2, None),
)
_DECODER_STAGES: Final = ((1024, 5), (512, 5), (256, 5), (128, 5))
"""Configuration of `diffusers.AutoencoderKLLTXVideo` for 0.9.5 and later, after diffusers'
scripts/convert_ltx_to_diffusers.py."""


def transformer_flops(size: TransformerSize, tokens: int, *, prompt_tokens: int = PROMPT_TOKENS) -> int:
    """Return the operations of one call of the transformer for one clip.

    Each token carries its own time, as `diffusers.LTXConditionPipeline` gives it.

    Args:
        tokens: Of the clip and of its extra keyframes, see `Grid.tokens`.
        prompt_tokens: Of the prompt, padding included.
    """
    width = size.width
    square = width * width
    own = 4 * 2 * tokens * square + 4 * tokens * tokens * width
    cross = 2 * 2 * (tokens + prompt_tokens) * square + 4 * tokens * prompt_tokens * width
    feed_forward = 16 * tokens * square
    ends = 2 * 2 * tokens * size.channels * width
    time = 2 * tokens * (_TIME_WIDTH * width + square + 6 * square)
    prompt = 2 * prompt_tokens * (PROMPT_WIDTH * width + square)
    return size.layers * (own + cross + feed_forward) + ends + time + prompt


def text_flops(prompt_tokens: int = PROMPT_TOKENS) -> int:
    """Return the operations of T5-XXL's encoder for one prompt: 24 layers, width 4096, gated feed-forward 10240."""
    layers, width, inner = 24, PROMPT_WIDTH, 10240
    weights = 4 * width * width + 3 * width * inner
    return layers * (2 * prompt_tokens * weights + 4 * prompt_tokens * prompt_tokens * width)


def encode_flops(grid: Grid, framewise: tuple[int, int] | None = None) -> int:
    """Return the operations of encoding a clip, or a picture (one frame).

    Args:
        framewise: Frames encoded at a time and the stride between their starts; ``None`` = all at once.
    """
    parts = (replace(grid, frames=frames) for frames in _frame_spans(grid, framewise))
    return sum(_conv(shape, before, after) for part in parts for shape, before, after in _encoder(part))


def decode_flops(grid: Grid, framewise: tuple[int, int] | None = None) -> int:
    """Return the operations of decoding a clip.

    Args:
        framewise: Frames decoded at a time and the stride between their starts; ``None`` = all at once.
    """
    spans = _latent_spans(grid, framewise)
    return sum(_conv(shape, before, after) for span in spans for shape, before, after in _decoder(grid, span))


@dataclass(frozen=True, slots=True)
class _Shape:
    frames: int
    height: int
    width: int

    @property
    def places(self) -> int:
        return self.frames * self.height * self.width


_Conv = tuple[_Shape, int, int]


def _conv(shape: _Shape, before: int, after: int) -> int:
    return 2 * _CUBE * before * after * shape.places


def _residual(shape: _Shape, channels: int, blocks: int) -> Iterator[_Conv]:
    yield from [(shape, channels, channels)] * (2 * blocks)


def _encoder(grid: Grid) -> Iterator[_Conv]:
    shape = _Shape(grid.frames, grid.height_px // _PATCH_PX, grid.width_px // _PATCH_PX)
    yield shape, _PATCH_CHANNELS, _ENCODER_STAGES[0][0]
    for place, (channels, blocks, halved) in enumerate(_ENCODER_STAGES):
        yield from _residual(shape, channels, blocks)
        if halved is None:
            yield shape, channels, _LATENT_CHANNELS + 1
            continue
        in_time, in_space = halved
        wider = _ENCODER_STAGES[place + 1][0]
        # halving time repeats the first frame, so that 8 k + 1 frames become k + 1
        padded = _Shape(shape.frames + in_time - 1, shape.height, shape.width)
        yield padded, channels, wider // (in_time * in_space**2)
        shape = _Shape(padded.frames // in_time, shape.height // in_space, shape.width // in_space)


def _decoder(grid: Grid, latent_frames: int) -> Iterator[_Conv]:
    shape = _Shape(latent_frames, grid.height_px // PIXELS_PER_TOKEN, grid.width_px // PIXELS_PER_TOKEN)
    yield shape, _LATENT_CHANNELS, _DECODER_STAGES[0][0]
    for place, (channels, blocks) in enumerate(_DECODER_STAGES):
        yield from _residual(shape, channels, blocks)
        if place < len(_DECODER_STAGES) - 1:
            yield shape, channels, 8 * _DECODER_STAGES[place + 1][0]
            shape = _Shape(2 * shape.frames - 1, 2 * shape.height, 2 * shape.width)
    yield shape, _DECODER_STAGES[-1][0], _PATCH_CHANNELS


def _latent_spans(grid: Grid, framewise: tuple[int, int] | None) -> list[int]:
    """Return how many latent frames are decoded at a time, as diffusers cuts them."""
    whole = grid.latent_frames
    if framewise is None or framewise[0] // FRAMES_PER_LATENT >= whole:
        return [whole]
    span, stride = (frames // FRAMES_PER_LATENT for frames in framewise)
    return [min(span + 1, whole - start) for start in range(0, whole, stride)]


def _frame_spans(grid: Grid, framewise: tuple[int, int] | None) -> list[int]:
    """Return how many frames are encoded at a time, as diffusers cuts them."""
    if framewise is None or framewise[0] >= grid.frames:
        return [grid.frames]
    span, stride = framewise
    return [min(span + 1, grid.frames - start) for start in range(0, grid.frames, stride)]
