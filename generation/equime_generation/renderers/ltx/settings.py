"""What a person chooses about the diffusion renderer; light, so that a configuration can hold it without torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from equime_builder.errors import UsageError, choose

CONDITIONINGS: Final[tuple[str, ...]] = ("keyframes", "guide", "text")
DEVICES: Final[tuple[str, ...]] = ("auto", "cuda", "cpu")
MEMORIES: Final[tuple[str, ...]] = ("auto", "8gb", "16gb", "24gb", "80gb")
ATTENTIONS: Final[tuple[str, ...]] = ("native", "flash", "_flash_3", "sage")
_CRF_MOST: Final = 51


@dataclass(frozen=True, slots=True, kw_only=True)
class LtxSettings:
    """How LTX-Video renders.

    Attributes:
        model: Folder in diffusers' layout, ``.safetensors`` file of a 2B checkpoint, or Hub id.
        revision: Commit of the Hub repository: 40 hex digits; empty for a folder or a file.
        conditioning: ``keyframes`` (neutral, warped apex, neutral), ``guide`` (the whole warped clip) or ``text``
            (photo and prompt alone, the published way).
        guide_strength: How firmly ``guide`` holds to the warped clip: in (0, 1]; 1 = the clip itself.
        condition_crf: H.264 quality at which conditioning pictures are compressed first, as the model was trained on;
            0 = not at all.
        memory: Preset of `equime_generation.renderers.ltx.memory.PRESETS`, or ``auto``: by the free memory.
        batch_size: Clips denoised together; 0 = the preset's. It changes the last bits, so it belongs to the recipe.
        device: ``auto`` is ``cuda``, and the processor only for models small enough to try things out.
        attention: Kernel of the self-attention.
        compile: Whether the transformer's blocks are compiled.
        channels_last: Whether the VAE keeps its channels last in memory.
    """

    model: str = ""
    revision: str = ""
    conditioning: str = "keyframes"
    guide_strength: float = 0.6
    condition_crf: int = 0
    memory: str = "auto"
    batch_size: int = 0
    device: str = "auto"
    attention: str = "native"
    compile: bool = False
    channels_last: bool = False

    def __post_init__(self) -> None:
        choose("conditioning", self.conditioning, CONDITIONINGS)
        choose("memory preset", self.memory, MEMORIES)
        choose("device", self.device, DEVICES)
        choose("attention kernel", self.attention, ATTENTIONS)
        if not 0.0 < self.guide_strength <= 1.0:
            raise UsageError(f"guide_strength must lie in (0, 1], got {self.guide_strength}")
        if not 0 <= self.condition_crf <= _CRF_MOST:
            raise UsageError(f"condition_crf must lie in 0 (none) to {_CRF_MOST}, got {self.condition_crf}")
        if self.batch_size < 0:
            raise UsageError(f"batch_size must be at least 0, got {self.batch_size}; 0 = the memory preset's")
