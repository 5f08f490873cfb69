"""What a clip is measured with, as it travels to the processes that measure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from equime_builder.digests import fingerprint
from equime_builder.errors import UsageError
from equime_evaluation.quality.regression import Regression

VERSION: Final = 1
"""Of all definitions in this package; another one makes every clip be measured anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruments:
    """What is measured, and with which weights.

    Attributes:
        regression: BRISQUE's model; ``None`` = BRISQUE is not measured.
        clip_iqa: Whether CLIP-IQA is measured; its weights must be there.
        colour: Whether the variants over red, green and blue are measured as well.
        image_fps: Frames a second of sequences of images; ``None`` = their duration is not measured.
        device: ``cpu``, or what PyTorch calls a device: frames are then measured there, in batches, through piq.
        batch_size: Frames in a batch.
    """

    regression: Regression | None = None
    clip_iqa: bool = False
    colour: bool = False
    image_fps: float | None = None
    device: str = "cpu"
    batch_size: int = 16

    def __post_init__(self) -> None:
        if self.image_fps is not None and self.image_fps <= 0:
            raise UsageError(f"image_fps must be over 0, got {self.image_fps}")
        if self.batch_size < 1:
            raise UsageError(f"batch_size must be 1 or more, got {self.batch_size}")

    @property
    def fingerprint(self) -> str:
        """Name of all that a clip's values depend on."""
        values = {
            "version": VERSION,
            "brisque": None if self.regression is None else self.regression.sha256,
            "clip_iqa": self.clip_iqa,
            "colour": self.colour,
            "image_fps": self.image_fps,
            "device": self.device,
        }
        return fingerprint(values)
