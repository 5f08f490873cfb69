"""What one clip of the diffusion renderer costs, and how far below the published way that is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from equime_builder.errors import choose
from equime_generation.renderers.ltx.flops import decode_flops, encode_flops, text_flops, transformer_flops
from equime_generation.renderers.ltx.settings import CONDITIONINGS
from equime_generation.renderers.ltx.sizes import TRANSFORMERS, Grid, TransformerSize

PLAIN_KEYFRAMES: Final[dict[int, float]] = {2: 1.0}
"""Pictures after frame 0 of a clip with one expression and nothing else: its apex, and rest at the end."""
PUBLISHED_STEPS: Final = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a model is asked for each clip.

    Attributes:
        size: Dimensions of its transformer.
        steps: Calls of the transformer.
        guided: Whether each call is made twice, with the prompt and with the negative prompt.
        conditioning: One of `equime_generation.renderers.ltx.settings.CONDITIONINGS`.
        keyframes: Pictures after frame 0 to the share of clips that have so many; for ``keyframes`` alone.
        prompts_encoded: Texts that the text encoder reads for each clip; 0 where each is read once for all clips.
        framewise: Frames that the VAE works on at a time and the stride between their starts.
    """

    size: TransformerSize = TRANSFORMERS["2b"]
    steps: int = 8
    guided: bool = False
    conditioning: str = "keyframes"
    keyframes: Mapping[int, float] = field(default_factory=lambda: PLAIN_KEYFRAMES)
    prompts_encoded: int = 0
    framewise: tuple[int, int] | None = None
    grid: Grid = field(default_factory=Grid)

    def __post_init__(self) -> None:
        choose("conditioning", self.conditioning, CONDITIONINGS)

    @property
    def shares(self) -> Mapping[int, float]:
        """Pictures after frame 0 to the share of clips."""
        return self.keyframes if self.conditioning == "keyframes" else {0: 1.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipFlops:
    """Operations of one clip, by stage."""

    encode: float
    denoise: float
    decode: float
    text: float = 0.0

    @property
    def total(self) -> float:
        """All stages together."""
        return self.encode + self.denoise + self.decode + self.text


def clip_flops(work: Work) -> ClipFlops:
    """Return the mean operations of one clip, full batches taken for granted."""
    calls = work.steps * (2 if work.guided else 1)
    call = sum(
        share * transformer_flops(work.size, work.grid.tokens(keyframes)) for keyframes, share in work.shares.items()
    )
    return ClipFlops(
        encode=_encode(work),
        denoise=calls * call,
        decode=decode_flops(work.grid, work.framewise),
        text=work.prompts_encoded * text_flops(),
    )


def _encode(work: Work) -> float:
    if work.conditioning == "guide":
        return encode_flops(work.grid, work.framewise)
    pictures = 1 + sum(share * keyframes for keyframes, share in work.shares.items())
    return pictures * encode_flops(replace(work.grid, frames=1))


def published(grid: Grid | None = None) -> Work:
    """Return the published way: 80 guided steps of the 2B model from photo and prompt, both prompts read for each clip.

    Source: the script beside EquiME's paper; the VAE is taken to be that of 0.9.5, so that only the settings differ.

    Args:
        grid: Size of the clip; ``None`` = 512 x 512, 145 frames.
    """
    return Work(steps=PUBLISHED_STEPS, guided=True, conditioning="text", prompts_encoded=2, grid=grid or Grid())


def share_of_published(work: Work) -> float:
    """Return the operations of a clip over those of the published way at the same size."""
    return clip_flops(work).total / clip_flops(published(work.grid)).total
