"""A WebDataset shard: samples of ``<id>.mp4``, ``.txt`` and ``.json``, read where they lie in the tar file.

Nothing is unpacked, and names only tell which members belong together: links, devices and paths lead nowhere.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import IO, Any

from equime_builder.errors import DatasetError
from equime_builder.facs import EMOTION_LABELS
from equime_builder.json_text import parse_json
from equime_builder.layout import tar_place_of
from equime_builder.records import SPOTTING
from equime_builder.schema import COLUMNS
from equime_builder.shards import ROW_GROUP_BYTES
from equime_builder.spotting import SPOTTING_COLUMNS
from equime_builder.stream.chunks import Chunk, LazyRow, Row, RowChoice, one_line
from equime_builder.stream.folder import Folder
from equime_builder.tar_headers import MOST_BYTES, is_plain, tar_headers
from equime_builder.videos import COLUMN

Members = tuple[tuple[str, int, int], ...]
"""Ending, place in the file and size of each member of a sample."""


class TarShard:
    """An open tar file of a folder; runs of about as many bytes as a row group are the chunks."""

    def __init__(self, folder: Folder, path: str) -> None:
        emotion, _ = tar_place_of(path) or ("", "")
        columns = SPOTTING_COLUMNS if emotion == SPOTTING else COLUMNS
        self.columns: Sequence[str] = tuple(column.name for column in columns)
        self._path, self._file = path, folder.open(path)

    def chunks(self, choice: RowChoice | None) -> Iterator[Chunk]:
        """Yield runs that hold wanted rows; reads the headers, and the JSON where ``choice`` looks at it."""
        import pyarrow as pa

        first_row = 0
        for number, members in enumerate(_runs(_samples(self._file, self._path))):
            kept: Sequence[int] = range(len(members))
            if choice is not None:
                fields = [_row(self._read(sample, {"json"}), choice.columns) for sample in members]
                kept = choice.kept(pa.Table.from_pylist(fields))
            if kept:
                yield Chunk(number=number, first_row=first_row, kept=kept, members=tuple(members))
            first_row += len(members)

    def load(self, chunk: Chunk, columns: Sequence[str]) -> Sequence[LazyRow]:
        """Read a run's members; JSON is parsed when a row is made."""
        endings = {"json", "mp4"} if COLUMN in columns else {"json"}
        return [partial(_row, self._read(chunk.members[row], endings), tuple(columns)) for row in chunk.kept]

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _read(self, sample: Members, endings: set[str]) -> dict[str, bytes]:
        found = {}
        for ending, place, size in sample:
            if ending in endings:
                self._file.seek(place)
                found[ending] = self._file.read(size)
                if len(found[ending]) != size:
                    raise DatasetError(f"{self._path}: the file is cut off at byte {place}; fetch or write it again")
        return found


def _row(sample: Mapping[str, bytes], columns: Sequence[str]) -> Row:
    try:
        fields = parse_json(sample["json"])
        video = {"bytes": sample.get("mp4"), "path": f"{fields['id']}.mp4"}
        return {name: video if name == COLUMN else _value(name, fields[name]) for name in columns}
    except KeyError as error:
        raise DatasetError(f"its sample holds no {error}; write the shard again") from error
    except (ValueError, TypeError, RecursionError) as error:
        raise DatasetError(f"its JSON cannot be read: {one_line(error)}; write the shard again") from error


def _value(name: str, value: Any) -> Any:
    return EMOTION_LABELS.index(value) if name == "emotion" and isinstance(value, str) else value


def _runs(samples: Iterable[Members]) -> Iterator[list[Members]]:
    run: list[Members] = []
    for sample in samples:
        if run and sum(size for members in run for _, _, size in members) >= ROW_GROUP_BYTES:
            yield run
            run = []
        run.append(sample)
    if run:
        yield run


def _samples(file: IO[bytes], path: str) -> Iterator[Members]:
    """Yield the members of each sample, which stand together, from the headers alone."""
    key, members = "", list[tuple[str, int, int]]()
    for member in _headers(file, path):
        name, _, ending = member.name.rpartition("/")[2].partition(".")
        if not is_plain(member) or ending not in MOST_BYTES:
            continue
        if member.size > MOST_BYTES[ending]:
            raise DatasetError(f"{path}: member {member.name!r:.80} has {member.size} bytes; write the shard again")
        if name != key and members:
            yield tuple(members)
            members = []
        key = name
        members.append((ending, member.offset_data, member.size))
    if members:
        yield tuple(members)


def _headers(file: IO[bytes], path: str) -> Iterator[tarfile.TarInfo]:
    try:
        yield from tar_headers(file)
    except tarfile.TarError as error:
        raise DatasetError(f"{path}: no whole tar file: {one_line(error)}; fetch or write it again") from error
