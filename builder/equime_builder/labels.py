"""Labels of clips without the clips: the rows of a recipe release, whose videos may not be passed on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, Final

from equime_builder.publish import publish
from equime_builder.rows import table_of
from equime_builder.schema import COLUMNS, Columns, arrow_schema
from equime_builder.spotting import SPOTTING_COLUMNS

_ROWS_PER_GROUP: Final = 512


def without_video(columns: Columns) -> Columns:
    """Return the columns of a layout but the video."""
    return tuple(column for column in columns if column.kind != "video")


LABEL_COLUMNS: Final = without_video(COLUMNS)
SPOTTING_LABEL_COLUMNS: Final = without_video(SPOTTING_COLUMNS)


def write_labels(path: Path, rows: Iterable[Mapping[str, Any]], columns: Columns = LABEL_COLUMNS) -> Path:
    """Write rows in their order, without their videos; the same rows give the same bytes.

    Args:
        columns: `LABEL_COLUMNS` or `SPOTTING_LABEL_COLUMNS`; other columns of a row are left out.

    Raises:
        OutputError: The place cannot be written.
        DatasetError: A row does not fit the columns.
    """
    import pyarrow.parquet as pq

    names = [column.name for column in columns]
    labels: Iterator[dict[str, Any]] = ({name: row[name] for name in names} for row in rows)

    def write(partial: Path) -> None:
        with pq.ParquetWriter(partial, arrow_schema(columns), compression="zstd") as writer:
            while group := list(islice(labels, _ROWS_PER_GROUP)):
                writer.write_table(table_of(group, columns))

    return publish(path, write)
