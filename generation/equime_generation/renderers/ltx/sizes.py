"""The dimensions of LTX-Video's parts: known numbers, so that a campaign can be planned where no torch is installed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from equime_builder.errors import UsageError, choose

PIXELS_PER_TOKEN: Final = 32
"""Height and width of the square that one latent stands for."""
FRAMES_PER_LATENT: Final = 8
"""Frames that one latent stands for; the first frame has a latent of its own."""
PROMPT_TOKENS: Final = 256
"""Tokens that a prompt is padded to (``max_sequence_length`` of `diffusers.LTXConditionPipeline`)."""
PROMPT_WIDTH: Final = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A clip as the transformer sees it.

    Attributes:
        frames: Frames that the model is asked for: 8 k + 1.
        height_px, width_px: Multiples of 32.
    """

    frames: int = 145
    height_px: int = 512
    width_px: int = 512

    def __post_init__(self) -> None:
        if self.frames < 1 or self.frames % FRAMES_PER_LATENT != 1:
            raise UsageError(f"frames must be 8 k + 1, got {self.frames}; ask for 145 to keep 144")
        for name, size_px in (("height", self.height_px), ("width", self.width_px)):
            if size_px < PIXELS_PER_TOKEN or size_px % PIXELS_PER_TOKEN:
                raise UsageError(f"{name} must be a multiple of {PIXELS_PER_TOKEN} pixels, got {size_px}")

    @property
    def latent_frames(self) -> int:
        """Latents along time."""
        return (self.frames - 1) // FRAMES_PER_LATENT + 1

    @property
    def picture_tokens(self) -> int:
        """Tokens of one picture."""
        return (self.height_px // PIXELS_PER_TOKEN) * (self.width_px // PIXELS_PER_TOKEN)

    @property
    def pixels(self) -> int:
        """Pixels of all frames."""
        return self.frames * self.height_px * self.width_px

    def tokens(self, extra_keyframes: int = 0) -> int:
        """Return how many tokens attend to each other.

        Args:
            extra_keyframes: Conditioning pictures after frame 0: each is appended as tokens of its own.
        """
        return (self.latent_frames + extra_keyframes) * self.picture_tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class TransformerSize:
    """`diffusers.LTXVideoTransformer3DModel`, by its configuration.

    Attributes:
        layers: Blocks of self-attention, cross-attention and feed-forward.
        width: Heads times channels a head; the feed-forward layer is four times as wide.
        channels: Latent channels.
    """

    layers: int
    width: int
    channels: int = 128

    @property
    def parameters(self) -> int:
        """Weights and biases: exactly those that diffusers makes."""
        width = self.width
        attention = 4 * (width * width + width) + 2 * width
        feed_forward = 8 * width * width + 5 * width
        block = 2 * attention + feed_forward + 6 * width
        ends = 2 * self.channels * width + width + self.channels + 2 * width
        time = (256 + 1 + width + 1 + 6 * width + 6) * width
        prompt = (PROMPT_WIDTH + 1 + width + 1) * width
        return self.layers * block + ends + time + prompt


TRANSFORMERS: Final[dict[str, TransformerSize]] = {
    "2b": TransformerSize(layers=28, width=2048),
    "13b": TransformerSize(layers=48, width=4096),
}
"""Default configuration of `diffusers.LTXVideoTransformer3DModel` (2B) and of Lightricks/LTX-Video-0.9.7-dev (13B)."""

VAE_PARAMETERS: Final = 1_247_000_000
"""Encoder and decoder of the VAE since 0.9.5; the one of 0.9.0 has a third of them."""
TEXT_ENCODER_PARAMETERS: Final = 4_762_000_000
"""Encoder of google/t5-v1_1-xxl."""


def transformer_size(name: str) -> TransformerSize:
    """Return the dimensions of a transformer by its name in `TRANSFORMERS`."""
    choose("transformer", name, tuple(TRANSFORMERS))
    return TRANSFORMERS[name]
