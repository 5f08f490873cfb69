"""What settings leave open is decided before a run begins: it changes the last bits, so it belongs to the recipe."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from typing import TYPE_CHECKING

from equime_generation.renderers.ltx.checkpoint import find_checkpoint

if TYPE_CHECKING:
    from equime_generation.renderers.ltx.checkpoint import Checkpoint
    from equime_generation.renderers.ltx.device import Place
    from equime_generation.renderers.ltx.settings import LtxSettings


def settle(settings: LtxSettings, tell: Callable[[str], None]) -> LtxSettings:
    """Return settings with the memory preset and the batch size that fit this machine; the device stays open.

    On a processor there is no preset to choose, and ``auto`` stays.

    Args:
        settings: As the user chose them.
        tell: Told what was asked for and cannot be had here, one sentence each.

    Raises:
        UsageError: The settings name no model, or not even the smallest preset fits into the free memory.
        CheckpointError: The model is missing, broken, unsafe or of another family.
        DeviceError: There is no GPU, or it has too little memory for the preset.
    """
    place, notes = _asked(find_checkpoint(settings), settings)
    for note in notes:
        tell(note)
    memory = settings.memory if place.device == "cpu" else place.preset.name
    return replace(settings, memory=memory, batch_size=place.preset.batch_size)


def _asked(checkpoint: Checkpoint, settings: LtxSettings) -> tuple[Place, tuple[str, ...]]:
    if settings.device == "cpu":
        return _look(checkpoint, settings)
    # Whoever asks CUDA for the free memory takes half a gigabyte of it for as long as the process lives.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as asking:
        return asking.submit(_look, checkpoint, settings).result()


def _look(checkpoint: Checkpoint, settings: LtxSettings) -> tuple[Place, tuple[str, ...]]:
    from equime_generation.renderers.ltx.device import place_for
    from equime_generation.renderers.ltx.options import options_for

    place = place_for(checkpoint, settings)
    return place, options_for(place, settings).notes
