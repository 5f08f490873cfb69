"""What is kept of a clip becomes a row; rows become an Arrow table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from equime_builder.digests import canonical_json
from equime_builder.errors import DatasetError, MediaError
from equime_builder.facs import AU_NAMES, EMOTION_LABELS, EMOTIONS_3CLASS, SLOTS, slot_of
from equime_builder.records import (
    FPS,
    FRAMES,
    SIZE_PX,
    Generation,
    Measured,
    Media,
    Placement,
    Plan,
    PlannedAU,
    Subject,
    TrueMotion,
)
from equime_builder.schema import COLUMN_NAMES, COLUMNS, Columns, arrow_schema

if TYPE_CHECKING:
    import pyarrow as pa

Row = dict[str, Any]

QUESTION: Final = "Which micro-expression does the face in this video show, and which facial muscles move?"

_NOT_MEASURED: Final = ("psnr", "ssim", "tv", "brisque", "clip_iqa", "motion_survival", "estimated")


def row_of(
    plan: Plan,
    subject: Subject,
    placement: Placement,
    media: Media,
    measured: Measured | None,
    generation: Generation,
    *,
    true_motion: TrueMotion | None = None,
) -> Row:
    """Return the row of a kept clip, with values as `datasets` gives them back (``emotion`` is the label's number).

    Args:
        plan: As rendered, which may be weaker than what was asked for.
        true_motion: ``None`` where the renderer does not know what it moved.

    Raises:
        MediaError: The clip is not 144 frames of 512 x 512 at 24 a second in H.264.
        DatasetError: The plan is another subject's.
    """
    if plan.subject_id != subject.id:
        raise DatasetError(f"clip {plan.clip_id}: planned for {plan.subject_id!r}, rendered on {subject.id!r}")
    check_media(plan.clip_id, media)
    row = {
        "id": plan.clip_id,
        "plan_id": plan.plan_id,
        "subject_id": subject.id,
        "fold": placement.fold,
        "true_motion": None if true_motion is None else asdict(true_motion),
        "measured": None if measured is None else asdict(measured),
        "seed": plan.seed,
        "synthetic": True,
        **dict.fromkeys(_NOT_MEASURED),
        **media_entries(plan.clip_id, media),
        **_of_text(plan),
        **_of_expression(plan),
        **subject_entries(subject),
        **asdict(generation),
    }
    return {name: row[name] for name in COLUMN_NAMES}


def messages_of(caption: str) -> list[dict[str, object]]:
    """Return a question about the clip and the caption as its answer, in the roles that chat templates want."""
    question = [{"type": "video"}, {"type": "text", "text": QUESTION}]
    answer = [{"type": "text", "text": caption}]
    return [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]


def table_of(rows: Sequence[Mapping[str, Any]], columns: Columns = COLUMNS) -> pa.Table:
    """Return rows as a table with the schema of a shard.

    Args:
        columns: Of the layout that the rows follow.

    Raises:
        DatasetError: A row lacks a column, has one too many, or holds a value of another type.
    """
    import pyarrow as pa

    names = {column.name for column in columns}
    for row in rows:
        if set(row) != names:
            wrong = ", ".join(sorted(set(row) ^ names))
            raise DatasetError(f"row {row.get('id')!r}: columns missing or unknown: {wrong}; make rows with row_of")
    try:
        # pyarrow makes no nested extension arrays from objects, so JSON goes in as text and is cast
        table = pa.Table.from_pylist([_with_json_text(row, columns) for row in rows], schema=_storage_schema(columns))
        return table.cast(arrow_schema(columns))
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
        ids = f"{rows[0]['id']!r} to {rows[-1]['id']!r}"
        raise DatasetError(f"rows {ids}: a value does not fit its column: {error}; make rows with row_of") from error


def check_media(clip_id: str, media: Media) -> None:
    """Check the format that every row promises.

    Raises:
        MediaError: The clip is not 144 frames of 512 x 512 at 24 a second in H.264.
    """
    found = (media.num_frames, media.fps, media.width, media.height, media.codec)
    wanted = (FRAMES, FPS, SIZE_PX, SIZE_PX, "h264")
    if found != wanted:
        raise MediaError(f"clip {clip_id}: frames, rate, width, height, codec must be {wanted}, got {found}")


def media_entries(clip_id: str, media: Media) -> Row:
    """Return the columns that describe the encoded clip."""
    return {
        "video": {"bytes": media.data, "path": f"{clip_id}.mp4"},
        "num_frames": media.num_frames,
        "fps": float(media.fps),
        "width": media.width,
        "height": media.height,
        "size_bytes": len(media.data),
        "bitrate_kbps": media.bitrate_kbps,
        "duration_s": media.duration_s,
        "codec": media.codec,
        "encoder_profile": media.encoder_profile,
        "sha256": media.sha256,
    }


def _of_text(plan: Plan) -> Row:
    return {
        "prompt": plan.prompt,
        "negative_prompt": plan.negative_prompt,
        "caption": plan.caption,
        "messages": messages_of(plan.caption),
    }


def _of_expression(plan: Plan) -> Row:
    intensity = [0.0] * len(SLOTS)
    for planned in plan.aus:
        slot = slot_of(planned.au, planned.side)
        intensity[slot] = max(intensity[slot], planned.intensity)
    return {
        "emotion": EMOTION_LABELS.index(plan.emotion),
        "emotion_3class": EMOTIONS_3CLASS[plan.emotion],
        "negative_kind": plan.negative_kind,
        "objective_class": plan.objective_class,
        "aus": [unit_entry(planned) for planned in plan.aus],
        "au_intensity": intensity,
        "onset_frame": plan.onset_frame,
        "apex_frame": plan.apex_frame,
        "offset_frame": plan.offset_frame,
        "distractors": distractor_entries(plan),
    }


def distractor_entries(plan: Plan) -> list[Row]:
    """Return blinks and motions of the head, in order of time."""
    found = [("blink", *span) for span in plan.blink_spans]
    found += [("head", motion.onset_frame, motion.apex_frame, motion.offset_frame) for motion in plan.head_motions]
    names = ("kind", "onset_frame", "apex_frame", "offset_frame")
    return [dict(zip(names, item, strict=True)) for item in sorted(found, key=lambda item: item[1])]


def unit_entry(planned: PlannedAU) -> Row:
    """Return one planned AU as the columns hold it."""
    fields = asdict(planned)
    return {**fields, "curve": list(planned.curve), "name": AU_NAMES[planned.au], "level": planned.level}


def subject_entries(subject: Subject) -> Row:
    """Return the columns that say who is seen, as declared, and where the photo came from."""
    declared = asdict(subject.demographics)
    shares = [{"group": group, "share": share} for group, share in declared.pop("ethnicity_distribution")]
    return {
        "demographics_source": declared.pop("source"),
        **declared,
        "ethnicity_distribution": shares,
        "skin_ita": subject.skin_ita,
        "source": subject.source,
        "source_sha256": subject.source_sha256,
        "source_license": subject.source_license,
    }


def _with_json_text(row: Mapping[str, Any], columns: Columns) -> Row:
    text = dict(row)
    for column in columns:
        if column.kind == "json":
            text[column.name] = canonical_json(row[column.name])
        elif column.kind == "messages":
            text[column.name] = [canonical_json(message) for message in row[column.name]]
    return text


@cache
def _storage_schema(columns: Columns) -> pa.Schema:
    import pyarrow as pa

    json_text = {"json": pa.string(), "messages": pa.list_(pa.string())}
    kinds = {column.name: column.kind for column in columns}
    return pa.schema([(field.name, json_text.get(kinds[field.name], field.type)) for field in arrow_schema(columns)])
