"""A person is taken out of every file of a dataset folder, which stays a whole dataset of the others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from equime_builder.errors import UsageError
from equime_builder.folder import complete_folder
from equime_builder.layout import PLAN_FILE, REJECTS_FILE, SUBJECTS_FILE
from equime_builder.manifest import read_manifest
from equime_builder.records import Plan
from equime_builder.rewriting import Rewriting, derive_again
from equime_builder.tables import read_plans, read_rejects, read_shards, read_subjects


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """What went with a person.

    Attributes:
        clips: Rows, of clips of one event and of several.
        changed: Files that hold the others still.
        removed: Files that held nobody else.
    """

    clips: int
    changed: tuple[str, ...]
    removed: tuple[str, ...]


def people_named(root: Path) -> list[str]:
    """Return everybody whom the tables of a dataset folder name, by their ids: those without a clip as well.

    Raises:
        DatasetError: A table is damaged.
    """
    refused = {reject.subject_id for reject in read_rejects(root / REJECTS_FILE) if reject.subject_id}
    return sorted({*read_subjects(root / SUBJECTS_FILE), *refused})


def remove_person(root: Path, subject_id: str) -> Removed:
    """Rewrite or remove every file that holds a person; the manifest comes last.

    Stopped anywhere, the same call goes on: what is done already is found done.

    Raises:
        UsageError: Nobody else is in the dataset.
        DatasetError: A file is damaged.
        OutputError: The folder cannot be written.
    """
    manifest = read_manifest(root)
    people = {who: found for who, found in read_subjects(root / SUBJECTS_FILE).items() if who != subject_id}
    if not people:
        raise UsageError(f"nobody but {subject_id} is in {root}; remove the folder itself")
    plans = list(read_plans(root / PLAN_FILE))
    own = {plan.clip_id for plan in plans if plan.subject_id == subject_id}
    rewriting = Rewriting(root, own)
    for entry in manifest.files:
        rewriting.rewrite(entry)
    derive_again(root, manifest)
    complete_folder(
        root,
        config=manifest.config,
        code_version=manifest.code_version,
        subjects=[subject for subject, _ in people.values()],
        placements={who: placement for who, (_, placement) in people.items()},
        plans=by_shard(root, [plan for plan in plans if plan.clip_id not in own]),
        rejects=[
            reject
            for reject in read_rejects(root / REJECTS_FILE)
            if reject.subject_id != subject_id and reject.id not in own
        ],
        tar_only=manifest.is_tar_only,
    )
    return Removed(clips=len(rewriting.clips), changed=tuple(rewriting.changed), removed=tuple(rewriting.removed))


def by_shard(root: Path, plans: Iterable[Plan]) -> dict[str, list[Plan]]:
    """Return plans by their shards, as the table of plans in the folder has them.

    Raises:
        DatasetError: The table is damaged.
    """
    shard_of = read_shards(root / PLAN_FILE)
    shards: dict[str, list[Plan]] = {}
    for plan in plans:
        shards.setdefault(shard_of[plan.clip_id], []).append(plan)
    return shards
