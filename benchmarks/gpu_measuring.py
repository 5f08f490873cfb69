"""Quality of clips, and training of a baseline, on the GPU at hand against the processor beside it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final
from unittest.mock import patch

import numpy as np

from benchmarks.figures import Figure

if TYPE_CHECKING:
    from equime_evaluation.baselines.training import Material, Trained
    from equime_evaluation.quality import ClipQuality

CLIPS: Final = 4
LARGEST_DIFFERENCE: Final = 1e-3
TRAINED_CLIPS: Final = 400
EPOCHS: Final = 4


def quality(scratch: Path) -> Iterator[Figure]:
    """Measure some clips on both."""
    from benchmarks.quality import COMPARED

    _write_clips(scratch / "clips")
    here, core_s = _evaluated(scratch, "cpu", workers=1)
    _, cores_s = _evaluated(scratch, "cpu", workers=0)
    _evaluated(scratch, "cuda", workers=1)  # warms up
    there, gpu_s = _evaluated(scratch, "cuda", workers=1)
    yield Figure(
        name="gpu_quality",
        value=core_s / gpu_s,
        unit="times as fast as one core",
        target=1.0,
        better="higher",
        detail=f"{CLIPS} clips: GPU {gpu_s:.1f} s, one core {core_s:.1f} s, {os.cpu_count()} cores {cores_s:.1f} s",
        facts={"gpu_s": gpu_s, "core_s": core_s, "cores_s": cores_s, "cores": os.cpu_count() or 1},
    )
    apart = {
        name: max(abs(getattr(one, name) - getattr(other, name)) for one, other in zip(here, there, strict=True))
        for name in COMPARED
    }
    yield Figure(
        name="gpu_quality_apart",
        value=max(apart.values()),
        unit="largest difference of a clip's value",
        target=LARGEST_DIFFERENCE,
        better="lower",
        detail=", ".join(f"{name} {value:.1e}" for name, value in apart.items()),
        facts=apart,
    )


def training(scratch: Path) -> Iterator[Figure]:
    """Train the 3D ResNet on as many random clips as a fold of the documented build has, on both."""
    first, gpu_s = _trained(scratch / "first")
    second, _ = _trained(scratch / "second")
    with patch("torch.cuda.is_available", return_value=False):
        _, cpu_s = _trained(scratch / "cpu")
    yield Figure(
        name="gpu_training",
        value=cpu_s / gpu_s,
        unit=f"times as fast as {os.cpu_count()} cores",
        target=1.0,
        better="higher",
        detail=f"resnet3d-3class, {TRAINED_CLIPS} clips: an epoch {gpu_s:.2f} s, on the processor {cpu_s:.2f}",
        facts={"epoch_s": gpu_s, "cpu_epoch_s": cpu_s, "cores": os.cpu_count() or 1},
    )
    weights, others = first.model.state_dict(), second.model.state_dict()
    changed = sum(not bool((weights[name] == others[name]).all()) for name in weights)
    yield Figure(
        name="gpu_training_apart",
        value=changed,
        unit=f"tensors of {len(weights)} that a second training made otherwise",
        target=0,
        better="lower",
        detail=f"losses {first.curve[-1].loss:.6f} and {second.curve[-1].loss:.6f}",
    )


def _write_clips(folder: Path) -> None:
    """Write clips of a textured picture that sways under noise."""
    import cv2

    from equime_builder.records import FRAMES, SIZE_PX
    from equime_builder.streams import stream
    from equime_generation.encode import encode
    from tests.moving import picture

    folder.mkdir()
    still = picture(SIZE_PX)
    for number in range(CLIPS):
        random = stream("benchmarks/gpu", number)
        frames = np.empty((FRAMES, SIZE_PX, SIZE_PX, 3), np.uint8)
        for index, frame in enumerate(frames):
            sway = np.array([[1, 0, np.sin(index / 20)], [0, 1, np.cos(index / 15)]], np.float32)
            moved = np.asarray(cv2.warpAffine(still, sway, (SIZE_PX, SIZE_PX), borderMode=cv2.BORDER_REFLECT))
            frame[:] = np.clip(moved[..., None] + random.normal(0, 2, moved.shape)[..., None], 0, 255)
        (folder / f"{number}.mp4").write_bytes(encode(frames).data)


def _evaluated(scratch: Path, device: str, *, workers: int) -> tuple[tuple[ClipQuality, ...], float]:
    from benchmarks.quality import own_model
    from equime_evaluation.quality import Instruments, evaluate

    out = scratch / f"{device}-{time.monotonic_ns()}"
    start_s = time.perf_counter()
    instruments = Instruments(regression=own_model(), device=device)
    found = evaluate([scratch / "clips"], instruments, out=out, workers=workers).clips
    return found, time.perf_counter() - start_s


def _trained(folder: Path) -> tuple[Trained, float]:
    """Return the network, and the median seconds of an epoch after the first."""
    from equime_evaluation.baselines import read_setup
    from equime_evaluation.baselines.training import train_fold

    folder.mkdir()
    stamps: list[float] = []
    note: Callable[[object], None] = lambda _: stamps.append(time.perf_counter())  # noqa: E731
    trained = train_fold(_material(), read_setup("resnet3d-3class", {"epochs": EPOCHS}), folder, note)
    return trained, float(median(np.diff(stamps)))


def _material() -> Material:
    from equime_builder.streams import stream
    from equime_evaluation.baselines import read_setup
    from equime_evaluation.baselines.inputs import Inputs
    from equime_evaluation.baselines.training import Material

    setup, random = read_setup("resnet3d-3class"), stream("benchmarks/gpu/training")
    shape = (TRAINED_CLIPS, setup.frames + 1, setup.size_px, setup.size_px)
    values = random.integers(0, 256, shape, dtype=np.uint8)
    places = np.arange(TRAINED_CLIPS)
    return Material(
        inputs=Inputs(values=values, ids=tuple(map(str, places))),
        labels=random.integers(0, 3, TRAINED_CLIPS),
        classes=3,
        train=places,
        validation=places[:0],
        name="fold 0",
    )
