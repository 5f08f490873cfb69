"""Who sees which row when: pure arithmetic on numbers, so that it can be tested to the last case.

An epoch is a list of positions 0..n-1. `epoch_order` says which row stands at each position, from seed and epoch alone.
Consumers (workers of nodes) take contiguous parts of the positions that are still to be seen, so that each reads its
own part of the shards. What was seen is kept as ranges: with them any number of consumers can take over.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, pairwise

import numpy as np
from numpy.typing import NDArray

from equime_builder.errors import DatasetError
from equime_builder.streams import stream

Range = tuple[int, int]


class Positions:
    """A set of positions, kept as ascending half-open ranges that neither touch nor overlap."""

    def __init__(self, ranges: Iterable[Range] = ()) -> None:
        self._ranges: list[Range] = []
        for start, stop in sorted(ranges):
            self.add(start, stop)

    @property
    def ranges(self) -> tuple[Range, ...]:
        """The ranges, each as (start, stop)."""
        return tuple(self._ranges)

    def add(self, start: int, stop: int | None = None) -> None:
        """Add the positions from ``start`` up to, not including, ``stop``; without ``stop`` the one."""
        stop = start + 1 if stop is None else stop
        if start >= stop:
            return
        first = last = bisect_right(self._ranges, (start, start))
        if first and self._ranges[first - 1][1] >= start:
            first -= 1
        while last < len(self._ranges) and self._ranges[last][0] <= stop:
            last += 1
        joined = self._ranges[first:last]
        if joined:
            start, stop = min(start, joined[0][0]), max(stop, joined[-1][1])
        self._ranges[first:last] = [(start, stop)]

    def minus(self, others: Positions) -> Positions:
        """Return those that are not among ``others``."""
        kept = []
        for start, stop in self._ranges:
            place = max(bisect_right(others._ranges, (start, start)) - 1, 0)
            for taken_from, taken_to in others._ranges[place:]:
                if taken_from >= stop:
                    break
                kept.append((start, min(taken_from, stop)))
                start = max(start, taken_to)
            kept.append((start, stop))
        return Positions((start, stop) for start, stop in kept if start < stop)

    def share(self, number: int, of: int) -> Positions:
        """Return one of ``of`` parts that differ by one position at most; the parts of all numbers make the whole."""
        first, last = len(self) * number // of, len(self) * (number + 1) // of
        parts, passed = [], 0
        for start, stop in self._ranges:
            begin, end = max(first - passed, 0), min(last - passed, stop - start)
            if begin < end:
                parts.append((start + begin, start + end))
            passed += stop - start
        return Positions(parts)

    def __len__(self) -> int:
        return sum(stop - start for start, stop in self._ranges)

    def __iter__(self) -> Iterator[int]:
        return chain.from_iterable(range(start, stop) for start, stop in self._ranges)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Positions) and self._ranges == other._ranges

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Positions({self._ranges})"


def positions_of(ranges: object, total: int) -> Positions:
    """Return the positions that a saved state lists.

    Raises:
        DatasetError: It is no list of ascending ranges within 0 to ``total``.
    """
    pairs = ranges if isinstance(ranges, (list, tuple)) else None
    if pairs is None or not all(_is_range(pair, total) for pair in pairs):
        raise DatasetError(f"the state's positions must be pairs of numbers within 0 to {total}, got {ranges!r:.80}")
    return Positions((start, stop) for start, stop in pairs)


def _is_range(pair: object, total: int) -> bool:
    if not isinstance(pair, (list, tuple)) or len(pair) != 2 or not all(type(end) is int for end in pair):
        return False
    start, stop = pair
    return bool(0 <= start <= stop <= total)


def epoch_order(
    chunk_rows: Sequence[int], *, seed: int, epoch: int, buffer_rows: int, shuffle: bool = True
) -> NDArray[np.int64]:
    """Return the row at each position of an epoch, rows being numbered through all chunks.

    Chunks (row groups) are put in random order and packed into windows of at least ``buffer_rows`` rows; the rows of
    a window are put in random order. So a reader that holds the chunks of one window sees every row once, and reads
    every chunk once.

    Args:
        chunk_rows: Rows of each chunk.
        seed: Of the run.
        epoch: Each has an order of its own.
        buffer_rows: 1 mixes within single chunks only; all rows or more mixes everything.
        shuffle: Whether to mix at all; without it rows come in their order.

    Returns:
        (sum of ``chunk_rows``,) int64, a permutation.
    """
    sizes = np.asarray(chunk_rows, dtype=np.int64)
    firsts = np.concatenate([[0], np.cumsum(sizes)]) if len(sizes) else np.zeros(1, dtype=np.int64)
    if not shuffle:
        return np.arange(int(firsts[-1]))
    draws = stream("stream/order", seed, epoch)
    chunks = draws.permutation(len(sizes))
    order = np.concatenate([np.arange(firsts[chunk], firsts[chunk + 1]) for chunk in chunks] or [firsts[:0]])
    for start, stop in pairwise(_window_ends(sizes[chunks], buffer_rows)):
        draws.shuffle(order[start:stop])
    return order


def _window_ends(sizes: NDArray[np.int64], buffer_rows: int) -> list[int]:
    ends, rows = [0], 0
    for size in sizes.tolist():
        rows += size
        if rows - ends[-1] >= buffer_rows:
            ends.append(rows)
    return ends if ends[-1] == rows else [*ends, rows]
