"""Shards in chunks that are read whole: what every kind of shard gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from equime_builder.errors import DatasetError

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow.compute import Expression

Row = dict[str, Any]
LazyRow = Callable[[], Row]
"""Makes a row of bytes that were read; raises DatasetError where they are damaged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowChoice:
    """Which rows to keep, as an Arrow expression, and the columns that it looks at."""

    rows: Expression
    columns: tuple[str, ...]

    def kept(self, table: pa.Table) -> tuple[int, ...]:
        """Return the numbers of a table's rows that are kept.

        Raises:
            DatasetError: The table's columns are of other types than the choice asks of them.
        """
        import pyarrow as pa

        numbered = table.append_column("_number", pa.array(range(table.num_rows), pa.int64()))
        try:
            return tuple(numbered.filter(self.rows)["_number"].to_pylist())
        except pa.ArrowException as error:
            raise DatasetError(f"rows cannot be chosen by {', '.join(self.columns)}: {one_line(error)}") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """What is read at once.

    Attributes:
        number: Of the row group or run within its shard.
        first_row: Number of its first row within the shard.
        kept: Its rows that are wanted, counted from its first.
        members: Of a tar file only: for each of its rows, ending, place and size of each member.
    """

    number: int
    first_row: int
    kept: Sequence[int]
    members: tuple[tuple[tuple[str, int, int], ...], ...] = ()


class Shard(Protocol):
    """An open shard; every method raises DatasetError where the file is damaged."""

    columns: Sequence[str]

    def chunks(self, choice: RowChoice | None) -> Iterator[Chunk]:
        """Yield the chunks that hold wanted rows."""

    def load(self, chunk: Chunk, columns: Sequence[str]) -> Sequence[LazyRow]:
        """Read a chunk: for each wanted row a function that makes it, without the file."""

    def close(self) -> None:
        """Close the file."""


def one_line(error: BaseException) -> str:
    """Return an error's message on one line, short enough for another message."""
    return f"{' '.join(str(error).split()) or type(error).__name__:.200}"
