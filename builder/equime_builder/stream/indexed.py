"""Samples by number: a map-style dataset for samplers of one's own."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final
from weakref import finalize

import numpy as np

from equime_builder.stream.chunks import LazyRow
from equime_builder.stream.consumers import decode_threads
from equime_builder.stream.decoding import made, place_named
from equime_builder.stream.reading import Reader
from equime_builder.stream.samples import Sample, SampleMaker
from equime_builder.stream.source import Source

CHUNKS_KEPT: Final = 4
"""Chunks that stay in memory, about 8 MB each."""


class IndexedClips:
    """A sequence of samples; any ``DataLoader`` takes it, with any sampler, and fetches a batch at a time.

    Rows that stand together in a shard are read together, so neighbours are cheap and far jumps read about 8 MB each.

    Args:
        source: The rows.
        maker: Makes a sample of a row.

    Attributes:
        epoch: With ``jitter``, each draws other frames.
    """

    def __init__(self, source: Source, maker: SampleMaker) -> None:
        self.source, self.maker, self.epoch = source, maker, 0
        self._start()

    def __len__(self) -> int:
        return len(self.source)

    def __getitem__(self, number: int) -> Sample:
        """Return a sample.

        Raises:
            IndexError: There is no such row.
            DatasetError: The row is damaged.
            MediaError: Its video is.
        """
        return self.__getitems__([number])[0]

    def __getitems__(self, numbers: Sequence[int]) -> list[Sample]:
        """Return several samples, decoded at the same time; torch's loaders ask for whole batches so."""
        rows = [self._checked(number) for number in numbers]
        lazy = [self._lazy(row) for row in rows]
        with ThreadPoolExecutor(max(1, min(decode_threads(), len(rows)))) as pool:
            found = list(pool.map(lambda make_row: made(self.maker, make_row, self.epoch), lazy))
        for row, item in zip(rows, found, strict=True):
            if isinstance(item, Exception):
                raise place_named(self.source, row, item)
        return [item for item in found if not isinstance(item, Exception)]

    def _checked(self, number: int) -> int:
        row = number + len(self) if number < 0 else number
        if not 0 <= row < len(self):
            raise IndexError(f"there is no row {number}; rows are numbered 0 to {len(self) - 1}")
        return row

    def _lazy(self, row: int) -> LazyRow:
        chunks, within = self.source.places_of(np.array([row]))
        chunk = int(chunks[0])
        if chunk not in self._chunks:
            while len(self._chunks) >= CHUNKS_KEPT:
                self._chunks.popitem(last=False)
            self._chunks[chunk] = self._reader.load(chunk)
        self._chunks.move_to_end(chunk)
        return self._chunks[chunk][int(within[0])]

    def _start(self) -> None:
        self._reader = Reader(self.source, self.maker.read)
        finalize(self, self._reader.close)
        self._chunks: OrderedDict[int, Sequence[LazyRow]] = OrderedDict()

    def __getstate__(self) -> dict[str, Any]:
        return {"source": self.source, "maker": self.maker, "epoch": self.epoch}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._start()
