"""A Parquet file; its row groups are the chunks, and only the columns asked for are read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from equime_builder.errors import DatasetError, TransferError
from equime_builder.json_text import parse_json
from equime_builder.schema import COLUMNS
from equime_builder.stream.chunks import Chunk, LazyRow, Row, RowChoice, one_line
from equime_builder.stream.folder import Folder

if TYPE_CHECKING:
    import pyarrow as pa

_KINDS: Final = {column.name: column.kind for column in COLUMNS}


class ParquetShard:
    """An open Parquet file of a folder."""

    def __init__(self, folder: Folder, path: str) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._path, self._file = path, folder.open(path)
        try:
            self._parquet = pq.ParquetFile(self._file, pre_buffer=not folder.is_local)
        except (pa.ArrowException, OSError, ValueError) as error:
            self._file.close()
            if isinstance(error, TransferError):
                raise
            raise DatasetError(
                f"{path}: no readable Parquet file: {one_line(error)}; fetch or render it again"
            ) from error
        self.columns: Sequence[str] = self._parquet.schema_arrow.names

    def chunks(self, choice: RowChoice | None) -> Iterator[Chunk]:
        """Yield the row groups that hold wanted rows."""
        first_row = 0
        for number in range(self._parquet.num_row_groups):
            rows = self._parquet.metadata.row_group(number).num_rows
            kept = range(rows) if choice is None else choice.kept(self._read(number, choice.columns))
            if kept:
                yield Chunk(number=number, first_row=first_row, kept=kept)
            first_row += rows

    def load(self, chunk: Chunk, columns: Sequence[str]) -> Sequence[LazyRow]:
        """Read a row group's columns; a row is copied out of them when it is made."""
        table = self._read(chunk.number, columns)
        return [partial(_row, table, row) for row in chunk.kept]

    def close(self) -> None:
        """Close the file."""
        self._parquet.close()
        self._file.close()

    def _read(self, number: int, columns: Sequence[str]) -> pa.Table:
        import pyarrow as pa

        lacking = sorted(set(columns) - set(self.columns))
        if lacking:
            raise DatasetError(f"{self._path}: lacks the columns {', '.join(lacking)}, which other shards have")
        try:
            return self._parquet.read_row_group(number, columns=list(columns), use_threads=False)
        except TransferError:
            raise
        except (pa.ArrowException, OSError, ValueError) as error:
            raise DatasetError(f"{self._path}: row group {number} cannot be read: {one_line(error)}") from error


def _row(table: pa.Table, row: int) -> Row:
    try:
        return {name: _parsed(table[name][row].as_py(), _KINDS.get(name, "text")) for name in table.column_names}
    except (ValueError, IndexError, RecursionError) as error:
        raise DatasetError(f"a value cannot be read: {one_line(error)}") from error


def _parsed(value: object, kind: str) -> object:
    if kind == "json" and isinstance(value, str):
        return parse_json(value)
    if kind == "messages" and isinstance(value, list):
        return [parse_json(item) if isinstance(item, str) else item for item in value]
    return value
