"""A clip with all its questions becomes a row.

A row holds every question of its clip instead of one: a row a question would store each video some ten times over.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from equime_builder.rows import Row
from equime_builder.schema import Column, Columns, named
from equime_builder.vqa import questions_of

VQA: Final = "vqa"
"""Name of the configuration."""

VQA_COLUMNS: Final[Columns] = (
    *named("id", "plan_id", "subject_id", "fold", "video", "num_frames", "fps", "width", "height"),
    Column("questions", "text", "questions", "all questions of the clip with their answers, as ME-VQA records"),
    *named("caption", "emotion", "emotion_3class", "negative_kind", "objective_class", "au_intensity"),
    *named("onset_frame", "apex_frame", "offset_frame", "distractors"),
    *named("gender", "age", "age_group", "ethnicity", "skin_tone", "demographics_source"),
    *named("size_bytes", "codec", "sha256", "source", "source_sha256", "source_license", "generated_with", "synthetic"),
)
"""Columns of a row; all but ``questions`` are those of the same clip under ``data/``."""

FROM_COLUMNS: Final = (*(column.name for column in VQA_COLUMNS if column.name != "questions"), "aus")
"""What a clip's row must hold for `vqa_row_of`."""


def vqa_row_of(row: Mapping[str, Any]) -> Row:
    """Return the row of questions of a clip.

    Args:
        row: A clip's row with at least `FROM_COLUMNS`.
    """
    known = {**row, "questions": questions_of(row)}
    return {column.name: known[column.name] for column in VQA_COLUMNS}
