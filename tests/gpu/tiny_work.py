"""Clips of a tiny checkpoint at 64 pixels, and a part of them rendered by whoever is given it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from equime_generation.parts import ClipDone, Part
from equime_generation.renderers.ltx.checkpoint import find_checkpoint
from equime_generation.renderers.ltx.conditioning import ASKED_FRAMES, Conditioning
from equime_generation.renderers.ltx.device import Place
from equime_generation.renderers.ltx.memory import MemoryPreset
from equime_generation.renderers.ltx.model import LtxModel
from equime_generation.renderers.ltx.options import options_for
from equime_generation.renderers.ltx.request import Request
from equime_generation.renderers.ltx.settings import LtxSettings

SIZE_PX = 64
BATCH_SIZE = 3
PLAIN = MemoryPreset(name="plain", memory_gib=8, batch_size=BATCH_SIZE)


def open_tiny(folder: Path, preset: MemoryPreset = PLAIN, *, device: str = "cuda") -> LtxModel:
    settings = LtxSettings(model=str(folder))
    place = Place(device=device, preset=preset)
    model = LtxModel(find_checkpoint(settings), place, options_for(place, settings), guide_strength=0.6)
    model.know(["a face"])
    return model


def request(seed: int, mode: str = "keyframes") -> Request:
    frames = tuple(range(ASKED_FRAMES)) if mode == "guide" else (0, 20 + seed, ASKED_FRAMES - 1)
    pictures = np.random.default_rng(seed).integers(0, 255, (len(frames), SIZE_PX, SIZE_PX, 3), dtype=np.uint8)
    shown = Conditioning(frames=frames, pictures=pictures, guide=mode == "guide")
    return Request(prompt="a face", negative_prompt="", seed=seed, conditioning=shown)


def apart(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.int64]:
    return np.asarray(np.abs(one.astype(np.int64) - other), np.int64)


def hashes(model: LtxModel, seeds: Sequence[int]) -> list[str]:
    return [hashlib.sha256(frames.tobytes()).hexdigest() for frames in model.sample([request(seed) for seed in seeds])]


def seeds_of(part: Part) -> list[int]:
    return [index % 100 for index, _ in enumerate(part.plans, part.number)][:BATCH_SIZE]


def hash_part(part: Part, report: Callable[[ClipDone], None]) -> None:
    """Write the hashes of a part's first clips, and how many GPUs this process sees."""
    import torch

    assert part.config.ltx is not None
    found = {
        "gpus": torch.cuda.device_count(),
        "hashes": hashes(open_tiny(Path(part.config.ltx.model), replace(PLAIN)), seeds_of(part)),
    }
    Path(part.config.out, part.name).write_text(json.dumps(found))
    for plan in part.plans:
        report(ClipDone(clip_id=plan.clip_id, reason=None, attempts=1))
