"""A dataset folder against its manifest, its schema and itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from equime_builder.errors import DatasetError, DatasetMissingError
from equime_builder.file_inspection import FileToInspect, inspect_file, is_inside
from equime_builder.findings import Finding
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
from equime_builder.ledger import Ledger
from equime_builder.manifest import FileEntry, Manifest, read_manifest
from equime_builder.paper_inspection import inspect_papers
from equime_builder.pool import in_order
from equime_builder.publish import is_partial
from equime_builder.records import Placement
from equime_builder.spot_check import EVERY_CLIP, NO_CLIP, SpotCheck, spot_check_of
from equime_builder.store import Store
from equime_builder.store_look import Looked
from equime_builder.tables import read_subjects

Progress = Callable[[int, int, str], None]
"""Called before each file with the files done, the files in all, and the path."""


def verify(
    root: Path,
    *,
    deep: bool = False,
    sample: str | None = None,
    workers: int = 1,
    progress: Progress | None = None,
    store: Store | None = None,
) -> list[Finding]:
    """Return everything that is wrong with a dataset folder; an empty list means that it is whole.

    A damaged folder gives findings and never raises. Nothing outside the folder is read, and no pickle.

    Args:
        deep: Hash and decode every clip too (about .2 s each); without it every file is hashed and every row read.
        sample: With ``deep``, so many clips instead, ``N`` or ``P%``, chosen by their ids (see
            `equime_builder.spot_check`): the same ones whenever this dataset is looked at.
        workers: Processes; the findings and their order are the same with any number.
        store: Where the shards are, if ``root`` is a look at it (see `equime_builder.store_look`).

    Raises:
        DatasetMissingError: There is no such folder.
        UsageError: The sample is neither a number nor a share.
        TransferError, OutputError: The store does not give a file.
        EquimeError: A worker process was killed.
    """
    return list(inspect_folder(root, deep=deep, sample=sample, workers=workers, progress=progress, store=store))


def inspect_folder(
    root: Path,
    *,
    deep: bool = False,
    sample: str | None = None,
    workers: int = 1,
    progress: Progress | None = None,
    store: Store | None = None,
) -> Iterator[Finding]:
    """Yield the findings of `verify` as they are made; arguments and errors are the same."""
    if not root.is_dir():
        raise DatasetMissingError(f"{root}: no such folder; name the dataset's folder")
    try:
        manifest = read_manifest(root)
    except (DatasetError, DatasetMissingError) as error:
        yield Finding(file=MANIFEST_FILE, rule="manifest", detail=str(error))
        return
    yield from _inspect_listing(root, manifest)
    looked = Looked(root, store)
    check = NO_CLIP if not deep else EVERY_CLIP if sample is None else spot_check_of(looked, manifest, sample)
    files = [_to_inspect(looked, entry, manifest, check) for entry in manifest.files]
    looks = in_order(inspect_file, files, workers=min(workers, len(files)) or 1)
    ledger = Ledger(_placements(root, manifest))
    for done, file in enumerate(files):
        if progress is not None:
            progress(done, len(files), file.entry.path)
        yield from ledger.findings(next(looks), file.entry, is_twin=file.is_twin)


def _to_inspect(looked: Looked, entry: FileEntry, manifest: Manifest, check: SpotCheck) -> FileToInspect:
    is_twin = entry.tar_place is not None and not manifest.is_tar_only
    return FileToInspect(looked=looked, entry=entry, check=check, is_twin=is_twin)


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


def _placements(root: Path, manifest: Manifest) -> dict[str, Placement] | None:
    path = root / SUBJECTS_FILE
    if SUBJECTS_FILE not in {entry.path for entry in manifest.files} or not is_inside(root, path):
        return None
    try:
        return {subject_id: placement for subject_id, (_, placement) in read_subjects(path).items()}
    except DatasetError:
        return None  # _inspect_table says so
