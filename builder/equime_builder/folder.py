"""Committed shards become a whole dataset folder: tables, papers, licence, and the manifest last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path

from equime_builder.errors import DatasetError
from equime_builder.layout import (
    DATA_FOLDER,
    FLOW_FOLDER,
    LICENSE_FILE,
    PLAN_FILE,
    REJECTS_FILE,
    SPOTTING_FOLDER,
    SUBJECTS_FILE,
    TABLE_FILES,
    TAR_FOLDER,
    VQA_FOLDER,
    place_of,
    spotting_split_of,
    tar_place_of,
    vqa_split_of,
)
from equime_builder.manifest import Manifest, entry_of, write_manifest
from equime_builder.papers import write_papers
from equime_builder.publish import publish_text, remove_tree
from equime_builder.records import Placement, Plan, Reject, Subject
from equime_builder.tables import write_plans, write_rejects, write_subjects


def complete_folder(
    root: Path,
    *,
    config: Mapping[str, object],
    code_version: str,
    subjects: Iterable[Subject],
    placements: Mapping[str, Placement],
    plans: Mapping[str, Iterable[Plan]],
    rejects: Iterable[Reject],
    tar_only: bool = False,
) -> Manifest:
    """Write all that stands beside the shards of a dataset folder, and return its manifest.

    Every file is hashed as it stands on the disk; the same shards and arguments give the same bytes.

    Args:
        root: The folder; its shards stand under ``data/``, ``spotting/``, ``vqa/`` and ``webdataset/`` already.
        config: The run's configuration, JSON values only.
        plans: By the path of the shard that a clip belongs to, as for `equime_builder.tables.write_plans`.
        tar_only: Remove ``data/`` and ``spotting/``, whose clips stand under ``webdataset/`` as well.

    Raises:
        DatasetError: There is no shard, or one cannot be read.
        OutputError: The folder cannot be written.
    """
    parquet = [] if tar_only else [*shard_paths(root), *spotting_paths(root), *vqa_paths(root)]
    people = list(subjects)
    write_subjects(root / SUBJECTS_FILE, people, placements)
    write_plans(root / PLAN_FILE, plans)
    write_rejects(root / REJECTS_FILE, rejects)
    manifest = Manifest(
        code_version=code_version,
        config=dict(config),
        files=tuple(
            entry_of(root, path) for path in sorted([*parquet, *tar_paths(root), *flow_paths(root), *TABLE_FILES])
        ),
    )
    write_papers(root, manifest)
    publish_text(root / LICENSE_FILE, licence_text(people))
    if tar_only:
        for name in (DATA_FOLDER, SPOTTING_FOLDER):
            remove_tree(root / name)
    write_manifest(root, manifest)
    return manifest


def shard_paths(root: Path) -> list[str]:
    """Return the shards that stand in a folder, relative to it, sorted.

    Raises:
        DatasetError: There is none.
    """
    found = (path.relative_to(root).as_posix() for path in (root / DATA_FOLDER).glob("*/*.parquet"))
    shards = sorted(path for path in found if place_of(path) is not None)
    if not shards:
        raise DatasetError(f"{root}: no shard under {DATA_FOLDER}/, so nothing to describe; render clips first")
    return shards


def spotting_paths(root: Path) -> list[str]:
    """Return the shards of clips of several events in a folder, relative to it, sorted; there may be none."""
    found = (path.relative_to(root).as_posix() for path in (root / SPOTTING_FOLDER).glob("*.parquet"))
    return sorted(path for path in found if spotting_split_of(path) is not None)


def vqa_paths(root: Path) -> list[str]:
    """Return the shards of questions in a folder, relative to it, sorted; there may be none."""
    found = (path.relative_to(root).as_posix() for path in (root / VQA_FOLDER).glob("*.parquet"))
    return sorted(path for path in found if vqa_split_of(path) is not None)


def tar_paths(root: Path) -> list[str]:
    """Return the WebDataset shards in a folder, relative to it, sorted; there may be none."""
    found = (path.relative_to(root).as_posix() for path in (root / TAR_FOLDER).glob("*/*.tar"))
    return sorted(path for path in found if tar_place_of(path) is not None)


def flow_paths(root: Path) -> list[str]:
    """Return the files of true motion in a folder, relative to it, sorted; there may be none."""
    return sorted(path.relative_to(root).as_posix() for path in (root / FLOW_FOLDER).glob("*/[!.]*.parquet"))


def licence_text(subjects: Iterable[Subject]) -> str:
    """Return the licence of a dataset: what it is, that of each photo source, and its whole text."""
    sources = {f"- {person.source}: {person.source_license}" for person in subjects}
    lines = sorted(" ".join(line.split()) for line in sources)
    text = files("equime_builder").joinpath("cc_by_nc_4_0.txt").read_text(encoding="utf-8")
    return "\n".join([_NOTICE, *lines, "", "=" * 71, "", text])


_NOTICE = """\
The clips and annotations of this dataset are licensed under the Creative Commons
Attribution-NonCommercial 4.0 International Public License (CC BY-NC 4.0):
https://creativecommons.org/licenses/by-nc/4.0/legalcode

They were made from photos, whose licences hold beside it and are never widened by it:
"""
