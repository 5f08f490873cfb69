"""The work folder of a run: its faces and finished parts; it is gone when the dataset is whole.

Where the dataset is to stand in a store, ``out`` is a folder of this process in which its files are made before they
are sent, and to which those that are needed are brought. On this machine's disk sending and bringing are nothing.
"""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from equime_builder.address import is_url, local_path
from equime_builder.digests import fingerprint
from equime_builder.flow import FlowFrame, write_flow
from equime_builder.layout import MANIFEST_FILE
from equime_builder.publish import publish_text
from equime_builder.records import Reject
from equime_builder.shards import write_rows
from equime_builder.store import FILES_AT_A_TIME, Store, open_store
from equime_builder.tables import read_rejects, write_rejects
from equime_generation.kept_face import MOST_BYTES, read_face, write_face
from equime_generation.parts import Part
from equime_generation.scratch import scratch_folder

if TYPE_CHECKING:
    from equime_generation.faces import Face

WORK_NAME: Final = ".work"


def _nothing() -> None:
    """Confirm a claim that nobody can take over."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """Paths and files of one run.

    Attributes:
        out: The dataset folder, or this process' part of it.
        store: Where the dataset folder is; ``None`` = it is ``out``.
        confirm: Raises where another run has taken the place over.
    """

    out: Path
    store: Store | None = None
    confirm: Callable[[], None] = _nothing

    @classmethod
    def at(cls, out: str) -> Workspace:
        """Return the workspace of an output folder, which another process may have claimed.

        Raises:
            UsageError: ``out`` is a URL of a kind that nobody knows.
            MissingExtraError: The package that speaks to such stores is not installed.
            OutputError: There is no room for files on their way.
        """
        if not is_url(out):
            return cls(local_path(out))
        store = open_store(out)
        return cls(scratch_folder() / fingerprint({"url": store.url}), store)

    @property
    def name(self) -> str:
        """The dataset folder as a person names it."""
        return self.store.name if self.store else str(self.out)

    @property
    def is_finished(self) -> bool:
        """Whether the dataset is whole; its manifest is written last."""
        return self.has(self.out / MANIFEST_FILE)

    def has(self, path: Path) -> bool:
        """Whether a file is in its place in the dataset folder."""
        return self.store.exists(self._key(path)) if self.store else path.exists()

    def bring(self, *paths: Path) -> list[Path]:
        """Return files of the dataset folder, all of them on this machine now.

        Raises:
            DatasetMissingError: A file is not there.
            TransferError: The store does not deliver it.
            OutputError: The store refuses, or this machine's disk does.
        """
        missing = [path for path in paths if not path.exists()]
        if self.store is not None:
            store = self.store
            _at_once(lambda path: store.fetch(self._key(path), path), missing)
        return list(paths)

    def send(self, *paths: Path) -> None:
        """Put files of this machine into the dataset folder.

        Raises:
            TransferError: The store does not take them.
            OutputError: The store refuses.
        """
        if self.store is not None:
            store = self.store
            _at_once(lambda path: store.put(path, self._key(path)), paths)

    def drop(self, *paths: Path) -> None:
        """Let go of files that were brought or sent; on this machine's disk they are the dataset folder's own."""
        if self.store is not None:
            for path in paths:
                path.unlink(missing_ok=True)

    def publish_text(self, path: Path, text: str) -> None:
        """Put a small text into the dataset folder, whole or not at all.

        Raises:
            OutputError, TransferError: As `send`.
        """
        publish_text(path, text)
        self.send(path)

    def _key(self, path: Path) -> str:
        return path.relative_to(self.out).as_posix()

    @property
    def folder(self) -> Path:
        """Where everything that is not yet part of the dataset lies."""
        return self.out / WORK_NAME

    def part_path(self, part: Part) -> Path:
        """Where a finished part lies; it is there only if it is whole."""
        return self.folder / "parts" / f"{part.name}.parquet"

    def has_part(self, part: Part) -> bool:
        """Whether a part was committed."""
        return self.has(self.part_path(part))

    def committed(self, parts: Sequence[Part]) -> list[Part]:
        """Return those of some parts that were committed; the folder is listed once, however many they are."""
        folder = self.folder / "parts"
        if self.store is not None:
            there = set(self.store.names(self._key(folder)))
        else:
            there = set(os.listdir(folder)) if folder.is_dir() else set()
        return [part for part in parts if self.part_path(part).name in there]

    def _rejects_path(self, part: Part) -> Path:
        return self.folder / "parts" / f"{part.name}.rejects.parquet"

    def flow_path(self, part: Part) -> Path:
        """Where the true motion of a finished part's clips lies."""
        return self.folder / "parts" / f"{part.name}.flow.parquet"

    def commit_part(
        self, part: Part, rows: Sequence[dict[str, Any]], rejects: Sequence[Reject], flow: Sequence[FlowFrame] = ()
    ) -> None:
        """Put a part down, its rows last: the part's own file says that all are whole."""
        paths = [self._rejects_path(part), *([self.flow_path(part)] if part.config.with_flow else [])]
        write_rejects(self._rejects_path(part), rejects)
        if part.config.with_flow:
            write_flow(self.flow_path(part), flow)
        self.send(*paths)
        write_rows(self.part_path(part), rows, part.columns)
        self.send(self.part_path(part))
        self.drop(*paths, self.part_path(part))

    def rejects_of(self, part: Part) -> list[Reject]:
        """Return what a finished part dropped."""
        (path,) = self.bring(self._rejects_path(part))
        return list(read_rejects(path))

    def keep_face(self, face: Face) -> None:
        """Put a face where workers find it, in place of one of another photo that an earlier run left."""
        path = write_face(self.face_path(face.subject.id), face)
        self.send(path)
        self.drop(path)

    def face(self, subject_id: str) -> Face:
        """Return a kept face.

        Raises:
            DatasetError: It is missing or damaged.
        """
        path = self.face_path(subject_id)
        if self.store is None:
            return read_face(path, where=str(path))
        return read_face(io.BytesIO(self.store.read(self._key(path), most_bytes=MOST_BYTES)), where=str(path))

    def face_path(self, subject_id: str) -> Path:
        """Where the face of a person lies while a run needs it."""
        return self.folder / "faces" / f"{subject_id}.npz"

    def discard(self) -> None:
        """Remove the work folder; the dataset no longer needs it."""
        shutil.rmtree(self.folder, ignore_errors=True)
        if self.store is not None:
            self.store.delete(list(self.store.files(WORK_NAME)))


def _at_once(move: Callable[[Path], object], paths: Iterable[Path]) -> None:
    with ThreadPoolExecutor(FILES_AT_A_TIME, thread_name_prefix="equime-travel") as pool:
        for done in [pool.submit(move, path) for path in paths]:
            done.result()
