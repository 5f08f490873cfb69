"""How each family of LTX-Video checkpoints wants to be run: one table of official settings, and who belongs to it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

TRAIN_STEPS: Final = 1000
"""Times run from here (noise) to 0 (picture)."""
_LINEAR_NOISE: Final = 0.025

SIZES: Final[dict[int, str]] = {28: "2b", 48: "13b"}
"""Layers of the transformer to the size in the family's name."""


def linear_quadratic(steps: int) -> tuple[float, ...]:
    """Return the times at which a model is called: slow over the first half of the steps, then ever faster.

    Source: Polyak et al., "Movie Gen" (2024), section 3.4.2; Lightricks' scheduler. With 8 steps these are the sigmas
    that Lightricks publishes for its distilled checkpoints: 1, .9937, .9875, .9812, .975, .9094, .725, .4219.

    Args:
        steps: Calls, at least 2 and even.

    Returns:
        ``steps`` falling times from 1000; the step after the last leads to 0.
    """
    half = steps // 2
    slope = _LINEAR_NOISE / half
    rest = steps - half
    bend = (half - _LINEAR_NOISE * steps) / (half * rest**2)
    straight = slope - 2 * (half - _LINEAR_NOISE * steps) / rest**2
    noise = [slope * step for step in range(half)]
    noise += [bend * step**2 + straight * step + bend * half**2 for step in range(half, steps)]
    return tuple(round(TRAIN_STEPS * (1 - value), 6) for value in noise)


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Settings of a family of checkpoints.

    Attributes:
        name: Size, version and kind.
        timesteps: Falling times, 1000 to 0 excluded, at which the transformer is called; as many as there are steps.
        guidance_scale: Weight of the prompt against the negative prompt; 1 = none, at half the cost.
        guidance_rescale: Share of the guided prediction that gets back the contrast of the unguided one.
        stochastic: Whether each step predicts the picture and adds new noise, rather than following the flow.
        decode_timestep: Noise that the VAE's decoder is told to take out, 0-1; unused by VAEs that are not told.
        decode_noise_scale: Noise that is added for it.
        image_cond_noise_scale: Noise on pictures that must be met exactly; falls with the square of the time.
        max_sequence_length: Tokens of a prompt.
    """

    name: str
    timesteps: tuple[float, ...]
    guidance_scale: float = 1.0
    guidance_rescale: float = 0.0
    stochastic: bool = False
    decode_timestep: float = 0.05
    decode_noise_scale: float = 0.025
    image_cond_noise_scale: float = 0.0
    max_sequence_length: int = 256

    @property
    def steps(self) -> int:
        """Calls of the transformer for a batch, guidance not counted."""
        return len(self.timesteps)

    @property
    def guided(self) -> bool:
        """Whether each call is made twice, with the prompt and with the negative prompt."""
        return self.guidance_scale > 1.0


_DISTILLED: Final = linear_quadratic(8)

# Lightricks' configs/ltxv-*.yaml (repository LTX-Video, commit 5260738) and the examples of diffusers 0.42's page on
# LTX-Video for what those leave to code. Two things of theirs cannot be had from diffusers' pipeline: spatio-temporal
# guidance of the dev checkpoints, and the second pass at twice the size, which 512 pixels do not need.
# Distilled checkpoints keep their pictures free of noise: it would bury a motion of a few pixels.
FAMILIES: Final[dict[str, Family]] = {
    family.name: family
    for family in (
        Family(
            name="2b-0.9.5",
            timesteps=linear_quadratic(40),
            guidance_scale=3.0,
            guidance_rescale=0.7,
            image_cond_noise_scale=0.15,
        ),
        Family(
            name="2b-0.9.6-dev",
            timesteps=linear_quadratic(40),
            guidance_scale=3.0,
            guidance_rescale=0.7,
            image_cond_noise_scale=0.15,
        ),
        Family(name="2b-0.9.6-distilled", timesteps=_DISTILLED, stochastic=True),
        Family(name="2b-0.9.8-distilled", timesteps=_DISTILLED),
        Family(name="13b-0.9.7-dev", timesteps=linear_quadratic(30), guidance_scale=5.0, guidance_rescale=0.7),
        Family(name="13b-0.9.7-distilled", timesteps=_DISTILLED),
        Family(name="13b-0.9.8-dev", timesteps=linear_quadratic(30), guidance_scale=5.0, guidance_rescale=0.7),
        Family(name="13b-0.9.8-distilled", timesteps=_DISTILLED),
    )
}
"""Name to settings; 0.9.0 and 0.9.1 were not trained to meet pictures after the first frame and are left out."""


def recognise(name: str, layers: int) -> Family | None:
    """Return the family of a checkpoint from the name of its folder, file or repository and its transformer's depth.

    Args:
        name: For example ``Lightricks/LTX-Video-0.9.8-13B-distilled`` or ``ltxv-2b-0.9.6-dev-04-25.safetensors``.
        layers: Blocks of its transformer.

    Returns:
        ``None`` where the name does not tell, or contradicts the depth.
    """
    lowered = name.lower()
    version = re.search(r"0\.9\.\d", lowered)
    size = SIZES.get(layers)
    contradicted = any(
        other != size and re.search(rf"(?<![a-z0-9]){other}(?![a-z0-9])", lowered) for other in SIZES.values()
    )
    if version is None or size is None or contradicted:
        return None
    kind = "distilled" if "distilled" in lowered else "dev"
    stem = f"{size}-{version[0]}"
    return FAMILIES.get(f"{stem}-{kind}") or (FAMILIES.get(stem) if kind == "dev" else None)
