"""What a classifier without motion sees of clips: of a dataset's, or of some that are rendered for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.people import default_faces

if TYPE_CHECKING:
    from equime_evaluation.shortcuts import WatchedClip

CLIPS_PER_PERSON_AND_EMOTION = 2
SEED = 3
COLUMNS = ("id", "subject_id", "emotion", "video", "onset_frame", "apex_frame", "offset_frame")


def stored_clips(root: Path) -> Iterator[WatchedClip]:
    """Yield what is seen of each expression of a dataset that shows the default people alone."""
    from equime_builder.facs import EMOTION_LABELS
    from equime_builder.manifest import read_manifest
    from equime_builder.reading import read_rows
    from equime_evaluation.shortcuts import WatchedClip, frame_features, regions_of

    regions = {face.subject.id: regions_of(face.landmarks) for face in default_faces()}
    for shard in read_manifest(root).shards:
        for row in read_rows(root / shard.path, only=COLUMNS):
            if row["apex_frame"] is None:
                continue
            data = row["video"]["bytes"]
            yield WatchedClip(
                clip_id=row["id"],
                person=row["subject_id"],
                emotion=EMOTION_LABELS[row["emotion"]],
                size_bytes=len(data),
                frames=frame_features(data, regions[row["subject_id"]]),
                onset_frame=row["onset_frame"],
                apex_frame=row["apex_frame"],
                offset_frame=row["offset_frame"],
            )


def rendered_clips(emotions: list[str], *, design: str) -> Iterator[WatchedClip]:
    """Yield what is seen of two new clips of each emotion on each of the ten default people."""
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
