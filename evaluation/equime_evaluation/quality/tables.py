"""The tables as CSV files; an empty cell = not measured."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING

from equime_builder.csv_text import csv_of_records
from equime_builder.publish import publish_text
from equime_evaluation.quality.readings import COLUMNS
from equime_evaluation.quality.summary import SUMMARISED

if TYPE_CHECKING:
    from pathlib import Path

    from equime_evaluation.quality.readings import ClipQuality
    from equime_evaluation.quality.summary import Summary


def write_clips(path: Path, clips: Iterable[ClipQuality]) -> Path:
    """Write one line a clip: the published columns first, under their names, then ours.

    Raises:
        OutputError: The place cannot be written.
    """
    return publish_text(path, csv_of_records(COLUMNS, (asdict(clip) for clip in clips)))


def write_summary(path: Path, summaries: Iterable[Summary]) -> Path:
    """Write one line a path: ``directory``, the published means under their names, then ours.

    Raises:
        OutputError: The place cannot be written.
    """
    columns = ("directory", *SUMMARISED.values(), "clips", "refused", "frozen")
    return publish_text(path, csv_of_records(columns, (summary.as_row() for summary in summaries)))
