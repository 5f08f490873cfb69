"""Clips leave every file of a dataset folder that holds them; what is left of each file stays as it was."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from equime_builder.errors import OutputError
from equime_builder.flow import read_frames, write_flow
from equime_builder.gallery.writing import GALLERY_FOLDER, write_gallery
from equime_builder.layout import FLOW_FOLDER
from equime_builder.manifest import FileEntry, Manifest
from equime_builder.publish import remove_tree
from equime_builder.reading import read_rows
from equime_builder.records import SPOTTING
from equime_builder.rows import Row
from equime_builder.schema import COLUMNS, Columns
from equime_builder.shards import write_rows
from equime_builder.spotting import SPOTTING_COLUMNS
from equime_builder.tars import read_tar, write_tar
from equime_builder.vqa_shards import write_vqa


class Rewriting:
    """Files of a folder, rewritten one after the other without some clips.

    Attributes:
        clips: Ids of the clips that went.
        changed: Paths of files that hold the others still.
        removed: Paths of files that held nobody else.
    """

    def __init__(self, root: Path, leaving: Collection[str]) -> None:
        self._root, self._leaving = root, leaving
        self.clips: set[str] = set()
        self.changed: list[str] = []
        self.removed: list[str] = []

    def rewrite(self, entry: FileEntry) -> None:
        """Rewrite one file of the manifest, where it holds one of the clips; questions follow from the clips later."""
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
        others = sum(not self._leaves(row) for row in read_rows(path, columns, only=["id"]))
        if others == entry.rows:
            return
        self._note(entry, others)
        if others:
            write_rows(path, self._others(read_rows(path, columns)), columns)

    def _rewrite_tar(self, entry: FileEntry, columns: Columns) -> None:
        path = self._root / entry.path
        others = sum(not self._leaves(row) for row in read_tar(path, columns))
        if others == entry.rows:
            return
        self._note(entry, others)
        if others:
            write_tar(path, self._others(read_tar(path, columns)), columns)

    def _rewrite_flow(self, entry: FileEntry) -> None:
        path = self._root / entry.path
        others = sum(frame.clip_id not in self._leaving for frame in read_frames(path))
        if others == entry.rows:
            return
        self._note(entry, others)
        if others:
            write_flow(path, (frame for frame in read_frames(path) if frame.clip_id not in self._leaving))

    def _others(self, rows: Iterator[Row]) -> Iterator[Row]:
        return (row for row in rows if not self._leaves(row))

    def _leaves(self, row: Row) -> bool:
        if row["id"] not in self._leaving:
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


def derive_again(root: Path, manifest: Manifest) -> None:
    """Write questions and gallery anew from the shards as they are now.

    Raises:
        DatasetError: A shard is damaged.
        OutputError: The folder cannot be written.
    """
    if manifest.is_tar_only:
        remove_tree(root / GALLERY_FOLDER)  # it is made from Parquet shards
        return
    if manifest.vqa:
        write_vqa(root)
    write_gallery(root)
