"""Who may write into an output folder: one run at a time, of one configuration, on one set of photos."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from equime_builder.errors import DatasetError, OutputError, UsageError
from equime_builder.layout import MANIFEST_FILE, RECIPE_FILE, SUBJECTS_FILE
from equime_builder.manifest import read_manifest
from equime_builder.publish import publish_text, remove_tree, sweep
from equime_builder.records import Subject
from equime_builder.store import Store
from equime_builder.tables import read_subjects
from equime_generation.lease import lease
from equime_generation.shares import FolderBusyError, Share, keep_share
from equime_generation.workspace import WORK_NAME, Workspace

if TYPE_CHECKING:
    from equime_generation.config import RunConfig

_RUN_NAME: Final = "run.json"
_PHOTOS_NAME: Final = "photos.json"
_CLAIMS_NAME: Final = "claims"
BYTES_PER_CLIP: Final = 300_000
"""A clip at the default profile, rounded up."""
FLOW_BYTES_PER_CLIP: Final = 250_000
"""True motion of one event, rounded up; spotting clips have more, negatives none."""


@contextmanager
def claim(config: RunConfig) -> Iterator[Workspace]:
    """Open the output folder for one run and keep other runs out of it.

    Raises:
        UsageError: The folder holds something else, or a dataset of another configuration, or another run is at it.
        OutputError: The folder cannot be made or written, or the disk has too little room.
    """
    place = Workspace.at(config.out)
    if place.store is None:
        refuse_strange_folder(place.out)
    else:
        _refuse_strange_store(place.store)
    if place.has(place.out / RECIPE_FILE) and not place.is_finished:
        raise UsageError(
            f"{place.name} is a recipe release; make its clips with equime regenerate {place.name}, or choose another "
            "--out"
        )
    try:
        with _entered(place, config) as workspace:
            _refuse_other_run(workspace, config)
            if not workspace.is_finished:
                _refuse_full_disk(workspace, config)
            if not config.shard:  # else what is unfinished may be another job's
                sweep(workspace.out)
            yield workspace
    finally:
        if place.is_finished:
            place.discard()


def _entered(place: Workspace, config: RunConfig) -> AbstractContextManager[Workspace]:
    if place.store is None:
        return _join(place.out, Share.parse(config.shard)) if config.shard else hold(place.out)
    if config.shard:
        raise UsageError(
            f"jobs with --shard share a folder, and {place.name} is an object store; give --out a folder that all of "
            "them mount, or take --engine ray"
        )
    return _hold_store(place, place.store)


@contextmanager
def _join(out: Path, share: Share) -> Iterator[Workspace]:
    workspace = _made(out)
    with keep_share(workspace.folder, share):
        yield workspace


@contextmanager
def _hold_store(place: Workspace, store: Store) -> Iterator[Workspace]:
    with lease(store, f"{WORK_NAME}/{_CLAIMS_NAME}") as held:
        store.drop_unfinished()
        remove_tree(place.out)
        place.out.mkdir(parents=True)
        try:
            yield replace(place, confirm=held.confirm)
        finally:
            remove_tree(place.out)


@contextmanager
def hold(out: Path) -> Iterator[Workspace]:
    """Keep others from writing into a folder, and give its work folder.

    Raises:
        FolderBusyError: Another run is at it.
        OutputError: The folder cannot be made or written.
    """
    from filelock import FileLock, Timeout

    workspace = _made(out)
    try:
        lock = FileLock(workspace.folder / "lock", timeout=0)
        lock.acquire()
    except Timeout:
        raise FolderBusyError(f"another run is at work in {out}; wait for it, or choose another folder") from None
    except OSError as error:
        raise OutputError(f"{out} cannot be written: {error.strerror}; choose another --out") from error
    try:
        yield workspace
    finally:
        lock.release()


def _made(out: Path) -> Workspace:
    workspace = Workspace(out)
    try:
        for folder in (workspace.folder / "parts", workspace.folder / "faces"):
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{out} cannot be written: {error.strerror}; choose another --out") from error
    return workspace


def pin_photos(workspace: Workspace, subjects: Sequence[Subject]) -> None:
    """Hold a run to the photos that it began with.

    Raises:
        UsageError: A photo has changed, vanished or joined since.
    """
    found = {subject.id: subject.source_sha256 for subject in subjects}
    path = workspace.folder / _PHOTOS_NAME
    if workspace.is_finished:
        (table,) = workspace.bring(workspace.out / SUBJECTS_FILE)
        pinned = {who: subject.source_sha256 for who, (subject, _) in read_subjects(table).items()}
    else:
        pinned = _first(path, found, workspace)
    other = sorted(who for who in {*pinned, *found} if pinned.get(who) != found.get(who))
    if other:
        raise UsageError(
            f"the photos are not those that {workspace.name} was begun with: {', '.join(other[:5])}"
            f"{' and more' if len(other) > 5 else ''} changed, vanished or joined; restore them or choose another --out"
        )


def unpin_photo(workspace: Workspace, subject_id: str) -> bool:
    """Let a run that was stopped go on without a person, and tell whether it had begun with them.

    Raises:
        OutputError: The work folder cannot be written.
    """
    path = workspace.folder / _PHOTOS_NAME
    pinned = _read(path, workspace) if path.exists() else {}
    if pinned.pop(subject_id, None) is None:
        return False
    publish_text(path, json.dumps(pinned, indent=1))
    return True


def refuse_strange_folder(out: Path) -> None:
    """Check that a folder is missing, empty or one of EquiME's.

    Raises:
        UsageError: It is a file, or holds something else.
    """
    if out.exists() and not out.is_dir():
        raise UsageError(f"--out must be a folder, and {out} is a file; choose another")
    ours = any((out / name).exists() for name in (MANIFEST_FILE, RECIPE_FILE)) or (out / WORK_NAME).is_dir()
    if out.is_dir() and not ours and any(out.iterdir()):
        raise UsageError(f"{out} holds something that is no EquiME dataset; choose an empty folder or another --out")


def _refuse_strange_store(store: Store) -> None:
    there = store.names()
    if there and not {MANIFEST_FILE, RECIPE_FILE, WORK_NAME} & set(there):
        raise UsageError(
            f"{store.name} holds something that is no EquiME dataset; choose an empty folder of the store, or another "
            "--out"
        )


def _refuse_other_run(workspace: Workspace, config: RunConfig) -> None:
    if other := _differences(_recipe_in(workspace, config), config.recipe):
        raise UsageError(
            f"{workspace.name} belongs to a run with other settings ({', '.join(other)}); use those settings, add to a "
            "finished dataset with equime extend, or choose another --out"
        )


def _recipe_in(workspace: Workspace, config: RunConfig) -> Mapping[str, Any]:
    if workspace.is_finished:
        workspace.bring(workspace.out / MANIFEST_FILE)
        return read_manifest(workspace.out).config
    ours = {"fingerprint": config.fingerprint, "recipe": config.recipe}
    recipe = _first(workspace.folder / _RUN_NAME, ours, workspace).get("recipe")
    return recipe if isinstance(recipe, dict) else {}


def _differences(theirs: Mapping[str, Any], ours: Mapping[str, Any], table: str = "") -> list[str]:
    """Return the settings that differ: a batch size that a GPU's free memory chose may be one that nobody asked for."""
    found: list[str] = []
    for name in sorted({*theirs, *ours}):
        their, our = theirs.get(name), ours.get(name)
        if isinstance(their, Mapping) and isinstance(our, Mapping):
            found += _differences(their, our, f"{name}.")
        elif their != our:
            found.append(f"{table}{name} {their!r:.60} there, {our!r:.60} here")
    return found


