"""Rows as plain pyarrow reads them, to compare with what `datasets` gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa
from pyarrow import parquet


def table(folder: Path, pattern: str = "data/*/*.parquet") -> pa.Table:
    """Return all rows of a folder as plain pyarrow reads them, without the video."""
    columns = ["id", "fold", "emotion", "subject_id", "aus"]
    return pa.concat_tables([parquet.read_table(path, columns=columns) for path in sorted(folder.glob(pattern))])


def ids(rows: Any) -> list[str]:
    return sorted(rows["id"][:]) if isinstance(rows, datasets.Dataset) else sorted(row["id"] for row in rows)
