"""What a configuration would give: how many clips of what, on whom, and at what cost, before a pixel is made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any, Final

from equime_builder.records import SPLITS, Placement, Plan, Subject

if TYPE_CHECKING:
    from equime_generation.config import RunConfig
    from equime_generation.progress import Watch

CPU_S_PER_CLIP: Final = 5.0
"""Render, encode and measure on one core, on the machine where it was measured; others differ."""
BYTES_PER_CLIP: Final = 260_000
Rows = list[tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """The plans of a run with the people they fall on."""

    config: RunConfig
    subjects: dict[str, Subject]
    placements: dict[str, Placement]
    plans: Sequence[Plan]

    def tables(self) -> list[tuple[str, tuple[str, ...], Rows]]:
        """Return title, column names and rows of each table that a person should see."""
        genders = sorted({_or_undeclared(subject.demographics.gender) for subject in self.subjects.values()})
        tones = sorted({_or_undeclared(subject.demographics.skin_tone) for subject in self.subjects.values()})
        columns = ("emotion", *SPLITS, *genders, *(f"tone {tone}" for tone in tones), "all")
        cells = self._cells()
        rows = [(emotion, *(str(cells[emotion, column]) for column in columns[1:])) for emotion in self.config.emotions]
        return [
            ("Clips by emotion", columns, rows),
            ("Clips by Action Unit and level", ("Action Unit", "A", "B", "C"), self._unit_rows()),
        ]

    def notes(self) -> list[str]:
        """Return what the tables do not say: imbalance, size and time."""
        clips = len(self.plans)
        counts = Counter(_or_undeclared(subject.demographics.gender) for subject in self.subjects.values())
        people = ", ".join(f"{count} {gender}" for gender, count in sorted(counts.items()))
        return [
            f"{len(self.subjects)} subjects ({people}), {clips} clips, about {clips * BYTES_PER_CLIP / 1e6:.0f} MB, "
            f"about {clips * CPU_S_PER_CLIP / 60:.0f} minutes of one core",
            "Every subject carries equally many clips of each emotion, so groups weigh as their people do.",
        ]

    def as_json(self) -> dict[str, Any]:
        """Return the same for programs."""
        cells = self._cells()
        return {
            "fingerprint": self.config.fingerprint,
            "recipe": self.config.recipe,
            "subjects": len(self.subjects),
            "clips": len(self.plans),
            "cells": {f"{emotion}/{column}": count for (emotion, column), count in sorted(cells.items())},
            "action_units": {row[0]: dict(zip("ABC", map(int, row[1:]), strict=True)) for row in self._unit_rows()},
            "size_bytes": len(self.plans) * BYTES_PER_CLIP,
            "cpu_s": len(self.plans) * CPU_S_PER_CLIP,
        }

    def _cells(self) -> Counter[tuple[str, str]]:
        cells: Counter[tuple[str, str]] = Counter()
        for plan in self.plans:
            declared = self.subjects[plan.subject_id].demographics
            cells[plan.emotion, "all"] += 1
            cells[plan.emotion, self.placements[plan.subject_id].split] += 1
            cells[plan.emotion, _or_undeclared(declared.gender)] += 1
            cells[plan.emotion, f"tone {_or_undeclared(declared.skin_tone)}"] += 1
        return cells

    def _unit_rows(self) -> Rows:
        levels = Counter(
            (au.au, au.level) for plan in self.plans for au in {planned.au: planned for planned in plan.aus}.values()
        )
        aus = sorted({au for au, _ in levels})
        counts = {(au, level): str(levels[au, level]) for au, level in product(aus, "ABC")}
        return [(f"AU{au}", *(counts[au, level] for level in "ABC")) for au in aus]


def outlook_of(config: RunConfig, watch: Watch) -> Outlook:
    """Admit the photos and draw the plans of a configuration; nothing is written.

    Raises:
        UsageError: The source cannot be used.
        PhotoError: No photo passed the gate.
    """
    from equime_builder.splits import assign
    from equime_generation.run import admit_subjects, draw_plans

    faces, _ = admit_subjects(config, watch)
    subjects = {face.subject.id: face.subject for face in faces}
    return Outlook(
        config=config,
        subjects=subjects,
        placements=assign(list(subjects.values())),
        plans=draw_plans(config, list(subjects)),
    )


def _or_undeclared(value: str | None) -> str:
    return "undeclared" if value is None else value
