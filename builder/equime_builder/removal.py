"""A person is taken out of every file of a dataset folder, which stays a whole dataset of the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from equime_builder.errors import OutputError, UsageError
from equime_builder.flow import read_frames, write_flow
from equime_builder.folder import complete_folder
from equime_builder.gallery.writing import GALLERY_FOLDER, write_gallery
from equime_builder.layout import FLOW_FOLDER, PLAN_FILE, REJECTS_FILE, SUBJECTS_FILE
from equime_builder.manifest import FileEntry, Manifest, read_manifest
from equime_builder.publish import remove_tree
from equime_builder.reading import read_rows
from equime_builder.records import SPOTTING, Plan
from equime_builder.rows import Row
from equime_builder.schema import COLUMNS, Columns
from equime_builder.shards import write_rows
from equime_builder.spotting import SPOTTING_COLUMNS
from equime_builder.tables import read_plans, read_rejects, read_shards, read_subjects
from equime_builder.tars import read_tar, write_tar
from equime_builder.vqa_shards import write_vqa


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """What went with a person.

    Attributes:
        clips: Rows, of clips of one event and of several.
        changed: Files that hold the others still.
        removed: Files that held nobody else.
    """

    clips: int
    changed: tuple[str, ...]
    removed: tuple[str, ...]


def people_named(root: Path) -> list[str]:
    """Return everybody whom the tables of a dataset folder name, by their ids: those without a clip as well.

    Raises:
        DatasetError: A table is damaged.
    """
    refused = {reject.subject_id for reject in read_rejects(root / REJECTS_FILE) if reject.subject_id}
    return sorted({*read_subjects(root / SUBJECTS_FILE), *refused})


def remove_person(root: Path, subject_id: str) -> Removed:
    """Rewrite or remove every file that holds a person; the manifest comes last.

    Stopped anywhere, the same call goes on: what is done already is found done.

    Raises:
        UsageError: Nobody else is in the dataset.
        DatasetError: A file is damaged.
        OutputError: The folder cannot be written.
    """
    manifest = read_manifest(root)
    people = {who: found for who, found in read_subjects(root / SUBJECTS_FILE).items() if who != subject_id}
    if not people:
        raise UsageError(f"nobody but {subject_id} is in {root}; remove the folder itself")
    plans = list(read_plans(root / PLAN_FILE))
    own = {plan.clip_id for plan in plans if plan.subject_id == subject_id}
    rewriting = _Rewriting(root, subject_id, own)
    for entry in manifest.files:
        rewriting.rewrite(entry)
    _derive_again(root, manifest)
    complete_folder(
        root,
        config=manifest.config,
        code_version=manifest.code_version,
        subjects=[subject for subject, _ in people.values()],
        placements={who: placement for who, (_, placement) in people.items()},
        plans=_by_shard(root, [plan for plan in plans if plan.clip_id not in own]),
        rejects=[
            reject
            for reject in read_rejects(root / REJECTS_FILE)
            if reject.subject_id != subject_id and reject.id not in own
        ],
        tar_only=manifest.is_tar_only,
    )
    return Removed(clips=len(rewriting.clips), changed=tuple(rewriting.changed), removed=tuple(rewriting.removed))


class _Rewriting:
    """Files of a folder, rewritten one after the other without a person.

    Attributes:
        clips: Ids of the clips that went.
        changed: Paths of files that hold the others still.
        removed: Paths of files that held nobody else.
    """

    def __init__(self, root: Path, subject_id: str, own: set[str]) -> None:
        self._root, self._subject_id, self._own = root, subject_id, own
        self.clips: set[str] = set()
        self.changed: list[str] = []
        self.removed: list[str] = []

    def rewrite(self, entry: FileEntry) -> None:
        """Rewrite one file of the manifest, where it holds the person; questions follow from the clips later."""
        path = self._root / entry.path
        if not path.is_file():
            return  # an earlier call removed it
        if entry.tar_place:
            columns = SPOTTING_COLUMNS if entry.tar_place[0] == SPOTTING else COLUMNS
            self._rewrite_tar(entry, columns)
        elif entry.place or entry.spotting_split:
            self._rewrite_shard(entry, COLUMNS if entry.place else SPOTTING_COLUMNS)
        elif entry.path.startswith(f"{FLOW_FOLDER}/"):
            self._rewrite_flow(entry)

    def _rewrite_shard(self, entry: FileEntry, columns: Columns) -> None:
        path = self._root / entry.path
        others = sum(not self._is_own(row) for row in read_rows(path, columns, only=["id", "subject_id"]))
        if others == entry.rows:
            return
        self._note(entry, others)
        if others:
            write_rows(path, self._others(read_rows(path, columns)), columns)

    def _rewrite_tar(self, entry: FileEntry, columns: Columns) -> None:
        path = self._root / entry.path
        others = sum(not self._is_own(row) for row in read_tar(path, columns))
        if others == entry.rows:
            return
        self._note(entry, others)
        if others:
            write_tar(path, self._others(read_tar(path, columns)), columns)

    def _rewrite_flow(self, entry: FileEntry) -> None:
        path = self._root / entry.path
        others = sum(frame.clip_id not in self._own for frame in read_frames(path))
        if others == entry.rows:
            return
        self._note(entry, others)
        if others:
            write_flow(path, (frame for frame in read_frames(path) if frame.clip_id not in self._own))

    def _others(self, rows: Iterator[Row]) -> Iterator[Row]:
        return (row for row in rows if not self._is_own(row))

    def _is_own(self, row: Row) -> bool:
        if row["subject_id"] != self._subject_id:
            return False
        self.clips.add(row["id"])
        return True

    def _note(self, entry: FileEntry, others: int) -> None:
        (self.changed if others else self.removed).append(entry.path)
        if not others:
            path = self._root / entry.path
            try:
                path.unlink()
                if not any(path.parent.iterdir()):
                    path.parent.rmdir()
            except OSError as error:
                raise OutputError(f"cannot remove {path}: {error.strerror}; remove it and run again") from error


def _derive_again(root: Path, manifest: Manifest) -> None:
    if manifest.is_tar_only:
        remove_tree(root / GALLERY_FOLDER)  # it is made from Parquet shards
        return
    if manifest.vqa:
        write_vqa(root)
    write_gallery(root)


def _by_shard(root: Path, plans: list[Plan]) -> dict[str, list[Plan]]:
    shard_of = read_shards(root / PLAN_FILE)
    shards: dict[str, list[Plan]] = {}
    for plan in plans:
        shards.setdefault(shard_of[plan.clip_id], []).append(plan)
    return shards
