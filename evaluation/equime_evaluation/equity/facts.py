"""What an audit looks at in a clip: what was planned, what became of it, and what was measured."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from equime_builder.facs import EMOTION_LABELS
from equime_builder.records import Plan

QUALITY: Final = ("psnr", "ssim", "tv", "brisque", "clip_iqa", "motion_survival")
MEASURED: Final = ("motion_iod", "correlation", "slope", "outside_px")
COLUMNS: Final = [
    "id", "plan_id", "subject_id", "emotion", "prompt", "onset_frame", "apex_frame", "offset_frame", "aus",
    "negative_kind", "true_motion", "measured", *QUALITY,
]  # fmt: skip
"""Columns of a row that an audit reads; the video is not among them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """One clip.

    Attributes:
        combination: Planned AUs such as ``"1+2+4"``; empty on negatives.
        sides: ``"both"``, ``"left"``, ``"right"``, or ``"mixed"`` where units differ; empty on negatives.
        peak: Largest planned intensity, 0-1; ``None`` on negatives, as the frames.
        numbers: What was measured, by name; a name that is missing was not measured.
    """

    clip_id: str
    plan_id: str
    subject_id: str
    emotion: str
    prompt: str
    combination: str
    sides: str
    peak: float | None
    onset_frame: int | None
    apex_frame: int | None
    offset_frame: int | None
    numbers: Mapping[str, float] = field(default_factory=dict)

    @property
    def duration_frames(self) -> float | None:
        """Frames from onset to offset."""
        return None if self.onset_frame is None or self.offset_frame is None else self.offset_frame - self.onset_frame

    @property
    def onset_share(self) -> float | None:
        """Share of the duration that lies before the apex."""
        if self.onset_frame is None or self.apex_frame is None or not self.duration_frames:
            return None
        return (self.apex_frame - self.onset_frame) / self.duration_frames

    @property
    def aus(self) -> frozenset[str]:
        """Numbers of the planned AUs."""
        return frozenset(filter(None, self.combination.split("+")))


def facts_of_plan(plan: Plan) -> Facts:
    """Return what a plan says."""
    units = [(planned.au, planned.side, planned.intensity) for planned in plan.aus]
    return Facts(
        clip_id=plan.clip_id,
        plan_id=plan.plan_id,
        subject_id=plan.subject_id,
        emotion=plan.emotion,
        prompt=plan.prompt,
        onset_frame=plan.onset_frame,
        apex_frame=plan.apex_frame,
        offset_frame=plan.offset_frame,
        **_of_units(units),
    )


def facts_of_row(row: Mapping[str, Any]) -> Facts:
    """Return what a row says; it needs the columns `COLUMNS`."""
    units = [(unit["au"], unit["side"], unit["intensity"]) for unit in row["aus"]]
    return Facts(
        clip_id=row["id"],
        plan_id=row["plan_id"],
        subject_id=row["subject_id"],
        emotion=EMOTION_LABELS[row["emotion"]],
        prompt=row["prompt"],
        onset_frame=row["onset_frame"],
        apex_frame=row["apex_frame"],
        offset_frame=row["offset_frame"],
        numbers=_numbers(row),
        **_of_units(units),
    )


def _of_units(units: Iterable[tuple[int, str, float]]) -> dict[str, Any]:
    sides_of: dict[int, set[str]] = {}
    peak = None
    for au, side, intensity in units:
        sides_of.setdefault(au, set()).add(side)
        peak = intensity if peak is None else max(peak, intensity)
    kinds = {"both" if len(sides) > 1 else min(sides) for sides in sides_of.values()}
    return {
        "combination": "+".join(str(au) for au in sorted(sides_of)),
        "sides": "mixed" if len(kinds) > 1 else "".join(kinds),
        "peak": peak,
    }


def _numbers(row: Mapping[str, Any]) -> dict[str, float]:
    true, measured = row["true_motion"] or {}, row["measured"] or {}
    found = {name: row[name] for name in QUALITY}
    if row["apex_frame"] is not None:
        found |= {name: measured.get(name) for name in MEASURED}
        found["true_motion_iod"] = true.get("motion_iod")
        apex = measured.get("apex_frame")
        found["apex_hit"] = None if not measured else float(apex is not None and abs(apex - row["apex_frame"]) <= 1)
    elif measured and row["negative_kind"] != "blink":  # a blink is a movement, and not a false one
        found["false_peaks"] = float(measured["peaks"])
    return {name: float(value) for name, value in found.items() if value is not None}
