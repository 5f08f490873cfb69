"""A person leaves a dataset folder: its clips, tables, pages and papers, and the work folder of a run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from equime_builder.errors import DatasetError, DatasetMissingError, UsageError
from equime_builder.gallery.writing import GALLERY_FOLDER
from equime_builder.layout import (
    ATTRIBUTES_FOLDER,
    DATA_FOLDER,
    FLOW_FOLDER,
    PLAN_FILE,
    QUALITY_FOLDER,
    RECIPE_FILE,
    SPOTTING_FOLDER,
    TAR_FOLDER,
    VQA_FOLDER,
)
from equime_builder.publish import publish_text, remove_tree, sweep
from equime_builder.removal import people_named, remove_person
from equime_builder.tables import read_plans
from equime_evaluation.equity.page.writing import AUDIT_FOLDER
from equime_evaluation.reviews import hold_reviews
from equime_evaluation.reviews.storing import drop_reviews
from equime_generation.claim import hold, unpin_photo
from equime_generation.quarantine import QUARANTINE_FOLDER
from equime_generation.workspace import WORK_NAME, Workspace

_MARKER: Final = "forget.json"
_UNFINISHED: Final = (DATA_FOLDER, SPOTTING_FOLDER, VQA_FOLDER, FLOW_FOLDER, TAR_FOLDER, GALLERY_FOLDER)
_MEASURED: Final = (AUDIT_FOLDER, QUALITY_FOLDER, ATTRIBUTES_FOLDER, QUARANTINE_FOLDER)
"""Folders of what was found in clips and people; they go as a whole, to be made anew."""

_LARGEST_BYTES: Final = 256 * 2**20
_COMPRESSED: Final = frozenset({".parquet", ".tar", ".mp4", ".jpg"})
"""Files that were rewritten row by row, and pictures, in which no text is found by its bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """What went with a person.

    Attributes:
        clips: Rows that held them.
        reviews: Reviews of these.
        changed: Files that were rewritten without them.
        removed: Files that held nobody else, and pages that have to be made anew.
        left: Files in the folder that name them and are nobody's of EquiME; whoever put them there must see to them.
        was_unfinished: Whether the folder held a run that was not finished; it begins again without them.
    """

    subject: str
    clips: int = 0
    reviews: int = 0
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    was_unfinished: bool = False


def forget(root: Path, subject_id: str) -> Forgotten:
    """Take a person out of a dataset folder, or out of the folder of a run that was stopped.

    Killed anywhere, the same call finishes the work. The folder stays a whole dataset, and a run that was stopped can
    go on once the photo is gone from its source.

    Args:
        subject_id: As ``subjects.parquet`` has it.

    Raises:
        DatasetMissingError: The folder holds neither a dataset nor a run.
        UsageError: Nobody of that name is here, nobody else is, or another run is at the folder.
        DatasetError: A file is damaged.
        OutputError: The folder cannot be written.
    """
    workspace = Workspace(root)
    _refuse_other_folders(workspace)
    with hold(root):
        if not workspace.is_finished:
            return _begin_without(workspace, subject_id)
        for who in _begun(workspace):
            if who != subject_id:
                _forget(workspace, who)
        forgotten = _forget(workspace, subject_id)
    workspace.discard()
    return forgotten


def _refuse_other_folders(workspace: Workspace) -> None:
    if workspace.is_finished or workspace.folder.is_dir():
        return
    if (workspace.out / RECIPE_FILE).is_file():
        raise UsageError(
            f"{workspace.out} is a recipe release, and its recipes make the whole of a dataset; forget people in that "
            "dataset, and release it again"
        )
    raise DatasetMissingError(f"{workspace.out}: holds no dataset and no run; name the dataset's folder")


def _forget(workspace: Workspace, subject_id: str) -> Forgotten:
    root, marker = workspace.out, workspace.folder / _MARKER
    if subject_id not in _begun(workspace):
        _refuse_strangers(subject_id, people_named(root), root)
        publish_text(marker, json.dumps({"subject": subject_id}))
    own = {plan.clip_id for plan in read_plans(root / PLAN_FILE) if plan.subject_id == subject_id}
    with hold_reviews(root):  # until the plans are gone, so that nobody reviews a clip that is leaving
        sweep(root)  # what a call that was killed had half written may show them
        reviews = drop_reviews(root, own)
        removed = remove_person(root, subject_id)
    measured = [name for name in _MEASURED if (root / name).exists()]
    for name in measured:
        remove_tree(root / name)
    marker.unlink()
    return Forgotten(
        subject=subject_id,
        clips=removed.clips,
        reviews=reviews,
        changed=removed.changed,
        removed=(*removed.removed, *measured),
        left=tuple(_files_naming(root, subject_id)),
    )


def _begun(workspace: Workspace) -> list[str]:
    """Return who is half forgotten since an earlier call was killed."""
    marker = workspace.folder / _MARKER
    if not marker.is_file():
        return []
    try:
        return [str(json.loads(marker.read_text(encoding="utf-8"))["subject"])]
    except (OSError, LookupError, TypeError, ValueError, RecursionError) as error:
        raise DatasetError(f"{marker} is damaged; remove it and forget the same person again") from error


def _refuse_strangers(subject_id: str, people: list[str], root: Path) -> None:
    if subject_id not in people:
        shown = ", ".join(people[:20]) + (f" and {len(people) - 20} more" if len(people) > 20 else "")
        raise UsageError(f"nobody in {root} is called {subject_id!r}; choose from: {shown}")


def _begin_without(workspace: Workspace, subject_id: str) -> Forgotten:
    """Let a run that was stopped begin again: fewer people share its clips out in another way."""
    if not unpin_photo(workspace, subject_id):
        raise UsageError(f"nobody in the unfinished run of {workspace.out} is called {subject_id!r}; it was left alone")
    remove_tree(workspace.folder / "parts")
    workspace.face_path(subject_id).unlink(missing_ok=True)
    for name in _UNFINISHED:
        remove_tree(workspace.out / name)
    return Forgotten(subject=subject_id, was_unfinished=True, left=tuple(_files_naming(workspace.out, subject_id)))


def _files_naming(root: Path, subject_id: str) -> Iterator[str]:
    """Yield the files that name a person, or a clip of theirs, as a word of its own."""
    name = re.compile(rb"(?<![A-Za-z0-9-])" + re.escape(subject_id).encode() + rb"(?![A-Za-z0-9])")
    for path in sorted(root.rglob("*")):
        inside = path.relative_to(root)
        if path.is_symlink() or not path.is_file() or inside.parts[0] == WORK_NAME:
            continue
        if name.search(inside.as_posix().encode()) or (path.suffix not in _COMPRESSED and _holds(path, name)):
            yield inside.as_posix()


def _holds(path: Path, name: re.Pattern[bytes]) -> bool:
    with path.open("rb") as file:
        return name.search(file.read(_LARGEST_BYTES)) is not None
