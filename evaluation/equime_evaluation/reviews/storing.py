"""``reviews.parquet`` in a dataset folder: reviews in the order in which they were given; never pushed to a hub."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from equime_builder.errors import DatasetError, OutputError, UsageError
from equime_builder.layout import PLAN_FILE
from equime_builder.manifest import dataset_root
from equime_builder.publish import publish
from equime_evaluation.reviews.review import Review

if TYPE_CHECKING:
    import pyarrow as pa

REVIEWS_FILE: Final = "reviews.parquet"
REVIEWS_VERSION: Final = 1
"""Of the file's own schema, in its metadata."""
_VERSION_KEY: Final = b"equime.reviews"
_LOCK_FILE: Final = ".reviews.lock"
_PATIENCE_S: Final = 30.0
_MOST_BYTES: Final = 256 * 2**20


def read_reviews(root: Path) -> list[Review]:
    """Return all reviews of a dataset folder, oldest first; none where nobody has reviewed.

    Raises:
        DatasetMissingError: There is no dataset folder.
        DatasetError: The file is damaged, or of another version.
    """
    path = dataset_root(root) / REVIEWS_FILE
    return [_review_of(row) for row in _rows(path)] if path.exists() else []


def add_review(root: Path, review: Review) -> None:
    """Add a review; several reviewers may do so at once, and each review is on the disk when this returns.

    Raises:
        DatasetMissingError: There is no dataset folder.
        UsageError: The clip is not in it.
        DatasetError: The file is damaged; it stays as it is.
        OutputError: The folder cannot be written.
    """
    with hold_reviews(root):
        if not _is_planned(root, review.clip_id):
            raise UsageError(f"no clip {review.clip_id!r} in {root}; equime reviews {root} --sample 10 lists some")
        _write(root, [*read_reviews(root), review])


def take_back(root: Path, reviewer: str) -> Review | None:
    """Remove the last review of one reviewer and return it; ``None`` where there is none.

    Raises:
        DatasetMissingError: There is no dataset folder.
        DatasetError: The file is damaged.
        OutputError: The folder cannot be written.
    """
    with hold_reviews(root):
        reviews = read_reviews(root)
        places = [place for place, review in enumerate(reviews) if review.reviewer == reviewer]
        if not places:
            return None
        last = reviews.pop(places[-1])
        _write(root, reviews)
        return last


def drop_reviews(root: Path, clip_ids: Collection[str]) -> int:
    """Remove all reviews of some clips and return how many; the caller holds the reviews.

    Raises:
        DatasetError: The file is damaged.
        OutputError: The folder cannot be written.
    """
    reviews = read_reviews(root)
    others = [review for review in reviews if review.clip_id not in clip_ids]
    if len(others) < len(reviews):
        _write(root, others)
    return len(reviews) - len(others)


@contextmanager
def hold_reviews(root: Path) -> Iterator[None]:
    """Keep other writers from the reviews of a dataset folder.

    Raises:
        DatasetMissingError: There is no dataset folder.
        OutputError: The folder cannot be written, or another writer did not let go for 30 seconds.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(dataset_root(root) / _LOCK_FILE, timeout=_PATIENCE_S)
    try:
        lock.acquire()
    except Timeout:
        raise OutputError(f"the reviews of {root} are being written by somebody else; try again") from None
    except OSError as error:
        raise OutputError(f"cannot write into {root}: {error.strerror}; reviews need a folder of your own") from error
    try:
        yield
    finally:
        lock.release()


def _is_planned(root: Path, clip_id: str) -> bool:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(root / PLAN_FILE, columns=["clip_id"], filters=[("clip_id", "==", clip_id)])
    except (pa.ArrowException, OSError, ValueError) as error:
        raise DatasetError(f"{PLAN_FILE}: cannot be read: {' '.join(str(error).split())}; run equime verify") from error
    return bool(table.num_rows)


def _write(root: Path, reviews: Sequence[Review]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pylist([_row_of(review) for review in reviews], schema=_schema())
    publish(root / REVIEWS_FILE, lambda partial: pq.write_table(table, partial, compression="zstd"))


def _rows(path: Path) -> Iterable[dict[str, Any]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            found = (file.schema_arrow.metadata or {}).get(_VERSION_KEY, b"none")
            if found != str(REVIEWS_VERSION).encode():
                raise ValueError(f"its version is {found.decode(errors='replace'):.20}, and {REVIEWS_VERSION} is read")
            size = sum(file.metadata.row_group(group).total_byte_size for group in range(file.num_row_groups))
            if size > _MOST_BYTES:
                raise ValueError(f"it unpacks to {size} bytes, and at most {_MOST_BYTES} are read")
            return file.read(columns=_schema().names).cast(_schema()).to_pylist()  # type: ignore[no-any-return]
    except (pa.ArrowException, OSError, KeyError, ValueError) as error:
        raise _damaged(error) from error


def _damaged(error: Exception) -> DatasetError:
    reason = " ".join(str(error).split())
    return DatasetError(f"{REVIEWS_FILE}: cannot be read: {reason:.200}; restore it from a copy, or move it away")


def _row_of(review: Review) -> dict[str, Any]:
    row = {name: getattr(review, name) for name in _schema().names}
    units = None if review.aus is None else [{"au": au, "side": side} for au, side in review.aus]
    return {**row, "aus": units}


def _review_of(row: dict[str, Any]) -> Review:
    units = None if row["aus"] is None else tuple((unit["au"], _side(unit["side"])) for unit in row["aus"])
    try:
        return Review(**{**row, "aus": units})
    except (UsageError, TypeError, AttributeError) as error:
        raise _damaged(error) from error


def _side(word: str) -> Literal["left", "right"]:
    return "left" if word == "left" else "right" if word == "right" else word  # type: ignore[return-value]


def _schema() -> pa.Schema:
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
