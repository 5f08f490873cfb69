"""Samples in a given order, several clips decoded at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from equime_builder.errors import DatasetError, MediaError
from equime_builder.stream.chunks import LazyRow
from equime_builder.stream.reading import lazy_rows
from equime_builder.stream.samples import Sample, SampleMaker
from equime_builder.stream.source import Source

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Fault = DatasetError | MediaError


def made(maker: SampleMaker, make_row: LazyRow, epoch: int) -> Sample | Fault:
    """Return a sample, or what is wrong with its row."""
    try:
        return maker(make_row(), epoch)
    except (DatasetError, MediaError) as fault:
        return fault


def place_named(source: Source, row: int, fault: Fault) -> Fault:
    """Return a fault whose message begins with shard and row."""
    return type(fault)(f"{source.describe(row)}: {fault}")


class Outcome(NamedTuple):
    """What became of a row: its position in the epoch, and a sample, or a fault that names shard and row."""

    position: int
    sample: Sample | None
    fault: Fault | None


def outcomes(
    source: Source,
    maker: SampleMaker,
    *,
    rows: NDArray[np.int64],
    positions: NDArray[np.int64],
    epoch: int,
    threads: int,
    ahead: int,
) -> Generator[Outcome, None, None]:
    """Yield what becomes of each row, in the order of ``rows``.

    Decoding lets go of Python's lock, so that threads use as many cores. Each holds one open decoder.

    Args:
        rows: (N,) numbers within the source.
        positions: (N,) where each stands in the epoch.
        threads: Clips decoded at a time.
        ahead: Samples that are made before they are asked for.

    Raises:
        TransferError: Another machine does not deliver a shard.
    """
    pool = ThreadPoolExecutor(threads, thread_name_prefix="equime-decode")
    pending: deque[tuple[int, int, Future[Sample | Fault]]] = deque()

    def first() -> Outcome:
        position, row, future = pending.popleft()
        found = future.result()
        if isinstance(found, Exception):
            return Outcome(position, None, place_named(source, row, found))
        return Outcome(position, found, None)

    try:
        with closing(lazy_rows(source, maker.read, rows)) as lazy:
            for position, row, make_row in zip(positions.tolist(), rows.tolist(), lazy, strict=True):
                pending.append((position, row, pool.submit(made, maker, make_row, epoch)))
                while pending and (len(pending) > ahead or pending[0][2].done()):
                    yield first()
        while pending:
            yield first()
    finally:
        pool.shutdown(cancel_futures=True)
