"""LTX-Video at its real size on the GPU at hand: seconds a clip and memory of each preset and conditioning.

Memory is held to what a preset promises: a tenth of the memory that it is meant for is left alone, on any card.
"""

from __future__ import annotations

import gc
import math
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final

import numpy as np

from benchmarks.figures import Figure

if TYPE_CHECKING:
    from equime_generation.renderers.ltx.memory import MemoryPreset
    from equime_generation.renderers.ltx.model import LtxModel
    from equime_generation.renderers.ltx.request import Request

MODES: Final = ("keyframes", "guide")
SIDE: Final = 8192
"""Of the square matrices whose product tells what the card can do."""
PRODUCTS: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A batch of clips, timed after one that warmed up.

    Attributes:
        clip_s: Seconds a clip, frames on the processor's side included.
        decode_s: Of these, to decode and bring over; 0 = a batch of one does not tell.
        peak_gib: Tensors alive at the fullest moment, and CUDA's context.
        reserved_gib: The same with what the allocator held back.
    """

    clip_s: float
    decode_s: float
    peak_gib: float
    reserved_gib: float


def figures(checkpoint: Path) -> Iterator[Figure]:
    """Time the prompts, each preset with each conditioning, and compare the bytes of a clip alone and among others."""
    from equime_generation.renderers.ltx.memory import PRESETS

    rate = products_per_s()
    model = opened(checkpoint, PRESETS["16gb"])
    yield _prompts(model)
    alone = _run(model, replace(PRESETS["80gb"], batch_size=1), "keyframes")
    for mode in MODES:
        runs = {name: _run(model, PRESETS[name], mode) for name in ("16gb", "24gb", "80gb")}
        yield from (_speed(name, mode, run, rate) for name, run in runs.items())
        yield from (_memory(name, mode, run) for name, run in runs.items())
        if mode == "keyframes":
            yield _batching(alone, runs["80gb"])
    yield _same_bytes(model)
    del model
    _free()
    small = opened(checkpoint, PRESETS["8gb"])
    for mode in MODES:
        run = _run(small, PRESETS["8gb"], mode)
        yield _speed("8gb", mode, run, rate)
        yield _memory("8gb", mode, run)


def products_per_s() -> float:
    """Return the operations a second of a large bf16 product of matrices: what this card can do."""
    import torch

    one, other = (torch.randn(SIDE, SIDE, device="cuda", dtype=torch.bfloat16) for _ in range(2))
    one @ other
    torch.cuda.synchronize()
    start_s = time.perf_counter()
    for _ in range(PRODUCTS):
        one @ other
    torch.cuda.synchronize()
    return PRODUCTS * 2 * SIDE**3 / (time.perf_counter() - start_s)


def opened(checkpoint: Path, preset: MemoryPreset) -> LtxModel:
    from equime_generation.renderers.ltx.checkpoint import find_checkpoint
    from equime_generation.renderers.ltx.device import Place
    from equime_generation.renderers.ltx.model import LtxModel
    from equime_generation.renderers.ltx.options import options_for
    from equime_generation.renderers.ltx.settings import LtxSettings

    settings = LtxSettings(model=str(checkpoint))
    place = Place(device="cuda", preset=preset)
    return LtxModel(find_checkpoint(settings), place, options_for(place, settings), guide_strength=0.6)


def request(seed: int, mode: str) -> Request:
    """Return a clip to ask for; its pictures are noise, as what they show costs nothing."""
    from equime_builder.records import SIZE_PX
    from equime_generation.renderers.ltx.conditioning import ASKED_FRAMES, Conditioning
    from equime_generation.renderers.ltx.request import Request

    frames = tuple(range(ASKED_FRAMES)) if mode == "guide" else (0, 40 + seed, ASKED_FRAMES - 1)
    pictures = np.random.default_rng(seed).integers(0, 256, (len(frames), SIZE_PX, SIZE_PX, 3), dtype=np.uint8)
    shown = Conditioning(frames=frames, pictures=pictures, guide=mode == "guide")
    return Request(prompt="a face", negative_prompt="", seed=seed, conditioning=shown)


def _prompts(model: LtxModel) -> Figure:
    import torch

    with _within(model.place.preset.memory_gib):
        start_s = time.perf_counter()
        model.know(["a face"])
        taken_s = time.perf_counter() - start_s
        peak_gib = _peak(torch.cuda.max_memory_allocated())
    return Figure(
        name="gpu_prompts",
        value=peak_gib,
        unit="GiB",
        target=0.9 * model.place.preset.memory_gib,
        better="lower",
        detail=f"one prompt with T5-XXL, loaded from disk and let go again: {taken_s:.1f} s",
        facts={"taken_s": taken_s},
    )


def _run(model: LtxModel, preset: MemoryPreset, mode: str) -> Run:
    """Return what the second of two batches takes, in no more memory than the preset leaves, if that is enough."""
    from equime_generation.renderers.ltx.faults import OutOfMemory

    model.place = replace(model.place, preset=preset)
    requests = [request(seed, mode) for seed in range(preset.batch_size)]
    try:
        return _timed(model, requests, preset.memory_gib)
    except OutOfMemory:
        print(f"{preset.name}, {mode}: more than the preset leaves is needed", file=sys.stderr)
    return _timed(model, requests, math.inf)


def _timed(model: LtxModel, requests: Sequence[Request], memory_gib: float) -> Run:
    import torch

    with _within(memory_gib):
        for _ in range(2):
            start_s = time.perf_counter()
            stamps = [time.perf_counter() - start_s for _ in model.sample(requests)]
        return Run(
            clip_s=stamps[-1] / len(stamps),
            decode_s=float(median(np.diff(stamps))) if len(stamps) > 1 else 0.0,
            peak_gib=_peak(torch.cuda.max_memory_allocated()),
            reserved_gib=_peak(torch.cuda.max_memory_reserved()),
        )


@contextmanager
def _within(memory_gib: float) -> Iterator[None]:
    """Hold this process to what a preset takes of a card of so much memory."""
    import torch

    from equime_generation.renderers.ltx.memory import GIB, SPARE

    _free()
    torch.cuda.reset_peak_memory_stats()
    total = torch.cuda.get_device_properties(0).total_memory
    allowed = (1 - SPARE) * memory_gib * GIB - _context_bytes()
    torch.cuda.set_per_process_memory_fraction(min(1.0, allowed / total))
    try:
        yield
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)


def _context_bytes() -> int:
    """Return what of the card is taken but by PyTorch's allocator: CUDA's context, and whoever else is there."""
    import torch

    free, total = torch.cuda.mem_get_info()
    return int(total - free - torch.cuda.memory_reserved())


def _peak(tensors_bytes: int) -> float:
    from equime_generation.renderers.ltx.memory import GIB

    return (tensors_bytes + _context_bytes()) / GIB


def _free() -> None:
    import torch

    gc.collect()
    torch.cuda.empty_cache()


def _speed(name: str, mode: str, run: Run, rate: float) -> Figure:
    from equime_generation.renderers.ltx.cost import Work, clip_flops
    from equime_generation.renderers.ltx.gpus import UTILISATION
    from equime_generation.renderers.ltx.memory import PRESETS

    preset = PRESETS[name]
    flops = clip_flops(Work(conditioning=mode, framewise=preset.framewise)).total
    return Figure(
        name=f"gpu_{mode}_{name}",
        value=run.clip_s,
        unit="s a clip",
        target=flops / (UTILISATION * rate),
        better="lower",
        detail=f"{_card()}, batch {preset.batch_size}, 2B distilled, random weights: {3600 / run.clip_s:.0f} clips an "
        f"hour, decode {run.decode_s:.2f} s of a clip; a large product of matrices runs at {rate / 1e12:.0f} TFLOP/s, "
        f"a clip at {flops / run.clip_s / 1e12:.0f}",
        facts={
            "clips_an_hour": 3600 / run.clip_s,
            "decode_s": run.decode_s,
            "tflops": flops / run.clip_s / 1e12,
            "share_of_product": flops / run.clip_s / rate,
        },
    )


def _memory(name: str, mode: str, run: Run) -> Figure:
    from equime_generation.renderers.ltx.memory import PRESETS, SPARE, predicted_peak

    predicted = predicted_peak(PRESETS[name]).gib
    return Figure(
        name=f"gpu_{mode}_{name}_memory",
        value=run.peak_gib,
        unit="GiB",
        target=(1 - SPARE) * PRESETS[name].memory_gib,
        better="lower",
        detail=f"{_card()}, held to that limit: {run.reserved_gib:.1f} GiB with what the allocator keeps, predicted "
        f"{predicted:.1f}",
        facts={"reserved_gib": run.reserved_gib, "predicted_gib": predicted},
    )


def _batching(alone: Run, together: Run) -> Figure:
    return Figure(
        name="gpu_batching",
        value=alone.clip_s / together.clip_s,
        unit="ratio of seconds a clip",
        target=1.0,
        better="higher",
        detail=f"{_card()}: one at a time {alone.clip_s:.2f} s a clip, sixteen together {together.clip_s:.2f}",
        facts={"alone_s": alone.clip_s},
    )


def _same_bytes(model: LtxModel) -> Figure:
    """Count the clips whose bytes depend on who else is in the batch."""
    from equime_generation.renderers.ltx.memory import PRESETS

    model.place = replace(model.place, preset=PRESETS["16gb"])
    requests = [request(seed, "keyframes") for seed in range(PRESETS["16gb"].batch_size)]
    together = list(model.sample(requests))
    changed = [
        seed for seed, one in enumerate(requests) if not np.array_equal(next(iter(model.sample([one]))), together[seed])
    ]
    return Figure(
        name="gpu_changed_by_company",
        value=len(changed),
        unit="clips",
        target=0,
        better="lower",
        detail=f"{_card()}: of {len(requests)} clips, computed in one batch and each alone",
    )


def _card() -> str:
    from equime_generation.renderers.ltx.device import device_name

    return device_name("cuda")
