"""``reviews.parquet`` as a table: what people said of clips, under pseudonyms; it never leaves the machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from equime_builder.errors import DatasetError

if TYPE_CHECKING:
    import pyarrow as pa

REVIEWS_FILE: Final = "reviews.parquet"
REVIEWS_VERSION: Final = 1
"""Of the file's own schema, in its metadata."""
Decision = Literal["accept", "reject", "correct"]
DECISIONS: Final[tuple[Decision, Decision, Decision]] = ("accept", "reject", "correct")
_VERSION_KEY: Final = b"equime.reviews"
_MOST_BYTES: Final = 256 * 2**20


def review_schema() -> pa.Schema:
    """Return the columns, with the version of the file in their metadata."""
    import pyarrow as pa

    frames = [(name, pa.int32()) for name in ("onset_frame", "apex_frame", "offset_frame")]
    unit = pa.struct([("au", pa.int32()), ("side", pa.string())])
    return pa.schema(
        [
            ("clip_id", pa.string()),
            ("reviewer", pa.string()),
            ("reviewed_at", pa.timestamp("ms", tz="UTC")),
            ("decision", pa.string()),
            ("was_blind", pa.bool_()),
            ("emotion", pa.string()),
            ("aus", pa.list_(unit)),
            *frames,
            ("note", pa.string()),
        ],
        metadata={_VERSION_KEY: str(REVIEWS_VERSION).encode()},
    )


def read_review_rows(root: Path) -> list[dict[str, Any]]:
    """Return the rows of a dataset folder's reviews, oldest first; none where nobody has reviewed.

    Their types are those of `review_schema`; their values are as they stand in the file.

    Raises:
        DatasetError: The file is damaged, or of another version.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = root / REVIEWS_FILE
    if not path.exists():
        return []
    try:
        with pq.ParquetFile(path) as file:
            found = (file.schema_arrow.metadata or {}).get(_VERSION_KEY, b"none")
            if found != str(REVIEWS_VERSION).encode():
                raise ValueError(f"its version is {found.decode(errors='replace'):.20}, and {REVIEWS_VERSION} is read")
            size = sum(file.metadata.row_group(group).total_byte_size for group in range(file.num_row_groups))
            if size > _MOST_BYTES:
                raise ValueError(f"it unpacks to {size} bytes, and at most {_MOST_BYTES} are read")
            schema = review_schema()
            return file.read(columns=schema.names).cast(schema).to_pylist()  # type: ignore[no-any-return]
    except (pa.ArrowException, OSError, KeyError, ValueError, OverflowError) as error:
        raise damaged_reviews(error) from error


def damaged_reviews(error: Exception) -> DatasetError:
    """Return the error that says so, and what to do."""
    reason = " ".join(str(error).split())
    return DatasetError(f"{REVIEWS_FILE}: cannot be read: {reason:.200}; restore it from a copy, or move it away")
