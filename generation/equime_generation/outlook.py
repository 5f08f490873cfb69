"""What a configuration would give: how many clips of what, on whom, and at what cost, before a pixel is made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any, Final

from equime_builder.groups import group_of, groups_in, missing_groups, tone_conflicts
from equime_builder.pool import default_workers
from equime_builder.records import SPLITS, SPOTTING, Placement, Plan, Reject, Subject
from equime_generation.claim import room_for
from equime_generation.renderers.ltx.outlook import GPU_COLUMNS, ltx_outlook

if TYPE_CHECKING:
    from equime_generation.config import RunConfig
    from equime_generation.progress import Watch
    from equime_generation.renderers.ltx.outlook import LtxOutlook

CPU_S_PER_CLIP: Final = 2.7
"""Render, encode and measure on one core where `make demo` made 60 clips in 81 s on two; other machines differ."""
BYTES_PER_CLIP: Final = 260_000
FLOW_BYTES_PER_EVENT: Final = 180_000
Rows = list[tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """The plans of a run with the people they fall on.

    Attributes:
        ltx: What they cost with LTX-Video; ``None`` with another renderer.
        refused: Photos that do not take part.
    """

    config: RunConfig
    subjects: dict[str, Subject]
    placements: dict[str, Placement]
    plans: Sequence[Plan]
    ltx: LtxOutlook | None = None
    refused: Sequence[Reject] = ()

    def tables(self) -> list[tuple[str, tuple[str, ...], Rows]]:
        """Return title, column names and rows of each table that a person should see."""
        cells = self._cells()
        people = self._people()
        columns = [*self.config.emotions, *([SPOTTING] if self.config.spotting_clips else [])]
        rows = [(name, *(str(cells[column, name]) for column in columns), str(count)) for name, count in people.items()]
        return [
            ("Clips, by split and by group of people", ("", *columns, "people"), rows),
            ("Clips by Action Unit and level", ("Action Unit", "A", "B", "C"), self._unit_rows()),
            *([(self.ltx.title, GPU_COLUMNS, self.ltx.rows())] if self.ltx else []),
        ]

    def notes(self) -> list[str]:
        """Return what the tables do not say: imbalance, size and time."""
        missing = missing_groups(self.subjects.values())
        return [
            f"{len(self.subjects)} subjects, {len(self.plans)} clips, about {_size(self._size_bytes)}; "
            f"{_size(room_for(self.config))} of disk while they are made",
            f"about {_duration(self._cpu_s)} of one core, {_duration(self._cpu_s / self._cores)} of {self._cores} here",
            f"balance over {self.config.balance}: {self._balance_note()}",
            *(f"nobody stands for {' '.join(group)}: no setting can balance that" for group in missing),
            *(
                f"{who} is declared Fitzpatrick {declared} and the photo measures like {measured}: check which is right"
                for who, declared, measured in tone_conflicts(self.subjects.values())
            ),
            *(self.ltx.notes() if self.ltx else ()),
        ]

    @property
    def _cpu_s(self) -> float:
        return len(self.plans) * (self.ltx.cpu_s_per_clip if self.ltx else CPU_S_PER_CLIP)

    @property
    def _cores(self) -> int:
        return default_workers() if self.ltx else self.config.workers or default_workers()

    @property
    def _size_bytes(self) -> int:
        events = sum(len(plan.events) or bool(plan.aus) for plan in self.plans) * self.config.with_flow
        asked = sum(not plan.events for plan in self.plans) * self.config.makes_vqa
        shown = len(self.plans) * (1 + (self.config.format == "both"))
        return (shown + asked) * BYTES_PER_CLIP + events * FLOW_BYTES_PER_EVENT

    def _balance_note(self) -> str:
        counts = Counter(plan.subject_id for plan in self.plans)
        by_group = Counter(group_of(self.subjects[plan.subject_id]) for plan in self.plans)
        return (
            f"{min(counts.values())} to {max(counts.values())} clips a person, "
            f"{min(by_group.values())} to {max(by_group.values())} a group"
        )

    def _people(self) -> dict[str, int]:
        splits = Counter(placement.split for placement in self.placements.values())
        groups = {" ".join(group): len(members) for group, members in groups_in(self.subjects.values()).items()}
        return {**{split: splits[split] for split in SPLITS}, **groups, "all": len(self.subjects)}

    def as_json(self) -> dict[str, Any]:
        """Return the same for programs."""
        cells = self._cells()
        return {
            # the batch size belongs to the recipe, and the GPU that decides it is not known yet
            "fingerprint": None if self.ltx else self.config.fingerprint,
            "recipe": self.config.recipe,
            "subjects": len(self.subjects),
            "clips": len(self.plans),
            "cells": {f"{emotion}/{column}": count for (emotion, column), count in sorted(cells.items())},
            "action_units": {row[0]: dict(zip("ABC", map(int, row[1:]), strict=True)) for row in self._unit_rows()},
            "size_bytes": self._size_bytes,
            "room_bytes": room_for(self.config),
            "cpu_s": self._cpu_s,
            "cores": self._cores,
            **({"ltx": self.ltx.as_json()} if self.ltx else {}),
        }

    def _cells(self) -> Counter[tuple[str, str]]:
        cells: Counter[tuple[str, str]] = Counter()
        for plan in self.plans:
            cells[plan.emotion, "all"] += 1
            cells[plan.emotion, self.placements[plan.subject_id].split] += 1
            cells[plan.emotion, " ".join(group_of(self.subjects[plan.subject_id]))] += 1
        return cells

    def _unit_rows(self) -> Rows:
        levels = Counter(
            (au.au, au.level) for plan in self.plans for au in {planned.au: planned for planned in plan.aus}.values()
        )
        aus = sorted({au for au, _ in levels})
        counts = {(au, level): str(levels[au, level]) for au, level in product(aus, "ABC")}
        return [(f"AU{au}", *(counts[au, level] for level in "ABC")) for au in aus]


def _size(size_bytes: float) -> str:
    return f"{size_bytes / 1e9:.1f} GB" if size_bytes >= 1e9 else f"{size_bytes / 1e6:.0f} MB"


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 7200 else f"{seconds / 3600:.1f} hours"


def outlook_of(config: RunConfig, watch: Watch) -> Outlook:
    """Admit the photos and draw the plans of a configuration; nothing is written.

    Raises:
        UsageError: The source cannot be used.
        PhotoError: No photo passed the gate.
    """
    from equime_builder.splits import assign
    from equime_generation.run import draw_plans
    from equime_generation.subjects import admit_subjects

    admitted, refused = admit_subjects(config, watch)
    subjects = {subject.id: subject for subject in admitted}
    plans = draw_plans(config, admitted)
    return Outlook(
        config=config,
        subjects=subjects,
        placements=assign(list(subjects.values())),
        plans=plans,
        ltx=None if config.settings is None else ltx_outlook(config.settings, plans),
        refused=refused,
    )
