"""The rows of a shard, a few at a time and to the last digit: JSON columns are read as text and parsed here.

The `Json` decoder of `datasets` rounds the last digits of numbers; whoever copies rows needs the exact ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from equime_builder.errors import DatasetError
from equime_builder.json_text import parse_json
from equime_builder.rows import Row
from equime_builder.schema import COLUMNS, Columns, check_schema
from equime_builder.values import check_values

_BATCH_ROWS: Final = 1024
_VIDEO_ROWS: Final = 8
"""About 2 MB of video at the default profile."""


def read_rows(
    path: Path, columns: Columns = COLUMNS, *, only: Sequence[str] | None = None, where: str | None = None
) -> Iterator[Row]:
    """Yield the rows of a shard or part in their order, as `equime_builder.rows.row_of` made them.

    Args:
        path: A Parquet file.
        columns: Of the layout that the file follows.
        only: Names of the columns wanted; ``None`` = all. Without ``video`` no video is read.
        where: The file, for messages; ``None`` = its name.

    Raises:
        DatasetError: The file is missing, damaged, or of another schema.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = {column.name: column.kind for column in columns}
    wanted, where = list(kinds if only is None else only), where or path.name
    size = _VIDEO_ROWS if any(kinds[name] == "video" for name in wanted) else _BATCH_ROWS
    try:
        with pq.ParquetFile(path) as file:
            check_schema(file.schema_arrow, where=where, columns=columns)
            for batch in file.iter_batches(batch_size=size, columns=wanted):
                check_values(batch, where=where)
                for row in batch.to_pylist():
                    yield {name: _parsed(value, kinds[name]) for name, value in row.items()}
    except DatasetError:
        raise
    except (pa.ArrowException, OSError, ValueError, TypeError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise DatasetError(f"{where}: cannot be read: {reason:.200}; run equime verify") from error


def _parsed(value: object, kind: str) -> object:
    if kind == "json" and isinstance(value, str):
        return parse_json(value)
    if kind == "messages" and isinstance(value, list):
        return [parse_json(item) for item in value]
    return value
