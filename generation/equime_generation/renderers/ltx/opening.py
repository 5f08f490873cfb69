"""From settings to a model that is ready to load: the checkpoint is found and checked, its place and options chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from equime_builder.errors import need

if TYPE_CHECKING:
    from equime_generation.renderers.ltx.checkpoint import Checkpoint
    from equime_generation.renderers.ltx.device import Place
    from equime_generation.renderers.ltx.model import LtxModel
    from equime_generation.renderers.ltx.options import Options
    from equime_generation.renderers.ltx.settings import LtxSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A model that loads when the first batch comes, and what was decided about it."""

    checkpoint: Checkpoint
    place: Place
    options: Options
    model: LtxModel


def open_model(settings: LtxSettings) -> Opened:
    """Return the model that settings describe.

    Raises:
        UsageError: The settings name no model, or a moving revision of one.
        CheckpointError: The checkpoint is missing, broken, unsafe or of another family.
        DeviceError: There is no GPU, or it has too little memory.
        MissingExtraError: torch, diffusers or transformers are not installed.
    """
    for module in ("torch", "diffusers", "transformers", "accelerate"):
        need(module, extra="ltx")
    from equime_generation.renderers.ltx.checkpoint import find_checkpoint
    from equime_generation.renderers.ltx.device import place_for
    from equime_generation.renderers.ltx.model import LtxModel
    from equime_generation.renderers.ltx.options import options_for

    checkpoint = find_checkpoint(settings)
    place = place_for(checkpoint, settings)
    options = options_for(place, settings)
    model = LtxModel(checkpoint, place, options, guide_strength=settings.guide_strength)
    return Opened(checkpoint=checkpoint, place=place, options=options, model=model)
