"""What a model is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from equime_generation.renderers.ltx.conditioning import Conditioning


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One clip.

    Attributes:
        prompt: What it should show.
        negative_prompt: What it should not show; without effect where a family is not guided.
        seed: Of all its random numbers, 0 to 2**63 - 1.
        conditioning: Its pictures, in the model's frame size.
    """

    prompt: str
    negative_prompt: str
    seed: int
    conditioning: Conditioning
