"""Clips, shards and whole datasets made again: recipe and photo -> clip -> shard -> held against what was there."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from equime_builder.digests import fingerprint, sha256_of_file
from equime_builder.errors import DatasetError, PhotoError, UsageError
from equime_builder.layout import flow_twin, tar_twin
from equime_builder.manifest import dataset_root
from equime_builder.publish import remove_tree
from equime_builder.records import Plan
from equime_generation.claim import hold
from equime_generation.regeneration.assembly import Assembled, assemble, rows_before
from equime_generation.regeneration.blueprint import Blueprint
from equime_generation.regeneration.comparison import Compared, compare
from equime_generation.regeneration.installing import complete, install
from equime_generation.regeneration.photos import faces_of, find_photos
from equime_generation.regeneration.rendering import Rendered, render_again
from equime_generation.regeneration.report import Redone, Regenerated, verdict_of
from equime_generation.regeneration.targets import Target, sampled, targets_of
from equime_generation.workspace import Workspace

if TYPE_CHECKING:
    from equime_generation.progress import Watch


_STAGING: Final = "again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """With what clips are made again.

    Attributes:
        sources: Where the photos are, as for ``equime render --faces``; empty = where the run had them from.
        workers: Processes; 0 = one a core.
        engine: Name in `equime_generation.engines.ENGINES`.
        address: Of the engine's cluster, where it has one.
        model: Folder or file of the checkpoint, for clips of a diffusion model that did not come from the Hub.
    """

    sources: tuple[str, ...] = ()
    workers: int = 0
    engine: str = "local"
    address: str = ""
    model: str = ""


def regenerate(root: Path, words: Sequence[str], means: Means, watch: Watch) -> Regenerated:
    """Make clips again and put them where they belong; stopped or killed, the same call goes on where it was.

    A shard whose bytes are other than the manifest states is put into the folder only if each of its clips is equal
    (see `equime_generation.regeneration.comparison`), and the manifest follows.

    Args:
        root: A dataset folder or a recipe release.
        words: What, see `equime_generation.regeneration.targets.targets_of`; none = what is missing or damaged.

    Raises:
        UsageError: A word names nothing, a source cannot be used, or another run is at the folder.
        PhotoError: A photo is missing or has changed; nothing was rendered.
        DatasetError: The folder is damaged, or the run that made it cannot be repeated.
    """
    blueprint, workspace = Blueprint.of(root), Workspace(root)
    if blueprint.manifest.is_planned:
        dataset_root(root)  # says what to do instead
    try:
        with hold(root):
            named = words or _lacking(blueprint)
            targets = targets_of(named, blueprint.shards) if named else []
            staging = (
                workspace.folder / _STAGING / fingerprint({target.shard: list(target.clips) for target in targets})
            )
            redone = list(_redo(blueprint, targets, staging, means, watch, assemble_all=True))
            fitting = [files for shard, files in redone if files is not None and shard.verdict != "different"]
            changed = [path for files in fitting for path in install(files, root)]
            is_whole = complete(root, blueprint.manifest, changed)
            remove_tree(workspace.folder / _STAGING)
    finally:
        if not (workspace.folder / _STAGING).exists():  # else the next call goes on from there
            workspace.discard()
    return Regenerated(shards=tuple(shard for shard, _ in redone), installed=tuple(changed), is_whole=is_whole)


def check_again(
    root: Path, words: Sequence[str], means: Means, watch: Watch, *, sample: int | None = None
) -> Regenerated:
    """Make clips again in a temporary place and hold them against those that are there, which stay as they are.

    Args:
        words: As for `regenerate`; none = everything.
        sample: So many of the clips that are named, spread over them by chance; ``None`` = all.

    Raises:
        UsageError, PhotoError, DatasetError: As `regenerate`.
    """
    blueprint = Blueprint.of(root)
    targets = targets_of(words, blueprint.shards)
    if sample is not None:
        targets = sampled(targets, sample, seed=0)
    with _scratch() as staging:
        redone = [shard for shard, _ in _redo(blueprint, targets, staging, means, watch, assemble_all=False)]
    return Regenerated(shards=tuple(redone))


def _redo(
    blueprint: Blueprint, targets: Sequence[Target], staging: Path, means: Means, watch: Watch, *, assemble_all: bool
) -> Iterator[tuple[Redone, Assembled | None]]:
    """Yield what became of each target, with the files of its shard.

    Args:
        assemble_all: Put shards together of which a part was made again, too.
    """
    if not targets:
        return
    config = blueprint.config(
        out=staging, workers=means.workers, engine=means.engine, address=means.address, model=means.model
    )
    chosen = {target.shard: set(target.clips) for target in targets}
    plans = {
        shard: [plan for plan in own if plan.clip_id in chosen[shard]] for shard, own in blueprint.plans(chosen).items()
    }
    keep_faces(blueprint, [plan for own in plans.values() for plan in own], staging, means, watch)
    placements = {who: place for who, (_, place) in blueprint.people.items()}
    made = render_again(blueprint.root, config, plans, placements, watch)
    watch.stage("comparing")
    for target in targets:
        yield _judge(blueprint, target, made[target.shard], assembling=assemble_all or target.is_whole)


def keep_faces(blueprint: Blueprint, plans: Sequence[Plan], staging: Path, means: Means, watch: Watch) -> None:
    """Put the faces of all who are seen in some clips where `equime_generation.workspace.Workspace` finds them.

    Raises:
        UsageError: No source was named, or one cannot be used.
        PhotoError: A photo is missing or has changed.
    """
    people = {who: subject for who, (subject, _) in blueprint.people_of(plans).items()}
    sources = means.sources or _sources_of_run(blueprint)
    watch.stage(f"looking for the photos of {len(people)} people in {', '.join(sources)}")
    search = find_photos(people, sources)
    if search.complaint:
        raise PhotoError(
            f"{len(people) - len(search.found)} of {len(people)} photos are not those that the dataset was made from "
            f"({search.complaint}); name every source with --faces; nothing was rendered"
        )
    workspace = Workspace(staging)
    for face in faces_of(people, search.found):
        workspace.keep_face(face)


def _sources_of_run(blueprint: Blueprint) -> tuple[str, ...]:
    faces = str(blueprint.manifest.config.get("faces", ""))
    if not faces or faces.endswith(":DIR"):
        raise UsageError(f"the photos are needed as well; say where they are: --faces {faces or 'SOURCE'}")
    return (faces,)


def _judge(
    blueprint: Blueprint, target: Target, made: Rendered, *, assembling: bool
) -> tuple[Redone, Assembled | None]:
    root, files = blueprint.root, None
    redone = Redone(
        shard=target.shard,
        verdict="identical",
        clips=len(target.clips),
        dropped={clip: reject.detail for clip, reject in made.dropped().items()},
    )
    try:
        if assembling:
            files = assemble(target, blueprint.shards[target.shard], made, blueprint.manifest, root)
            if files.identical:
                return redone, files
        compared = _compared(root, target, made)
    except DatasetError:  # nothing readable is left to hold the clips against
        return replace(redone, verdict="different" if redone.dropped or files is None else "uncompared"), files
    unlike = tuple(clip for clip in compared if clip.verdict != "identical")
    return replace(redone, verdict=verdict_of(compared, redone.dropped), compared=unlike), files


def _compared(root: Path, target: Target, made: Rendered) -> list[Compared]:
    fresh, wanted = made.rows(), set(target.clips)
    found = []
    now = next(fresh, None)
    for before in rows_before(root, target.shard):
        if now is not None and before["id"] == now["id"] and before["id"] in wanted:
            found.append(compare(before, now))
            now = next(fresh, None)
    if now is not None:
        raise DatasetError(f"{target.shard}: does not hold {now['id']}")
    return found


def _lacking(blueprint: Blueprint) -> list[str]:
    """Return the shards of which a file is not there, or not as the manifest states."""
    listed = {entry.path: entry.sha256 for entry in blueprint.manifest.files}

    def is_there(path: str) -> bool:
        file = blueprint.root / path
        return path not in listed or (file.is_file() and sha256_of_file(file) == listed[path])

    return [shard for shard in blueprint.shards if not all(map(is_there, (shard, tar_twin(shard), flow_twin(shard))))]


@contextmanager
def _scratch() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="equime-check-") as folder:
        yield Path(folder)
