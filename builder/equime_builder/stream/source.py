"""What is streamed: the shards of a configuration and a split, their rows numbered through."""

from __future__ import annotations

import logging
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from typing import Final, Literal

from equime_builder.errors import DatasetError, UsageError, choose
from equime_builder.facs import EMOTION_LABELS
from equime_builder.layout import MANIFEST_FILE, place_of, place_order, spotting_split_of, tar_place_of, vqa_split_of
from equime_builder.manifest import parse_manifest
from equime_builder.records import SPLITS, SPOTTING
from equime_builder.stream.chunks import Chunk, LazyRow, RowChoice, Shard
from equime_builder.stream.folder import Folder
from equime_builder.stream.parquet_shard import ParquetShard
from equime_builder.stream.tar_shard import TarShard
from equime_builder.streams import key_of

OnError = Literal["raise", "skip"]
Format = Literal["parquet", "webdataset"]
OPEN_SHARDS: Final = 8
"""Shards that a process keeps open."""

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

    def place_of(self, row: int) -> tuple[int, int]:
        """Return the chunk of a row, and its number among the chunk's wanted rows."""
        chunk = bisect_right(self._ends, row)
        return chunk, row - (self._ends[chunk] - self.chunk_rows[chunk])

    def describe(self, row: int) -> str:
        """Return where a row stands, for messages."""
        chunk, within = self.place_of(row)
        shard, found = self.chunks[chunk]
        return f"{self.paths[shard]}, row {found.first_row + found.kept[within]}"


class Reader:
    """Reads chunks of a source in one process, with few files open at a time."""

    def __init__(self, source: Source, columns: Sequence[str]) -> None:
        self._source, self._columns = source, tuple(columns)
        self._open: OrderedDict[int, Shard] = OrderedDict()

    def load(self, chunk: int) -> Sequence[LazyRow]:
        """Read a chunk: for each wanted row a function that makes it.

        Raises:
            DatasetError: It cannot be read.
            TransferError: Another machine does not deliver it.
        """
        shard, found = self._source.chunks[chunk]
        return self._shard(shard).load(found, self._columns)

    def close(self) -> None:
        """Close all files."""
        while self._open:
            self._open.popitem()[1].close()

    def _shard(self, number: int) -> Shard:
        if number not in self._open:
            while len(self._open) >= OPEN_SHARDS:
                self._open.popitem(last=False)[1].close()
            self._open[number] = open_shard(self._source.folder, self._source.paths[number])
        self._open.move_to_end(number)
        return self._open[number]


def open_shard(folder: Folder, path: str) -> Shard:
    """Open a shard by its ending.

    Raises:
        DatasetError: It is damaged.
        DatasetMissingError: It is not there.
    """
    return TarShard(folder, path) if path.endswith(".tar") else ParquetShard(folder, path)


def find_shards(folder: Folder, name: str, split: str, kind: Format = "parquet") -> list[str]:
    """Return the shards of a configuration and a split, from the folder's manifest.

    Args:
        name: ``"all"``, an emotion, ``"spotting"`` or ``"vqa"``.
        split: ``"train"``, ``"validation"``, ``"test"``, or ``"all"`` for the three.
        kind: Of the shards.

    Raises:
        DatasetError: The manifest is damaged.
        UsageError: There are none.
    """
    choose("configuration", name, ["all", *EMOTION_LABELS, SPOTTING, "vqa"])
    choose("split", split, ["all", *SPLITS])
    choose("format", kind, ["parquet", "webdataset"])
    entries = parse_manifest(folder.read(MANIFEST_FILE)).files
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
    apart = {SPOTTING: spotting_split_of(path), "vqa": vqa_split_of(path)}
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
