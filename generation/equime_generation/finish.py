"""Finished parts become shards, and shards a whole dataset folder; the manifest comes last."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Final

from equime_builder import __version__
from equime_builder.errors import DatasetError
from equime_builder.flow import join_flow
from equime_builder.folder import complete_folder
from equime_builder.gallery import write_gallery
from equime_builder.layout import MANIFEST_FILE, REJECTS_FILE, SUBJECTS_FILE, flow_twin, tar_twin
from equime_builder.manifest import Manifest, read_manifest
from equime_builder.publish import publish_text
from equime_builder.reading import read_rows
from equime_builder.records import SPOTTING, Plan, Reject
from equime_builder.shards import compact
from equime_builder.tables import read_rejects, read_subjects
from equime_builder.tars import write_tar
from equime_builder.vqa_shards import write_vqa
from equime_generation.parts import Part
from equime_generation.progress import Summary
from equime_generation.whole_sets import left_out

if TYPE_CHECKING:
    from equime_generation.config import RunConfig
    from equime_generation.run import Drawn
    from equime_generation.workspace import Workspace

CONFIG_FILE: Final = "run.toml"


def finish(
    workspace: Workspace,
    config: RunConfig,
    drawn: Drawn,
) -> Summary:
    """Turn the committed parts into the dataset folder.

    Raises:
        DatasetError: Every clip was dropped.
        OutputError: The folder cannot be written.
    """
    rejects = clips_dropped(workspace, config, drawn.parts)
    write_shards(workspace, drawn.parts, rejects)
    if not any(workspace.out.glob("data/*/*.parquet")):
        reasons = Counter(reject.reason for reject in rejects)
        raise DatasetError(f"every clip was dropped ({dict(reasons)}); look at the photos, or raise --attempts")
    publish_text(workspace.out / CONFIG_FILE, config.to_toml())
    write_gallery(workspace.out)
    if config.makes_vqa:
        write_vqa(workspace.out)
    complete_folder(
        workspace.out,
        config=config.recipe,
        code_version=__version__,
        subjects=drawn.subjects,
        placements=drawn.placements,
        plans=by_shard(drawn.parts),
        rejects=[*drawn.refused, *rejects],
        tar_only=config.format == "webdataset",
    )
    _send_rest(workspace, drawn.parts)
    return summary_of(workspace)


def _send_rest(workspace: Workspace, parts: Sequence[Part]) -> None:
    """Send what is not sent yet, the manifest last: readers find a whole dataset or none."""
    manifest = workspace.out / MANIFEST_FILE
    sent = {workspace.out / name for part in parts for name in _files_of(part.shard)}
    made = (path for path in sorted(workspace.out.rglob("*")) if workspace.folder not in path.parents)
    workspace.send(*(path for path in made if path.is_file() and path not in {manifest, *sent}))
    workspace.confirm()
    workspace.send(manifest)


def clips_dropped(workspace: Workspace, config: RunConfig, parts: Sequence[Part]) -> list[Reject]:
    """Return what the screen dropped, and what goes with it."""
    rejects = [reject for part in parts for reject in workspace.rejects_of(part)]
    if config.design == "crossed":
        rejects += left_out([plan for part in parts for plan in part.plans], rejects)
    return rejects


def write_shards(workspace: Workspace, parts: Sequence[Part], rejects: Sequence[Reject]) -> None:
    """Join committed parts to shards, and their true motion to files of the same names; those that are there stay.

    Args:
        rejects: Parts may hold clips that were given up since; shards do not.

    Raises:
        DatasetError: A part is missing or damaged.
        OutputError: The folder cannot be written.
    """
    dropped = {reject.id for reject in rejects if reject.final}
    for shard, group in groupby(parts, key=lambda part: part.shard):
        _write_shard(workspace, shard, list(group), dropped)


def _write_shard(workspace: Workspace, shard: str, members: Sequence[Part], dropped: AbstractSet[str]) -> None:
    config, columns = members[0].config, members[0].columns
    path, tar, flow = (workspace.out / name for name in _files_of(shard))
    rows_of, flow_of = map(workspace.part_path, members), map(workspace.flow_path, members)
    is_asked = config.format != "webdataset"  # else the tar is made from it, and it goes
    _place(workspace, path, lambda: compact(workspace.bring(*rows_of), path, columns, dropped), send=is_asked)
    if config.format != "parquet" and path.exists():
        _place(workspace, tar, lambda: write_tar(tar, read_rows(path, columns), columns))
    if config.with_flow:
        _place(workspace, flow, lambda: join_flow(workspace.bring(*flow_of), flow, dropped))
    workspace.drop(*map(workspace.part_path, members), *map(workspace.flow_path, members))


def _files_of(shard: str) -> tuple[str, str, str]:
    return shard, tar_twin(shard), flow_twin(shard)


def _place(workspace: Workspace, path: Path, make: Callable[[], object], *, send: bool = True) -> None:
    """Have a file made and put in its place, unless it is there; what would be empty is not made."""
    if workspace.has(path):
        workspace.bring(path)
        return
    make()
    if send and path.exists():
        workspace.send(path)


def by_shard(parts: Sequence[Part]) -> dict[str, list[Plan]]:
    """Return the plans of parts by the shard that they become, in order."""
    return {
        shard: [plan for part in members for plan in part.plans]
        for shard, members in groupby(parts, key=lambda part: part.shard)
    }


def summary_of(workspace: Workspace, *, already_whole: bool = False) -> Summary:
    """Return what a whole dataset folder holds."""
    out = workspace.out
    workspace.bring(*(out / name for name in (MANIFEST_FILE, REJECTS_FILE, SUBJECTS_FILE)))
    manifest = read_manifest(out)
    rejects = list(read_rejects(out / REJECTS_FILE))
    return Summary(
        out=workspace.name,
        fingerprint=manifest.fingerprint,
        clips={name: sum(splits.values()) for name, splits in _counts(manifest).items()},
        dropped=Counter(reject.reason for reject in rejects if reject.kind == "clip" and reject.final),
        photos_refused=Counter(reject.reason for reject in rejects if reject.kind == "photo"),
        subjects=len(read_subjects(out / SUBJECTS_FILE)),
        shards=sum(bool(entry.split) for entry in manifest.files),
        size_bytes=sum(entry.size_bytes for entry in manifest.files),
        already_whole=already_whole,
    )


def _counts(manifest: Manifest) -> dict[str, dict[str, int]]:
    return {**manifest.counts, **({SPOTTING: manifest.spotting} if manifest.spotting else {})}
