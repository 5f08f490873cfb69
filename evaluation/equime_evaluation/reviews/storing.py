"""``reviews.parquet`` in a dataset folder: reviews in the order in which they were given; never pushed to a hub."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal

from equime_builder.errors import DatasetError, OutputError, UsageError
from equime_builder.layout import PLAN_FILE
from equime_builder.manifest import dataset_root
from equime_builder.publish import publish
from equime_builder.review_table import REVIEWS_FILE, damaged_reviews, read_review_rows, review_schema
from equime_evaluation.reviews.review import Review

_LOCK_FILE: Final = ".reviews.lock"
_PATIENCE_S: Final = 30.0


def read_reviews(root: Path) -> list[Review]:
    """Return all reviews of a dataset folder, oldest first; none where nobody has reviewed.

    Raises:
        DatasetMissingError: There is no dataset folder.
        DatasetError: The file is damaged, or of another version.
    """
    return [_review_of(row) for row in read_review_rows(dataset_root(root))]


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

    table = pa.Table.from_pylist([_row_of(review) for review in reviews], schema=review_schema())
    publish(root / REVIEWS_FILE, lambda partial: pq.write_table(table, partial, compression="zstd"))


def _row_of(review: Review) -> dict[str, Any]:
    row = {name: getattr(review, name) for name in review_schema().names}
    units = None if review.aus is None else [{"au": au, "side": side} for au, side in review.aus]
    return {**row, "aus": units}


def _review_of(row: dict[str, Any]) -> Review:
    try:
        units = None if row["aus"] is None else tuple((unit["au"], _side(unit["side"])) for unit in row["aus"])
        return Review(**{**row, "aus": units})
    except (UsageError, TypeError, AttributeError) as error:
        raise damaged_reviews(error) from error


def _side(word: str) -> Literal["left", "right"]:
    return "left" if word == "left" else "right" if word == "right" else word  # type: ignore[return-value]
