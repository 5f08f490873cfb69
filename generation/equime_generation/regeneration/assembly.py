"""Clips made again and clips that stayed, put together to the files of their shard."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import merge
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from equime_builder.digests import sha256_of_file
from equime_builder.errors import DatasetError
from equime_builder.flow import FlowFrame, read_frames, write_flow
from equime_builder.labels import LABEL_COLUMNS, SPOTTING_LABEL_COLUMNS
from equime_builder.layout import flow_twin, labels_twin, place_of, tar_twin
from equime_builder.manifest import Manifest
from equime_builder.reading import read_rows
from equime_builder.rows import Row
from equime_builder.schema import COLUMNS, Columns
from equime_builder.shards import write_rows
from equime_builder.spotting import SPOTTING_COLUMNS
from equime_builder.tars import read_tar, write_tar
from equime_generation.regeneration.targets import Target

if TYPE_CHECKING:
    from equime_generation.regeneration.rendering import Rendered

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembled:
    """The files of one shard, put together again but not in their place.

    Attributes:
        folder: They lie below it under the paths that they will have.
        paths: Those of them that the manifest lists: the shard, its WebDataset twin, its true motion.
        identical: Whether each has the hash that the manifest states.
    """

    folder: Path
    paths: tuple[str, ...]
    identical: bool


def assemble(target: Target, members: Sequence[str], rendered: Rendered, manifest: Manifest, root: Path) -> Assembled:
    """Write the files of a shard below the workspace of what was rendered.

    Args:
        members: All clips of the shard, in the order of its rows; those not in the target come from ``root``.

    Raises:
        DatasetError: A clip that should stay cannot be read; make the whole shard again.
        OutputError: The workspace cannot be written.
    """
    folder, columns, fresh = rendered.workspace.out, columns_of(target.shard), set(target.clips)
    listed = {entry.path: entry.sha256 for entry in manifest.files}
    kept = iter(()) if target.is_whole else rows_before(root, target.shard)
    rows = merged(members, fresh, rendered.rows(), kept, lambda row: str(row["id"]))
    write_rows(folder / target.shard, rows, columns)
    if tar_twin(target.shard) in listed:
        write_tar(folder / tar_twin(target.shard), read_rows(folder / target.shard, columns), columns)
    flow = flow_twin(target.shard)
    if flow in listed:
        stayed: Iterator[FlowFrame] = iter(()) if target.is_whole else read_frames(root / flow)
        write_flow(folder / flow, merged(members, fresh, rendered.flow(), stayed, lambda frame: frame.clip_id))
    paths = tuple(path for path in (target.shard, tar_twin(target.shard), flow) if path in listed)
    identical = all(sha256_of_file(folder / path) == listed[path] for path in paths)
    return Assembled(folder=folder, paths=paths, identical=identical)


def columns_of(shard: str) -> Columns:
    """Return the columns of a shard's rows, by its path."""
    return COLUMNS if place_of(shard) else SPOTTING_COLUMNS


def rows_before(root: Path, shard: str) -> Iterator[Row]:
    """Yield the rows of a shard as the folder has them: from the shard, its WebDataset twin, or its labels.

    Raises:
        DatasetError: None of them is there, or it is damaged.
    """
    columns = columns_of(shard)
    labels = LABEL_COLUMNS if place_of(shard) else SPOTTING_LABEL_COLUMNS
    if (root / shard).is_file():
        return read_rows(root / shard, columns)
    if (root / tar_twin(shard)).is_file():
        return read_tar(root / tar_twin(shard), columns)
    if (root / labels_twin(shard)).is_file():
        return read_rows(root / labels_twin(shard), labels)
    raise DatasetError(f"{shard}: is not there; name the shard itself to make all of its clips again")


def merged(
    members: Sequence[str], fresh: set[str], made: Iterable[_T], kept: Iterable[_T], id_of: Callable[[_T], str]
) -> Iterator[_T]:
    """Yield what belongs to the members, in their order: from ``made`` for those in ``fresh``, else from ``kept``.

    Both stand in the order of the members; what belongs to nobody is passed over, and a member may have nothing.
    """
    place = {member: number for number, member in enumerate(members)}
    streams = (
        ((place[id_of(item)], item) for item in made if id_of(item) in fresh),
        ((place[id_of(item)], item) for item in kept if id_of(item) in place and id_of(item) not in fresh),
    )

    for _, item in merge(*streams, key=lambda pair: pair[0]):
        yield item
