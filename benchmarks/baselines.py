"""What the baselines reach on people whom they have not seen, and that two controls come out at chance.

Runs on the dataset that is found ($EQUIME_HOME, else ./equime); without one, on 100 clips that are rendered for it. The
3D ResNet, which needs more examples than the flow baseline, is measured where there are 200 expressions or more. The
documentation quotes `equime render --clips-per-emotion 100 --seed 21`.
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
ENOUGH_FOR_RESNET = 200
EPOCHS = {"resnet3d-3class neutral-frames": 10}  # nothing is learnt from there on
CLIPS_PER_EMOTION = 20


def figures() -> Iterator[Figure]:
    with TemporaryDirectory() as scratch:
        place = Path(scratch)
        data = _dataset(place)
        flow, cpu_minutes = _trained(data, "flow-3class", "none", place)
        yield _uf1("flow_uf1", flow, cpu_minutes)
        yield from _controls("flow", data, "flow-3class", place)
        if flow.clips < ENOUGH_FOR_RESNET:
            return
        resnet, cpu_minutes = _trained(data, "resnet3d-3class", "none", place)
        yield _uf1("resnet3d_uf1", resnet, cpu_minutes)
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
        setup=read_setup(setup, {"epochs": EPOCHS.get(f"{setup} {control}")}),
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
        test, cpu_minutes = _trained(data, setup, control, scratch)
        facts = _facts(test, cpu_minutes)
        low, high = facts.pop("low"), facts.pop("high")
        yield Figure(
            name=f"{name}_{control.replace('-', '_')}",
            value=facts.pop("uf1"),
            unit="UF1",
            target=facts["chance_high"],
            better="lower",
            detail=f"chance gives {facts['chance']:.3f}, 95 % of it {facts['chance_low']:.3f} to "
            f"{facts['chance_high']:.3f}",
            low=low,
            high=high,
            facts=facts,
        )


def _uf1(name: str, test: TestResult, cpu_minutes: float) -> Figure:
    facts = _facts(test, cpu_minutes)
    low, high = facts.pop("low"), facts.pop("high")
    levels = ", ".join(f"{level} {part.uf1:.3f}" for level, part in test.levels.items() if part.uf1 is not None)
    return Figure(
        name=name,
        value=facts.pop("uf1"),
        unit="UF1",
        target=TARGET_UF1,
        better="higher",
        detail=f"{test.clips} clips of {test.people} people, folds pooled; {low:.3f} to {high:.3f}; level {levels}",
        low=low,
        high=high,
        facts=facts,
    )


def _facts(test: TestResult, cpu_minutes: float) -> dict[str, float]:
    """Return all numbers of a test: scores, chance, levels of intensity, and how far groups of people are apart."""
    scored, chance = test.recognition, test.chance
    assert scored is not None
    assert scored.uf1 is not None
    assert scored.uar is not None
    assert scored.uf1_interval is not None
    assert chance is not None
    facts = {"uf1": scored.uf1, "low": scored.uf1_interval[0], "high": scored.uf1_interval[1], "uar": scored.uar}
    facts |= {"chance": chance.uf1, "chance_low": chance.low, "chance_high": chance.high}
    facts |= {"clips": test.clips, "people": test.people, "cpu_minutes": cpu_minutes}
    for level, part in test.levels.items():
        facts[f"level_{level}_clips"] = part.clips
        if part.uf1 is not None:
            facts[f"level_{level}"] = part.uf1
    for report in test.groups:
        for apart in report.differences:
            if apart.measure == "UF1" and apart.interval is not None:
                name = f"apart_{report.attribute.replace(' ', '_')}"
                facts |= {name: apart.value, f"{name}_low": apart.interval[0], f"{name}_high": apart.interval[1]}
    return facts
