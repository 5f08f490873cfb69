"""Figures of a dataset, computed from its rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

from equime_builder.errors import DatasetError
from equime_builder.facs import EMOTION_LABELS
from equime_builder.layout import place_of

UNDECLARED: Final = "undeclared"

_COLUMNS: Final = [
    "subject_id", "emotion", "gender", "skin_tone", "apex_frame", "measured", "size_bytes", "duration_s",
    "source", "source_license", "renderer", "encoder_profile", "demographics_source",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Figures of a dataset.

    Attributes:
        cells: Clips by (emotion, split, gender).
        people: Subjects by (gender, skin tone).
        names: For each of ``source``, ``source_license``, ``renderer``, ``encoder_profile``, ``demographics_source``
            and ``measured_by`` the values that occur, sorted.
        duration_s: All clips together.
        correlation: Median of measured against planned motion over expressions; ``None`` = not measured.
        slope: Median of the same.
        expressions: Expressions that were measured.
        apex_hits: Those whose measured apex lies within 1 frame of the planned one.
        negatives: Negatives that were measured.
        false_peaks: Movements found on them.
    """

    cells: Counter[tuple[str, str, str]]
    people: Counter[tuple[str, str]]
    names: dict[str, tuple[str, ...]]
    duration_s: float
    video_bytes: int
    correlation: float | None
    slope: float | None
    expressions: int
    apex_hits: int
    negatives: int
    false_peaks: int

    @property
    def clips(self) -> int:
        """All clips."""
        return self.cells.total()


def summarize(root: Path, shard_paths: Sequence[str]) -> Summary:
    """Compute the figures of the shards at hand; reads no video.

    Args:
        shard_paths: Relative to ``root``.

    Raises:
        DatasetError: A shard cannot be read.
    """
    rows = [row for path in shard_paths for row in _rows(root, path)]
    expressions = [row for row in rows if row["measured"] is not None and row["apex_frame"] is not None]
    negatives = [row for row in rows if row["measured"] is not None and row["apex_frame"] is None]
    people = {row["subject_id"]: (row["gender"] or UNDECLARED, row["skin_tone"] or UNDECLARED) for row in rows}
    return Summary(
        cells=Counter(_cell(row) for row in rows),
        people=Counter(people.values()),
        names=_names(rows),
        duration_s=sum(row["duration_s"] for row in rows),
        video_bytes=sum(row["size_bytes"] for row in rows),
        correlation=_median(expressions, "correlation"),
        slope=_median(expressions, "slope"),
        expressions=len(expressions),
        apex_hits=sum(_hits_apex(row) for row in expressions),
        negatives=len(negatives),
        false_peaks=sum(row["measured"]["peaks"] for row in negatives),
    )


def _rows(root: Path, path: str) -> Iterator[dict[str, Any]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    _, split = place_of(path) or ("", "")
    try:
        with pq.ParquetFile(root / path) as file:
            for batch in file.iter_batches(columns=_COLUMNS):
                yield from ({**row, "split": split} for row in batch.to_pylist())
    except (pa.ArrowException, OSError, ValueError) as error:
        raise DatasetError(f"{path}: cannot be read: {error}; run equime verify") from error


def _cell(row: dict[str, Any]) -> tuple[str, str, str]:
    return EMOTION_LABELS[row["emotion"]], row["split"], row["gender"] or UNDECLARED


def _names(rows: list[dict[str, Any]]) -> dict[str, tuple[str, ...]]:
    keys = ("source", "source_license", "renderer", "encoder_profile", "demographics_source")
    names = {key: tuple(sorted({row[key] for row in rows})) for key in keys}
    tools = {row["measured"]["measured_by"] for row in rows if row["measured"] is not None}
    return {**names, "measured_by": tuple(sorted(tools))}


def _median(rows: list[dict[str, Any]], key: str) -> float | None:
    values = [row["measured"][key] for row in rows if row["measured"][key] is not None]
    return median(values) if values else None


def _hits_apex(row: dict[str, Any]) -> bool:
    found = row["measured"]["apex_frame"]
    return found is not None and abs(found - row["apex_frame"]) <= 1
