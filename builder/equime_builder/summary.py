"""Figures of a dataset, computed from its rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Final, NamedTuple

from equime_builder.errors import DatasetError
from equime_builder.facs import EMOTION_LABELS
from equime_builder.layout import place_of, tar_place_of
from equime_builder.reading import read_rows
from equime_builder.tars import read_tar

UNDECLARED: Final = "undeclared"

_NAMED: Final = ("source", "source_license", "renderer", "encoder_profile", "demographics_source")
_TOOLS: Final = ("measured_by", "estimated_by")
_COLUMNS: Final = [
    "subject_id", "emotion", "gender", "age", "age_group", "ethnicity", "skin_tone", "skin_ita", "estimated",
    "apex_frame", "distractors", "negative_kind", "measured", "size_bytes", "duration_s", *_NAMED,
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Figures of a dataset.

    Attributes:
        cells: Clips by (emotion, split, gender).
        people: Subjects by (gender, skin tone).
        ages: Subjects by age group, or by age in years where that alone was declared.
        ethnicities: Subjects by ethnicity as declared.
        measured_skin: Subjects whose skin angle was measured.
        names: For each of ``source``, ``source_license``, ``renderer``, ``encoder_profile``, ``demographics_source``,
            ``measured_by`` and ``estimated_by`` the values that occur, sorted.
        duration_s: All clips together.
        correlation: Median of measured against planned motion over expressions; ``None`` = not measured.
        slope: Median of the same.
        expressions: Expressions that were measured.
        apex_hits: Those whose measured apex lies within 1 frame of the planned one.
        negatives: Negatives that were measured, blink-only ones left out.
        false_peaks: Movements found on them.
        blink_negatives: Blink-only negatives that were measured.
        blinks: Blinks planned on them.
        blink_peaks: Movements found on them.
    """

    cells: Counter[tuple[str, str, str]]
    people: Counter[tuple[str, str]]
    ages: Counter[str]
    ethnicities: Counter[str]
    measured_skin: int
    names: dict[str, tuple[str, ...]]
    duration_s: float
    video_bytes: int
    correlation: float | None
    slope: float | None
    expressions: int
    apex_hits: int
    negatives: int
    false_peaks: int
    blink_negatives: int
    blinks: int
    blink_peaks: int

    @property
    def clips(self) -> int:
        """All clips."""
        return self.cells.total()


def summarize(root: Path, shard_paths: Iterable[str]) -> Summary:
    """Compute the figures of the shards at hand; reads no video, and holds a few numbers a clip.

    Args:
        shard_paths: Relative to ``root``.

    Raises:
        DatasetError: A shard cannot be read, or a row holds what no clip has.
    """
    tally = _Tally()
    for path in shard_paths:
        for row in _rows(root, path):
            try:
                tally.add(row)
            except (TypeError, LookupError, ValueError) as error:
                raise DatasetError(f"{path}: a row holds what no clip has ({error}); run equime verify") from error
    return tally.summary()


class _Person(NamedTuple):
    gender: str
    skin_tone: str
    age: str
    ethnicity: str
    skin_ita: float | None


@dataclass(slots=True)
class _Tally:
    """Figures so far; fields as in `Summary`."""

    cells: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    people: dict[str, _Person] = field(default_factory=dict)
    names: dict[str, set[str]] = field(default_factory=lambda: {name: set() for name in (*_NAMED, *_TOOLS)})
    counts: Counter[str] = field(default_factory=Counter)
    duration_s: float = 0.0
    correlations: list[float] = field(default_factory=list)
    slopes: list[float] = field(default_factory=list)

    def add(self, row: dict[str, Any]) -> None:
        gender = row["gender"] or UNDECLARED
        self.cells[EMOTION_LABELS[row["emotion"]], row["split"], gender] += 1
        self.people[row["subject_id"]] = _Person(
            gender=gender,
            skin_tone=row["skin_tone"] or UNDECLARED,
            age=row["age_group"] or (UNDECLARED if row["age"] is None else f"{row['age']:g}"),
            ethnicity=row["ethnicity"] or UNDECLARED,
            skin_ita=row["skin_ita"],
        )
        self.duration_s += row["duration_s"]
        self.counts["video_bytes"] += row["size_bytes"]
        for name in _NAMED:
            self.names[name].add(row[name])
        if row["estimated"] is not None:
            self.names["estimated_by"].add(f"{row['estimated']['tool']} {row['estimated']['version']}")
        if row["measured"] is not None:
            self.names["measured_by"].add(row["measured"]["measured_by"])
            if row["apex_frame"] is None:
                self._add_negative(row)
            else:
                self._add_motion(row["apex_frame"], row["measured"])

    def _add_negative(self, row: dict[str, Any]) -> None:
        if row["negative_kind"] == "blink":
            self.counts["blink_negatives"] += 1
            self.counts["blinks"] += len(row["distractors"])
            self.counts["blink_peaks"] += row["measured"]["peaks"]
        else:
            self.counts["negatives"] += 1
            self.counts["false_peaks"] += row["measured"]["peaks"]

    def _add_motion(self, apex_frame: int, measured: dict[str, Any]) -> None:
        self.counts["expressions"] += 1
        found = measured["apex_frame"]
        self.counts["apex_hits"] += found is not None and abs(found - apex_frame) <= 1
        for figures, name in ((self.correlations, "correlation"), (self.slopes, "slope")):
            if measured[name] is not None:
                figures.append(measured[name])

    def summary(self) -> Summary:
        negative = ("negatives", "false_peaks", "blink_negatives", "blinks", "blink_peaks")
        counted = ("video_bytes", "expressions", "apex_hits", *negative)
        return Summary(
            cells=self.cells,
            people=Counter((person.gender, person.skin_tone) for person in self.people.values()),
            ages=Counter(person.age for person in self.people.values()),
            ethnicities=Counter(person.ethnicity for person in self.people.values()),
            measured_skin=sum(person.skin_ita is not None for person in self.people.values()),
            names={name: tuple(sorted(values)) for name, values in self.names.items()},
            duration_s=self.duration_s,
            correlation=median(self.correlations) if self.correlations else None,
            slope=median(self.slopes) if self.slopes else None,
            **{name: self.counts[name] for name in counted},
        )


def _rows(root: Path, path: str) -> Iterator[dict[str, Any]]:
    _, split = place_of(path) or tar_place_of(path) or ("", "")
    rows = read_tar(root / path) if tar_place_of(path) else read_rows(root / path, only=_COLUMNS, where=path)
    return ({**row, "split": split} for row in rows)
