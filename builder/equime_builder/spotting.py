"""Clips of several events: their own folder, columns and configuration, apart from the clips of one event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

from equime_builder.errors import DatasetError
from equime_builder.records import (
    SPOTTING,
    Event,
    Generation,
    Measured,
    Media,
    Placement,
    Plan,
    Subject,
    TrueMotion,
)
from equime_builder.rows import Row, check_media, distractor_entries, media_entries, subject_entries, unit_entry
from equime_builder.schema import Column, Columns, named

SPOTTING_COLUMNS: Final[Columns] = (
    *named("id", "plan_id", "subject_id", "fold", "video", "num_frames", "fps", "width", "height"),
    *named("prompt", "negative_prompt", "caption"),
    Column("events", "events", "events", "micro-expressions in order of time, each planned, as rendered and measured"),
    *named("distractors"),
    *named("gender", "age", "age_group", "ethnicity", "ethnicity_distribution", "skin_tone", "skin_ita"),
    *named("demographics_source", "size_bytes", "bitrate_kbps", "duration_s", "codec", "encoder_profile", "sha256"),
    *named("renderer", "model", "model_revision", "seed", "recipe", "source", "source_sha256", "source_license"),
    *named("generated_with", "synthetic"),
)
"""Columns of a row; those that clips of one event have as well mean the same there."""


def spotting_row_of(
    plan: Plan,
    subject: Subject,
    placement: Placement,
    media: Media,
    measured: Sequence[Measured | None],
    generation: Generation,
    *,
    true_motions: Sequence[TrueMotion | None],
) -> Row:
    """Return the row of a kept clip of several events.

    Args:
        plan: As rendered.
        measured: One for each event; ``None`` = not measured.
        true_motions: One for each event; ``None`` = the renderer cannot tell.

    Raises:
        MediaError: The clip is not 144 frames of 512 x 512 at 24 a second in H.264.
        DatasetError: The plan has no events, or is another subject's.
    """
    if not plan.events or plan.subject_id != subject.id:
        raise DatasetError(f"clip {plan.clip_id}: no plan of several events on {subject.id!r}; make one for {SPOTTING}")
    check_media(plan.clip_id, media)
    row = {
        "id": plan.clip_id,
        "plan_id": plan.plan_id,
        "subject_id": subject.id,
        "fold": placement.fold,
        "prompt": plan.prompt,
        "negative_prompt": plan.negative_prompt,
        "caption": plan.caption,
        "events": [
            _event_entry(plan, event, found, true)
            for event, found, true in zip(plan.events, measured, true_motions, strict=True)
        ],
        "distractors": distractor_entries(plan),
        "seed": plan.seed,
        "synthetic": True,
        **media_entries(plan.clip_id, media),
        **subject_entries(subject),
        **asdict(generation),
    }
    return {column.name: row[column.name] for column in SPOTTING_COLUMNS}


def _event_entry(plan: Plan, event: Event, measured: Measured | None, true_motion: TrueMotion | None) -> Row:
    alone = plan.of_event(event)
    return {
        **asdict(event),
        "objective_class": alone.objective_class,
        "aus": [unit_entry(planned) for planned in alone.aus],
        "true_motion": None if true_motion is None else asdict(true_motion),
        "measured": None if measured is None else asdict(measured),
    }
