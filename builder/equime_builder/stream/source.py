"""What is streamed: the shards of a configuration and a split, their rows numbered through."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from equime_builder.errors import DatasetError, UsageError, choose
from equime_builder.facs import EMOTION_LABELS
from equime_builder.layout import MANIFEST_FILE, place_of, place_order, spotting_split_of, tar_place_of, vqa_split_of
from equime_builder.manifest import MOST_MANIFEST_BYTES, parse_manifest
from equime_builder.records import SPLITS, SPOTTING
from equime_builder.stream.chunks import Chunk, RowChoice, Shard
from equime_builder.stream.folder import Folder
from equime_builder.stream.parquet_shard import ParquetShard
from equime_builder.stream.tar_shard import TarShard
from equime_builder.streams import key_of
from equime_builder.vqa_rows import VQA

if TYPE_CHECKING:
    from numpy.typing import NDArray

OnError = Literal["raise", "skip"]
Format = Literal["parquet", "webdataset"]
FORMATS: Final[tuple[Format, Format]] = ("parquet", "webdataset")

log: Final = logging.getLogger("equime")


@dataclass(frozen=True, kw_only=True)
class Source:
    """Rows of several shards, numbered from 0; plain data, so that it can be sent to worker processes.

    Attributes:
        folder: Where the shards are.
        paths: The shards, relative to the folder.
        columns: Names of the columns that they have.
        chunks: The chunks of all shards in their order, each with the number of its shard.
    """

    folder: Folder
    paths: tuple[str, ...]
    columns: tuple[str, ...]
    chunks: tuple[tuple[int, Chunk], ...] = field(repr=False)

    @cached_property
    def chunk_rows(self) -> tuple[int, ...]:
        """Rows of each chunk that are wanted."""
        return tuple(len(chunk.kept) for _, chunk in self.chunks)

    @cached_property
    def _ends(self) -> list[int]:
        return list(accumulate(self.chunk_rows))

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    @cached_property
    def fingerprint(self) -> str:
        """16 hex digits that tell whether two sources number the same rows alike."""
        kept = [(self.paths[shard], chunk.first_row, *chunk.kept) for shard, chunk in self.chunks]
        return f"{key_of(kept):032x}"[:16]

    def places_of(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the chunk of each row, and its number among the chunk's wanted rows; (N,) int64 each."""
        ends = np.asarray(self._ends, dtype=np.int64)
        chunks = np.searchsorted(ends, rows, side="right")
        return chunks, rows - (ends - np.asarray(self.chunk_rows, dtype=np.int64))[chunks]

    def describe(self, row: int) -> str:
        """Return where a row stands, for messages."""
        chunks, within = self.places_of(np.array([row]))
        shard, found = self.chunks[chunks[0]]
        return f"{self.paths[shard]}, row {found.first_row + found.kept[within[0]]}"


def open_shard(folder: Folder, path: str) -> Shard:
    """Open a shard by its ending.

    Raises:
        DatasetError: It is damaged.
        DatasetMissingError: It is not there.
    """
    return TarShard(folder, path) if path.endswith(".tar") else ParquetShard(folder, path)


def find_shards(folder: Folder, name: str, split: str, kind: Format | None = None) -> list[str]:
    """Return the shards of a configuration and a split, from the folder's manifest.

    Args:
        name: ``"all"``, an emotion, ``"spotting"`` or ``"vqa"``.
        split: ``"train"``, ``"validation"``, ``"test"``, or ``"all"`` for the three.
        kind: Of the shards; ``None`` takes Parquet where there is any.

    Raises:
        DatasetError: The manifest is damaged.
        UsageError: There are none.
    """
    choose("configuration", name, ["all", *EMOTION_LABELS, SPOTTING, VQA])
    choose("split", split, ["all", *SPLITS])
    choose("format", kind or FORMATS[0], FORMATS)
    manifest = parse_manifest(folder.read(MANIFEST_FILE, most_bytes=MOST_MANIFEST_BYTES))
    entries, kind = manifest.files, kind or FORMATS[manifest.is_tar_only]
    places = {entry.path: place for entry in entries if (place := _place(entry.path, kind)) is not None}
    listed = sorted(places, key=lambda path: (place_order(path), path))
    found = [path for path in listed if _is_wanted(places[path], name, split)]
    if not found:
        there = sorted({f"{config} {part}" for config, part in places.values()}) or ["none"]
        raise UsageError(f"no {kind} shard of {name!r}, split {split!r}; the folder has: {', '.join(there)}")
    return found


def _is_wanted(place: tuple[str, str], name: str, split: str) -> bool:
    config, part = place
    return (config == name or (name == "all" and config in EMOTION_LABELS)) and split in ("all", part)


def _place(path: str, kind: Format) -> tuple[str, str] | None:
    if kind == "webdataset":
        return tar_place_of(path)
    apart = {SPOTTING: spotting_split_of(path), VQA: vqa_split_of(path)}
    return place_of(path) or next(((config, part) for config, part in apart.items() if part is not None), None)


def list_source(
    folder: Folder, paths: Sequence[str], *, choice: RowChoice | None = None, on_error: OnError = "raise"
) -> Source:
    """Read the footers or headers of shards, several at a time, and number their rows.

    Args:
        choice: Rows to keep; ``None`` = all.
        on_error: Whether a shard that cannot be read is left out, with a message.

    Raises:
        DatasetError: A shard cannot be read.
        UsageError: No row is left.
    """
    with ThreadPoolExecutor(min(8, max(len(paths), 1)), thread_name_prefix="equime-list") as pool:
        listed = list(pool.map(lambda path: _listed(folder, path, choice, on_error), paths))
    columns = next((columns for columns, _ in listed if columns), ())
    chunks = [(shard, chunk) for shard, (_, found) in enumerate(listed) for chunk in found]
    if not chunks:
        raise UsageError("no row is left to read; choose other emotions, AUs, folds or another split")
    return Source(folder=folder, paths=tuple(paths), columns=columns, chunks=tuple(chunks))


def _listed(
    folder: Folder, path: str, choice: RowChoice | None, on_error: OnError
) -> tuple[tuple[str, ...], list[Chunk]]:
    try:
        shard = open_shard(folder, path)
        try:
            for column in choice.columns if choice else ():
                choose("column", column, list(shard.columns))
            return tuple(shard.columns), list(shard.chunks(choice))
        finally:
            shard.close()
    except DatasetError as error:
        if on_error == "raise":
            raise
        log.warning("shard left out: %s", error)
        return (), []