def _first(path: Path, ours: Mapping[str, Any], workspace: Workspace) -> dict[str, Any]:
    """Write down what a run holds to, unless that is done, and return what stands there."""
    from filelock import FileLock

    with FileLock(workspace.folder / "begin"):  # jobs of an array begin at the same moment
        if not workspace.has(path):
            workspace.publish_text(path, json.dumps(ours, indent=1))
    return _read(path, workspace)


def _read(path: Path, workspace: Workspace) -> dict[str, Any]:
    workspace.bring(path)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise DatasetError(f"{path} is damaged; remove {workspace.folder} and run again") from error
    if not isinstance(content, dict):
        raise DatasetError(f"{path} is damaged; remove {workspace.folder} and run again")
    return content


def room_for(config: RunConfig) -> int:
    """Return the bytes that a run takes at most, just before its work folder goes."""
    clips = config.clips_per_emotion * len(config.emotions) + config.spotting_clips
    clip_bytes = BYTES_PER_CLIP + config.with_flow * FLOW_BYTES_PER_CLIP
    # parts, shards of every kind and questions, which hold the clips once more, stand side by side until the end
    return (2 + (config.format != "parquet") + config.makes_vqa) * clips * clip_bytes


def _refuse_full_disk(workspace: Workspace, config: RunConfig) -> None:
    wanted, free = room_for(config), shutil.disk_usage(workspace.out).free
    if free < wanted:
        remedy = "choose another --out" if workspace.store is None else "point TMPDIR to a larger disk"
        raise OutputError(
            f"{workspace.out} needs about {wanted / 1e9:.1f} GB while the dataset is built and the disk has "
            f"{free / 1e9:.1f} GB; make room or {remedy}"
        )
