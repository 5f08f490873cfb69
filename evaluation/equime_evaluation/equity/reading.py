"""A dataset folder becomes what an audit needs: people, facts of planned and of accepted clips, and attempts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from equime_builder.errors import DatasetError
from equime_builder.layout import PLAN_FILE, REJECTS_FILE, SUBJECTS_FILE
from equime_builder.manifest import read_manifest
from equime_builder.reading import read_rows
from equime_builder.records import INCOMPLETE_SET, Reject, Subject
from equime_builder.tables import read_plans, read_rejects, read_subjects
from equime_evaluation.equity.facts import COLUMNS, Facts, facts_of_plan, facts_of_row


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What an audit reads.

    Attributes:
        subjects: By id.
        planned: Every planned clip of at most one event.
        accepted: Every clip that has a row.
        reasons: For each clip id, why its attempts were dropped, in order; clips without a drop are missing.
        left_out: Clips that passed the screen and went with another of their set, which did not.
    """

    subjects: dict[str, Subject]
    planned: list[Facts]
    accepted: list[Facts]
    reasons: dict[str, list[str]]
    left_out: frozenset[str] = frozenset()

    @property
    def passed(self) -> set[str]:
        """Clips that the screen accepted, kept or not."""
        return {clip.clip_id for clip in self.accepted} | self.left_out


def read_material(root: Path) -> Material:
    """Read a dataset folder; videos are left alone.

    Raises:
        DatasetMissingError: There is no dataset folder.
        DatasetError: A file is missing or damaged, or a clip is of somebody who is not listed.
    """
    manifest = read_manifest(root)
    drops = [reject for reject in read_rejects(root / REJECTS_FILE) if reject.kind == "clip"]
    material = Material(
        subjects={who: subject for who, (subject, _) in read_subjects(root / SUBJECTS_FILE).items()},
        # clips of several events have no single expression to hold against the person
        planned=[facts_of_plan(plan) for plan in read_plans(root / PLAN_FILE) if not plan.events],
        accepted=[
            facts_of_row(row)
            for entry in manifest.shards
            for row in read_rows(root / entry.path, only=COLUMNS, where=entry.path)
        ],
        reasons=_reasons(drops),
        left_out=frozenset(reject.id for reject in drops if reject.reason == INCOMPLETE_SET),
    )
    strangers = {facts.subject_id for facts in (*material.planned, *material.accepted)} - set(material.subjects)
    if strangers:
        raise DatasetError(f"{SUBJECTS_FILE}: lacks {', '.join(sorted(strangers))[:200]}; run equime verify")
    return material


def _reasons(drops: Iterable[Reject]) -> dict[str, list[str]]:
    reasons: dict[str, list[str]] = defaultdict(list)
    for reject in drops:
        if reject.reason != INCOMPLETE_SET:
            reasons[reject.id].append(reject.reason)
    return dict(reasons)
