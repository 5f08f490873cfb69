"""A finished dataset grows: more clips, people or emotions, in new shards; those that are there stay as they are."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from equime_builder import __version__
from equime_builder.errors import UsageError
from equime_builder.facs import EMOTIONS
from equime_builder.folder import complete_folder
from equime_builder.gallery import write_gallery
from equime_builder.layout import PLAN_FILE, REJECTS_FILE, SUBJECTS_FILE, place_of, spotting_split_of
from equime_builder.manifest import Manifest, read_manifest
from equime_builder.publish import publish_text
from equime_builder.records import SPOTTING, Placement, Plan, Reject, Subject
from equime_builder.splits import assign
from equime_builder.tables import read_plans, read_rejects, read_shards, read_subjects
from equime_builder.vqa_shards import write_vqa
from equime_generation.claim import hold
from equime_generation.crew import crew_of
from equime_generation.finish import CONFIG_FILE, by_shard, clips_dropped, summary_of, write_shards
from equime_generation.parts import Part, cut_into_parts
from equime_generation.run import draw_plans, settle, work_off
from equime_generation.subjects import admit_subjects
from equime_generation.workspace import Workspace

if TYPE_CHECKING:
    from equime_generation.config import RunConfig
    from equime_generation.progress import Summary, Watch

GROWS: Final = frozenset({"emotions", "clips_per_emotion", "spotting_clips", "subjects"})
"""Fields of the configuration that an extension may change; where the photos lie may change as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a finished dataset holds already.

    Attributes:
        people: With the splits that they keep.
        shards: Plans of each shard, in order.
    """

    root: Path
    manifest: Manifest
    people: dict[str, tuple[Subject, Placement]]
    shards: dict[str, list[Plan]]
    rejects: list[Reject]

    @classmethod
    def of(cls, root: Path) -> Standing:
        """Read a folder's tables.

        Raises:
            DatasetMissingError: It is no finished dataset.
            DatasetError: A table is damaged.
        """
        manifest, shard_of = read_manifest(root), read_shards(root / PLAN_FILE)
        shards: dict[str, list[Plan]] = {}
        for plan in read_plans(root / PLAN_FILE):
            shards.setdefault(shard_of[plan.clip_id], []).append(plan)
        people, rejects = read_subjects(root / SUBJECTS_FILE), list(read_rejects(root / REJECTS_FILE))
        return cls(root=root, manifest=manifest, people=people, shards=shards, rejects=rejects)

    @property
    def next_shards(self) -> dict[tuple[str, str], int]:
        """The first number that is free, for each emotion and split that has shards."""
        following: dict[tuple[str, str], int] = {}
        for shard in self.shards:
            place = place_of(shard) or (SPOTTING, spotting_split_of(shard) or "")
            number = int(Path(shard).stem.rpartition("-")[2])
            following[place] = max(following.get(place, 0), number + 1)
        return following


def extend_dataset(config: RunConfig, watch: Watch) -> Summary:
    """Add to a finished dataset what a larger configuration has and it lacks; killed, the same call goes on.

    Nobody changes the split. The configuration must agree with the dataset's own in all but `GROWS`.

    Args:
        config: The larger configuration; its ``out`` is the dataset folder.

    Raises:
        DatasetMissingError: There is no finished dataset.
        UsageError: The configuration does not agree with the dataset's own, or a photo has changed.
        OutputError: The folder cannot be written.
    """
    if config.shard:
        raise UsageError("a dataset grows in one run; leave --shard out, and take --engine ray for many machines")
    root = Path(config.out)
    standing = Standing.of(root)
    config = settle(grown(config, standing), watch.stage)
    with hold(root) as workspace:
        staging = Workspace(workspace.folder / "extend" / config.fingerprint)
        watch.stage(f"admitting photos of {config.faces}")
        found, refused = admit_subjects(config, watch, keep=staging.keep_face)
        subjects = _with_those_here(found, standing)
        plans = new_plans(config, found, standing)
        if not plans:
            workspace.discard()
            return summary_of(workspace, already_whole=True)
        placements = assign(subjects, {who: place for who, (_, place) in standing.people.items()})
        own = replace(config, out=str(staging.out), workers=crew_of(config).workers)
        parts = list(cut_into_parts(plans, placements, own, first_shards=standing.next_shards))
        work_off(parts, own, watch)
        watch.stage("adding shards, tables, card and gallery")
        _add(standing, config, staging, parts, subjects, placements, refused)
    workspace.discard()
    return summary_of(workspace)


def grown(config: RunConfig, standing: Standing) -> RunConfig:
    """Return the configuration of the dataset after it has grown: nothing that it has is taken away.

    Raises:
        UsageError: More than `GROWS` differs.
    """
    before, asked = standing.manifest.config, config.recipe
    unlike = [name for name in asked if name not in GROWS and asked[name] != before.get(name)]
    if unlike:
        told = ", ".join(f"{name} is {before.get(name)!r} there and {asked[name]!r} here" for name in unlike)
        raise UsageError(
            f"a dataset grows by {', '.join(sorted(GROWS))} alone: {told}; start from its own settings with "
            f"--config {standing.root / CONFIG_FILE}, or render into another folder"
        )
    emotions = {*config.emotions, *before["emotions"]}
    return replace(
        config,
        emotions=tuple(emotion for emotion in EMOTIONS if emotion in emotions),
        clips_per_emotion=max(config.clips_per_emotion, before["clips_per_emotion"]),
        spotting_clips=max(config.spotting_clips, before["spotting_clips"]),
    )


def new_plans(config: RunConfig, subjects: Sequence[Subject], standing: Standing) -> list[Plan]:
    """Return the plans that a grown configuration adds; who has fewest clips so far comes first.

    Args:
        subjects: Whose photos are at hand.
    """
    there = {plan.clip_id for plans in standing.shards.values() for plan in plans}
    lacking = Counter(dict.fromkeys(config.emotions, config.clips_per_emotion) | {SPOTTING: config.spotting_clips})
    lacking.subtract(plan.emotion for plans in standing.shards.values() for plan in plans)
    added = []
    for plan in draw_plans(config, subjects):
        if plan.clip_id not in there and lacking[plan.emotion] > 0:
            lacking[plan.emotion] -= 1
            added.append(plan)
    return added


def _with_those_here(found: Sequence[Subject], standing: Standing) -> list[Subject]:
    """Return everybody, those of the dataset as they stand in it."""
    here = {who: subject for who, (subject, _) in standing.people.items()}
    changed = [one.id for one in found if one.id in here and here[one.id].source_sha256 != one.source_sha256]
    if changed:
        raise UsageError(
            f"the photos of {', '.join(changed[:5])} are not those that {standing.root} was made from; restore them, "
            "or give these people other names"
        )
    return [*here.values(), *(one for one in found if one.id not in here)]


def _add(
    standing: Standing,
    config: RunConfig,
    staging: Workspace,
    parts: Sequence[Part],
    subjects: Sequence[Subject],
    placements: Mapping[str, Placement],
    refused: Sequence[Reject],
) -> None:
    root, manifest = standing.root, standing.manifest
    rejects = clips_dropped(staging, config, parts)
    write_shards(staging, parts, rejects)
    for path in sorted(staging.out.glob("[!.]*/**/*.*")):
        if not (manifest.is_tar_only and path.suffix == ".parquet" and path.parts[len(staging.out.parts)] != "flow"):
            target = root / path.relative_to(staging.out)
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(path, target)
    if not manifest.is_tar_only:
        write_gallery(root)
        if config.with_vqa:
            write_vqa(root)
    known = {(reject.id, reject.reason) for reject in standing.rejects}
    publish_text(root / CONFIG_FILE, config.to_toml())
    complete_folder(
        root,
        config=config.recipe,
        code_version=__version__,
        subjects=subjects,
        placements=placements,
        plans={**standing.shards, **by_shard(parts)},
        rejects=[
            *standing.rejects,
            *(reject for reject in refused if (reject.id, reject.reason) not in known),
            *rejects,
        ],
        tar_only=manifest.is_tar_only,
    )
