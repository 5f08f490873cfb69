"""Whether a classifier that sees no motion tells apex frames from rest, or emotions apart, on people it has not seen.

Runs on the dataset that is found ($EQUIME_HOME, else ./equime) where its programmes are independent; else on two clips
of each of the five emotions on each of the ten default people, 100 in all. The first figure ranks each clip's apex
against eight frames at rest; the second is the mean over the emotions, each against the others. In 100 clips a single
emotion's own figure is good for about .07; the documentation quotes `equime render --clips-per-emotion 100 --seed 21`.

The third figure needs no classifier, and hardly depends on chance: see `benchmarks.shortcut_shift`.
"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import mean
from typing import TYPE_CHECKING

from benchmarks.figures import Figure
from benchmarks.shortcut_shift import shift_figure
from benchmarks.watched import rendered_clips, stored_clips

if TYPE_CHECKING:
    from equime_evaluation.shortcuts import Finding, Samples, WatchedClip

TARGET = 0.60


def figures() -> Iterator[Figure]:
    from equime_builder.facs import EMOTIONS
    from equime_evaluation.shortcuts import FEATURES, apex_task, emotion_task, shortcut_auc

    emotions = [emotion for emotion in EMOTIONS if emotion != "neutral"]
    clips = _clips(emotions)
    apex = apex_task(clips)
    found = shortcut_auc(apex.features, apex.labels, apex.groups)
    yield Figure(
        name="apex_without_motion",
        value=found.auc,
        unit="AUC",
        target=TARGET,
        better="lower",
        detail=f"{len(clips)} clips, {_interval(found)}; alone: {_strongest(apex, FEATURES)}",
        low=found.low,
        high=found.high,
        facts={"clips": len(clips), "rest_frames": len(apex.labels) - len(clips)},
    )
    tasks = {emotion: emotion_task(clips, emotion) for emotion in emotions}
    told = {name: shortcut_auc(task.features, task.labels, task.groups) for name, task in tasks.items()}
    yield Figure(
        name="emotion_without_motion",
        value=mean(finding.auc for finding in told.values()),
        unit="AUC",
        target=TARGET,
        better="lower",
        detail="; ".join(f"{name} {finding.auc:.2f} {_interval(finding)}" for name, finding in told.items()),
        facts={
            **{name: finding.auc for name, finding in told.items()},
            "most": max(finding.auc for finding in told.values()),
        },
    )
    yield shift_figure(emotions)


def _clips(emotions: list[str]) -> list[WatchedClip]:
    from equime_builder.errors import DatasetMissingError
    from equime_builder.locate import find_dataset
    from equime_builder.manifest import read_manifest

    try:
        found = find_dataset()
        if read_manifest(found).config.get("design") == "independent":
            return list(stored_clips(found))
    except DatasetMissingError:
        pass
    return list(rendered_clips(emotions, design="independent"))


def _interval(finding: Finding) -> str:
    return f"[{finding.low:.2f}, {finding.high:.2f}]"


def _strongest(task: Samples, names: tuple[str, ...], *, shown: int = 5) -> str:
    """Return the features that tell most by themselves."""
    from equime_evaluation.shortcuts import shortcut_auc

    alone = {
        name: shortcut_auc(task.features[:, [column]], task.labels, task.groups).auc
        for column, name in enumerate(names)
    }
    return ", ".join(f"{name} {alone[name]:.2f}" for name in sorted(alone, key=lambda name: -alone[name])[:shown])
