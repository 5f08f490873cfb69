"""One file of a dataset folder against its entry in the manifest, whatever stands in the other files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from equime_builder.digests import sha256_of_file
from equime_builder.errors import DatasetError
from equime_builder.findings import Finding
from equime_builder.flow import check_flow
from equime_builder.inspection import look_at_shard
from equime_builder.layout import FLOW_FOLDER, PLAN_FILE, REJECTS_FILE, SUBJECTS_FILE
from equime_builder.ledger import Look
from equime_builder.manifest import FileEntry
from equime_builder.spot_check import SpotCheck
from equime_builder.store_look import Looked, at_hand
from equime_builder.tables import read_plans, read_rejects, read_subjects
from equime_builder.tar_inspection import look_at_tar


@dataclass(frozen=True, slots=True, kw_only=True)
class FileToInspect:
    """A file that the manifest lists.

    Attributes:
        looked: The dataset folder.
        check: Clips that are looked at themselves.
        is_twin: Whether it is a WebDataset shard whose clips stand in a Parquet shard as well.
    """

    looked: Looked
    entry: FileEntry
    check: SpotCheck
    is_twin: bool


def inspect_file(file: FileToInspect) -> Look:
    """Return what is wrong with a file; whatever it holds, nothing is raised, and no link out of the folder read.

    Raises:
        DatasetMissingError, TransferError, OutputError: It stands in a store that does not give it.
    """
    entry, root = file.entry, file.looked.root
    if not is_inside(root, root / entry.path):
        return _wrong(entry, "outside", "is a link that leaves the folder; it was not followed")
    if not (root / entry.path).is_file():
        return _wrong(entry, "missing", "is in the manifest and not on the disk")
    with at_hand(file.looked, entry.path) as path:
        return _look_at(path, file)


def _look_at(path: Path, file: FileToInspect) -> Look:
    entry = file.entry
    try:
        of_bytes = tuple(_inspect_bytes(path, entry))
    except OSError as error:
        return _wrong(entry, "unreadable", error.strerror or str(error))
    if entry.tar_place is not None:
        look = look_at_tar(path, entry, file.check, is_twin=file.is_twin)
    elif entry.split:
        look = look_at_shard(path, entry, file.check)
    else:
        look = Look(after=tuple(_inspect_table(path, entry)))
    return Look(before=(*of_bytes, *look.before), rows=look.rows, after=look.after, is_read=look.is_read)


def is_inside(root: Path, path: Path) -> bool:
    """Whether a path stays inside a folder once links are followed."""
    return path.resolve().is_relative_to(root.resolve())


def _wrong(entry: FileEntry, rule: str, detail: str) -> Look:
    return Look(before=(Finding(file=entry.path, rule=rule, detail=detail),), is_read=False)


def _inspect_bytes(path: Path, entry: FileEntry) -> Iterator[Finding]:
    size_bytes = path.stat().st_size
    if size_bytes != entry.size_bytes:
        detail = f"has {size_bytes} bytes, the manifest says {entry.size_bytes}"
        yield Finding(file=entry.path, rule="size", detail=detail)
    elif (found := sha256_of_file(path)) != entry.sha256:
        detail = f"has sha256 {found[:12]}..., the manifest says {entry.sha256[:12]}..."
        yield Finding(file=entry.path, rule="hash", detail=detail)


def _inspect_table(path: Path, entry: FileEntry) -> Iterator[Finding]:
    if entry.path.startswith(f"{FLOW_FOLDER}/"):
        fault = check_flow(path, entry.rows)
        if fault is not None:
            yield Finding(file=entry.path, rule="unreadable", detail=fault)
        return
    readers: dict[str, Callable[[Path], Iterable[object]]] = {
        PLAN_FILE: read_plans, REJECTS_FILE: read_rejects, SUBJECTS_FILE: read_subjects,
    }  # fmt: skip
    if entry.path not in readers:
        return
    try:
        rows = sum(1 for _ in readers[entry.path](path))
    except DatasetError as error:
        yield Finding(file=entry.path, rule="unreadable", detail=str(error))
        return
    if rows != entry.rows:
        yield Finding(file=entry.path, rule="rows", detail=f"holds {rows} rows, the manifest says {entry.rows}")
