"""What the baselines reach on people whom they have not seen, and that two controls come out at chance.

Runs on the dataset that is found ($EQUIME_HOME, else ./equime); without one, on 100 clips that are rendered for it. The
3D ResNet, which needs more examples than the flow baseline, is measured where there are 500 expressions or more.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from benchmarks.figures import Figure

if TYPE_CHECKING:
    from equime_evaluation.baselines.results import TestResult

TARGET_UF1 = 0.85
MOST_CPU_MINUTES = 30.0  # 15 minutes of two cores
ENOUGH_FOR_RESNET = 500
CLIPS_PER_EMOTION = 20


def figures() -> Iterator[Figure]:
    with TemporaryDirectory() as scratch:
        place = Path(scratch)
        data = _dataset(place)
        flow, _ = _trained(data, "flow-3class", "none", place)
        yield _uf1("flow_uf1", flow)
        yield from _controls("flow", data, "flow-3class", place)
        if flow.clips < ENOUGH_FOR_RESNET:
            return
        resnet, cpu_minutes = _trained(data, "resnet3d-3class", "none", place)
        yield _uf1("resnet3d_uf1", resnet)
        yield Figure(
            name="resnet3d_training",
            value=cpu_minutes,
            unit="CPU minutes",
            target=MOST_CPU_MINUTES,
            better="lower",
            detail=f"reading {resnet.clips} clips and training five folds",
        )
        yield from _controls("resnet3d", data, "resnet3d-3class", place)


def _dataset(scratch: Path) -> Path:
    from equime_builder.errors import DatasetMissingError
    from equime_builder.locate import find_dataset
    from equime_generation.config import RunConfig
    from equime_generation.progress import Tally
    from equime_generation.run import render_dataset

    try:
        return find_dataset()
    except DatasetMissingError:
        out = scratch / "equime"
        emotions = ("happiness", "sadness", "surprise", "fear", "anger")
        render_dataset(RunConfig(out=str(out), emotions=emotions, clips_per_emotion=CLIPS_PER_EMOTION), Tally())
        return out


def _trained(data: Path, setup: str, control: str, scratch: Path) -> tuple[TestResult, float]:
    from equime_evaluation.baselines import Request, read_setup, run_baseline
    from equime_generation.face_points import face_finder

    request = Request(
        setup=read_setup(setup),
        data=(f"equime:{data}",),
        out=scratch / f"{setup}-{control}",
        cache=scratch / "cache",
        control=control,
    )
    start_s = time.process_time()
    with face_finder(request.setup.crop) as locate:
        results = run_baseline(request, locate=locate, tell=lambda *_: None)
    return results.tests[0], (time.process_time() - start_s) / 60


def _controls(name: str, data: Path, setup: str, scratch: Path) -> Iterator[Figure]:
    for control in ("permuted-labels", "neutral-frames"):
        test, _ = _trained(data, setup, control, scratch)
        assert test.recognition is not None
        assert test.recognition.uf1 is not None
        assert test.chance is not None
        yield Figure(
            name=f"{name}_{control.replace('-', '_')}",
            value=test.recognition.uf1,
            unit="UF1",
            target=test.chance.high,
            better="lower",
            detail=f"chance gives {test.chance.uf1:.3f}, 95 % of it {test.chance.low:.3f} to {test.chance.high:.3f}",
        )


def _uf1(name: str, test: TestResult) -> Figure:
    scored = test.recognition
    assert scored is not None
    assert scored.uf1 is not None
    assert scored.uf1_interval is not None
    low, high = scored.uf1_interval
    levels = ", ".join(f"{level} {part.uf1:.3f}" for level, part in test.levels.items() if part.uf1 is not None)
    return Figure(
        name=name,
        value=scored.uf1,
        unit="UF1",
        target=TARGET_UF1,
        better="higher",
        detail=f"{test.clips} clips of {test.people} people, folds pooled; {low:.3f} to {high:.3f}; level {levels}",
    )
