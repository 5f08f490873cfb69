"""Clips that people rejected leave a dataset folder; their plans stay, with the reason beside the screen's own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from equime_builder.errors import UsageError
from equime_builder.folder import complete_folder
from equime_builder.layout import PLAN_FILE, REJECTS_FILE, SUBJECTS_FILE
from equime_builder.manifest import read_manifest
from equime_builder.records import REJECTED_BY_PEOPLE, Plan, Reject
from equime_builder.removal import Removed, by_shard
from equime_builder.rewriting import Rewriting, derive_again
from equime_builder.tables import read_plans, read_rejects, read_subjects


def drop_clips(root: Path, details: Mapping[str, str]) -> Removed:
    """Take clips out of every file that holds them and list them in ``rejects.parquet``; the manifest comes last.

    The same folder and the same clips give the same bytes. Stopped anywhere, the same call goes on.

    Args:
        details: Why, in one line, by clip id; clips that are dropped already keep the reason that they have.

    Raises:
        UsageError: A clip was never planned, or no clip would be left.
        DatasetError: A file is damaged.
        OutputError: The folder cannot be written.
    """
    manifest, plans = read_manifest(root), list(read_plans(root / PLAN_FILE))
    before = list(read_rejects(root / REJECTS_FILE))
    planned = {plan.clip_id: plan for plan in plans}
    strangers = sorted(set(details) - set(planned))
    if strangers:
        raise UsageError(f"{root} never planned {', '.join(strangers[:5])}; their reviews are of another dataset")
    final = {reject.id for reject in before if reject.kind == "clip" and reject.final}
    if all(plan.events or plan.clip_id in final or plan.clip_id in details for plan in plans):
        raise UsageError(f"every clip of {root} would be dropped; remove the folder itself")
    rejects = [*before, *(_reject(planned[clip], details[clip], before) for clip in sorted(set(details) - final))]
    rewriting = Rewriting(root, set(details))
    for entry in manifest.files:
        rewriting.rewrite(entry)
    derive_again(root, manifest)
    people = read_subjects(root / SUBJECTS_FILE)
    complete_folder(
        root,
        config=manifest.config,
        code_version=manifest.code_version,
        subjects=[subject for subject, _ in people.values()],
        placements={who: placement for who, (_, placement) in people.items()},
        plans=by_shard(root, plans),
        rejects=rejects,
        tar_only=manifest.is_tar_only,
    )
    return Removed(clips=len(rewriting.clips), changed=tuple(rewriting.changed), removed=tuple(rewriting.removed))


def _reject(plan: Plan, detail: str, before: list[Reject]) -> Reject:
    failed = [reject.attempt for reject in before if reject.kind == "clip" and reject.id == plan.clip_id]
    return Reject(
        kind="clip",
        id=plan.clip_id,
        reason=REJECTED_BY_PEOPLE,
        detail=detail,
        subject_id=plan.subject_id,
        emotion=plan.emotion,
        attempt=max(failed, default=-1) + 1,
    )
