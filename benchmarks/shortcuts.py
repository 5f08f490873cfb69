"""Whether a classifier that sees no motion tells apex frames from rest, or emotions apart, on people it has not seen.

Two clips of each of the five emotions on each of the ten default people, rendered, encoded with the default profile and
decoded: 100 clips. The first figure ranks 100 apex frames against 800 frames at rest; the second is the mean over the
emotions, each against the others. A single emotion has 20 clips, so that its own figure is good for about .07.

The third figure needs no classifier, and hardly depends on chance: see `benchmarks.shortcut_shift`.
"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import mean
from typing import TYPE_CHECKING

from benchmarks.figures import Figure
from benchmarks.people import default_faces
from benchmarks.shortcut_shift import shift_figure

if TYPE_CHECKING:
    from equime_evaluation.shortcuts import Finding, Samples, WatchedClip

CLIPS_PER_PERSON_AND_EMOTION = 2
TARGET = 0.60
SEED = 3


def figures() -> Iterator[Figure]:
    from equime_builder.facs import EMOTIONS
    from equime_evaluation.shortcuts import FEATURES, apex_task, emotion_task, shortcut_auc

    emotions = [emotion for emotion in EMOTIONS if emotion != "neutral"]
    clips = list(watched_clips(emotions, design="independent"))
    apex = apex_task(clips)
    found = shortcut_auc(apex.features, apex.labels, apex.groups)
    yield Figure(
        name="apex_without_motion",
        value=found.auc,
        unit="AUC",
        target=TARGET,
        better="lower",
        detail=f"{_interval(found)}; alone: {_strongest(apex, FEATURES)}",
        low=found.low,
        high=found.high,
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
        facts={name: finding.auc for name, finding in told.items()},
    )
    yield shift_figure(emotions)


def watched_clips(emotions: list[str], *, design: str) -> Iterator[WatchedClip]:
    """Yield what a classifier without motion sees of two clips of each emotion on each of the ten default people."""
    from equime_evaluation.shortcuts import WatchedClip, frame_features, regions_of
    from equime_generation.causal import plan_clips
    from equime_generation.encode import encode
    from equime_generation.renderers import Job, load_renderer

    by_id = {face.subject.id: face for face in default_faces()}
    turns = {emotion: list(by_id) * CLIPS_PER_PERSON_AND_EMOTION for emotion in emotions}
    plans = sorted(plan_clips(turns, design=design, seed=SEED), key=lambda plan: plan.subject_id)
    jobs = (Job(face=by_id[plan.subject_id], plan=plan) for plan in plans)
    for clip in load_renderer("warp").render(jobs):
        plan, data = clip.plan, encode(clip.frames).data
        assert plan.onset_frame is not None
        assert plan.apex_frame is not None
        assert plan.offset_frame is not None
        yield WatchedClip(
            clip_id=plan.clip_id,
            person=plan.subject_id,
            emotion=plan.emotion,
            size_bytes=len(data),
            frames=frame_features(data, regions_of(by_id[plan.subject_id].landmarks)),
            onset_frame=plan.onset_frame,
            apex_frame=plan.apex_frame,
            offset_frame=plan.offset_frame,
        )


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
