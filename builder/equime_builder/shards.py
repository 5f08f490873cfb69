"""Rows become part files, parts become shards: Parquet with embedded videos, the same bytes every time.

Row groups are cut by the bytes of their videos alone, so a shard does not depend on the parts that it was made of.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from equime_builder.digests import sha256_of_file
from equime_builder.errors import DatasetError
from equime_builder.publish import publish
from equime_builder.rows import table_of
from equime_builder.schema import COLUMNS, Columns, arrow_schema, check_schema

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

ROW_GROUP_BYTES: Final = 8 * 2**20
"""Row groups stream well at 5-15 MB, and the Hub's viewer refuses over 286 MB."""

_CHUNKING: Final = {"min_chunk_size": 256 * 1024, "max_chunk_size": 1024 * 1024, "norm_level": 0}
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A finished file: its rows, its size in bytes, and the SHA-256 of its bytes."""

    rows: int
    size_bytes: int
    sha256: str


def write_rows(path: Path, rows: Iterable[Mapping[str, Any]], columns: Columns = COLUMNS) -> Written:
    """Write rows, in their order, as a part file; an empty part is a valid file.

    Args:
        columns: Of the layout that the rows follow.

    Raises:
        OutputError: The place cannot be written.
        DatasetError: A row does not fit the schema.
    """
    sized = ((len(row["video"]["bytes"]), row) for row in rows)
    return _write_groups(path, (table_of(group, columns) for group in _groups(sized)), columns)


def compact(
    part_paths: Sequence[Path],
    shard_path: Path,
    columns: Columns = COLUMNS,
    dropped: AbstractSet[str] = frozenset(),
) -> Written | None:
    """Join part files, in the order given, to a shard; holds about one row group in memory.

    Args:
        columns: Of the layout that the parts follow.
        dropped: Ids of clips that do not go along.

    Returns:
        What was written, or ``None`` where the parts hold no row: an empty shard does not load, so none is written.

    Raises:
        OutputError: The place cannot be written.
        DatasetError: A part is missing, damaged or of another schema.
    """
    import pyarrow as pa

    sized = _sized_rows(part_paths, columns, dropped)
    first = next(sized, None)
    if first is None:
        return None
    groups = _groups(_chain(first, sized))
    return _write_groups(shard_path, (pa.concat_tables(group).combine_chunks() for group in groups), columns)


def rows_in(path: Path) -> int:
    """Return the number of rows that a Parquet file's footer states.

    Raises:
        DatasetError: The file is missing or no Parquet file.
    """
    with _open(path) as file:
        return int(file.metadata.num_rows)


def _write_groups(path: Path, groups: Iterable[pa.Table], columns: Columns) -> Written:
    rows = 0

    def write(partial_path: Path) -> None:
        nonlocal rows
        with _writer(partial_path, columns) as writer:
            for table in groups:
                writer.write_table(table, row_group_size=max(1, table.num_rows))
                rows += table.num_rows

    publish(path, write)
    return Written(rows=rows, size_bytes=path.stat().st_size, sha256=sha256_of_file(path))


def _groups(sized: Iterable[tuple[int, _T]]) -> Iterator[list[_T]]:
    group: list[_T] = []
    total = 0
    for size_bytes, item in sized:
        if group and total + size_bytes > ROW_GROUP_BYTES:
            yield group
            group, total = [], 0
        group.append(item)
        total += size_bytes
    if group:
        yield group


def _chain(first: _T, rest: Iterator[_T]) -> Iterator[_T]:
    yield first
    yield from rest


def _sized_rows(paths: Sequence[Path], columns: Columns, dropped: AbstractSet[str]) -> Iterator[tuple[int, pa.Table]]:
    import pyarrow as pa
    import pyarrow.compute as pc

    for path in paths:
        with _open(path) as file:
            check_schema(file.schema_arrow, where=path.name, columns=columns)
            for index in range(file.num_row_groups):
                try:
                    table = file.read_row_group(index).cast(arrow_schema(columns))
                    stays = [clip_id not in dropped for clip_id in table["id"].to_pylist()]
                except (pa.ArrowException, OSError, ValueError) as error:
                    raise DatasetError(f"{path.name}: row group {index} cannot be read: {error}") from error
                sizes = pc.binary_length(pc.struct_field(table["video"], "bytes")).to_pylist()
                if not all(sizes):
                    raise DatasetError(f"{path.name}: row group {index} has a row without a video; render it again")
                yield from ((size, table.slice(row, 1)) for row, size in enumerate(sizes) if stays[row])


def _open(path: Path) -> pq.ParquetFile:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.ParquetFile(path)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise DatasetError(f"{path.name}: no readable Parquet file: {error}; delete it and render again") from error


def _writer(path: Path, columns: Columns) -> pq.ParquetWriter:
    import pyarrow.parquet as pq

    plain = [leaf for leaf in _leaves(columns) if leaf.startswith("video.")]
    packed = [leaf for leaf in _leaves(columns) if leaf not in plain]
    return pq.ParquetWriter(
        path,
        arrow_schema(columns),
        compression={**dict.fromkeys(plain, "none"), **dict.fromkeys(packed, "zstd")},
        use_dictionary=packed,
        write_statistics=packed,
        write_page_index=True,
        use_content_defined_chunking=_CHUNKING,
    )


@cache
def _leaves(columns: Columns) -> tuple[str, ...]:
    import pyarrow.parquet as pq

    buffer = io.BytesIO()
    pq.ParquetWriter(buffer, arrow_schema(columns)).close()
    schema = pq.ParquetFile(buffer).schema
    return tuple(schema.column(index).path for index in range(len(schema.names)))
