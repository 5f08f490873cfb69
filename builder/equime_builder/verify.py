"""A dataset folder against its manifest, its schema and itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from equime_builder.digests import sha256_of_file
from equime_builder.errors import DatasetError, DatasetMissingError
from equime_builder.findings import Finding
from equime_builder.flow import check_flow
from equime_builder.inspection import Ledger, inspect_shard
from equime_builder.layout import (
    DATA_FOLDER,
    FLOW_FOLDER,
    MANIFEST_FILE,
    PLAN_FILE,
    REJECTS_FILE,
    SPOTTING_FOLDER,
    SUBJECTS_FILE,
    TAR_FOLDER,
    VQA_FOLDER,
)
from equime_builder.manifest import FileEntry, Manifest, read_manifest
from equime_builder.paper_inspection import inspect_papers
from equime_builder.publish import is_partial
from equime_builder.records import Placement
from equime_builder.tables import read_plans, read_rejects, read_subjects
from equime_builder.tar_inspection import inspect_tar

Progress = Callable[[int, int, str], None]
"""Called before each file with the files done, the files in all, and the path."""


def verify(root: Path, *, deep: bool = False, progress: Progress | None = None) -> list[Finding]:
    """Return everything that is wrong with a dataset folder; an empty list means that it is whole.

    A damaged folder gives findings and never raises. Nothing outside the folder is read, and no pickle.

    Args:
        deep: Hash and decode every clip too (about .2 s each); without it every file is hashed and every row read.

    Raises:
        DatasetMissingError: There is no such folder.
    """
    return list(inspect_folder(root, deep=deep, progress=progress))


def inspect_folder(root: Path, *, deep: bool = False, progress: Progress | None = None) -> Iterator[Finding]:
    """Yield the findings of `verify` as they are made.

    Raises:
        DatasetMissingError: There is no such folder.
    """
    if not root.is_dir():
        raise DatasetMissingError(f"{root}: no such folder; name the dataset's folder")
    try:
        manifest = read_manifest(root)
    except (DatasetError, DatasetMissingError) as error:
        yield Finding(file=MANIFEST_FILE, rule="manifest", detail=str(error))
        return
    yield from _inspect_listing(root, manifest)
    ledger = Ledger(_placements(root, manifest))
    for done, entry in enumerate(manifest.files):
        if progress is not None:
            progress(done, len(manifest.files), entry.path)
        yield from _inspect_file(root, entry, ledger, deep=deep, tar_only=manifest.is_tar_only)


def _inspect_listing(root: Path, manifest: Manifest) -> Iterator[Finding]:
    listed = {entry.path for entry in manifest.files}
    folders = (root / name for name in (DATA_FOLDER, SPOTTING_FOLDER, VQA_FOLDER, FLOW_FOLDER, TAR_FOLDER))
    for path in sorted(path for folder in folders for path in folder.rglob("*")):
        name = path.relative_to(root).as_posix()
        if is_partial(path):
            yield Finding(file=name, rule="leftover", detail="is an unfinished file")
        elif name not in listed and (path.is_symlink() or not path.is_dir()):
            yield Finding(file=name, rule="unlisted", detail="is not in the manifest")
    for name in sorted({PLAN_FILE, REJECTS_FILE, SUBJECTS_FILE} - listed):
        yield Finding(file=name, rule="manifest", detail="is not in the manifest, and every dataset has it")
    for entry in manifest.files:
        if entry.path.startswith(f"{DATA_FOLDER}/") and entry.place is None:
            yield Finding(file=entry.path, rule="unlisted", detail="is no data/<emotion>/<split>-<number>.parquet")
        if entry.path.startswith(f"{SPOTTING_FOLDER}/") and entry.spotting_split is None:
            yield Finding(file=entry.path, rule="unlisted", detail="is no spotting/<split>-<number>.parquet")
        if entry.path.startswith(f"{VQA_FOLDER}/") and entry.vqa_split is None:
            yield Finding(file=entry.path, rule="unlisted", detail="is no vqa/<split>-<number>.parquet")
        if entry.path.startswith(f"{TAR_FOLDER}/") and entry.tar_place is None:
            yield Finding(file=entry.path, rule="unlisted", detail="is no webdataset/<emotion>/<split>-<number>.tar")
    asked = sum(manifest.vqa.values())
    if asked not in (0, manifest.clips):
        detail = f"holds {asked} clips, data/ holds {manifest.clips}"
        yield Finding(file=VQA_FOLDER, rule="questions", detail=detail)
    yield from inspect_papers(root, manifest)


def _inspect_file(root: Path, entry: FileEntry, ledger: Ledger, *, deep: bool, tar_only: bool) -> Iterator[Finding]:
    path = root / entry.path
    if not _is_inside(root, path):
        yield Finding(file=entry.path, rule="outside", detail="is a link that leaves the folder; it was not followed")
        return
    if not path.is_file():
        yield Finding(file=entry.path, rule="missing", detail="is in the manifest and not on the disk")
        return
    try:
        yield from _inspect_bytes(path, entry)
    except OSError as error:
        yield Finding(file=entry.path, rule="unreadable", detail=error.strerror or str(error))
        return
    if entry.tar_place is not None:
        yield from inspect_tar(path, entry, ledger, deep=deep, alone=tar_only)
    elif entry.split:
        yield from inspect_shard(path, entry, ledger, deep=deep)
    else:
        yield from _inspect_table(path, entry)


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


def _placements(root: Path, manifest: Manifest) -> dict[str, Placement] | None:
    path = root / SUBJECTS_FILE
    if SUBJECTS_FILE not in {entry.path for entry in manifest.files} or not _is_inside(root, path):
        return None
    try:
        return {subject_id: placement for subject_id, (_, placement) in read_subjects(path).items()}
    except DatasetError:
        return None  # _inspect_table says so


def _is_inside(root: Path, path: Path) -> bool:
    return path.resolve().is_relative_to(root.resolve())
