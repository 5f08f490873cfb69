"""Rows in a given order, their chunks read ahead in threads of their own and dropped after their last row."""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Final

from equime_builder.errors import DatasetError
from equime_builder.stream.chunks import LazyRow, Row, Shard
from equime_builder.stream.source import Source, open_shard

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

OPEN_SHARDS: Final = 8
"""Shards that a reader keeps open between two reads."""
CHUNKS_AHEAD: Final = 2
"""Chunks that are read before they are needed; four where each comes over a network."""


class Reader:
    """Reads chunks of a source, from any thread, with few files open at a time."""

    def __init__(self, source: Source, columns: Sequence[str]) -> None:
        self._source, self._columns = source, tuple(columns)
        self._idle: OrderedDict[int, Shard] = OrderedDict()
        self._lock = Lock()

    def load(self, chunk: int) -> Sequence[LazyRow]:
        """Read a chunk: for each wanted row a function that makes it.

        A chunk that cannot be read gives functions that raise the reason.

        Raises:
            TransferError: Another machine does not deliver it.
        """
        number, found = self._source.chunks[chunk]
        try:
            with self._shard(number) as shard:
                return shard.load(found, self._columns)
        except DatasetError as error:
            return [partial(_refuse, error)] * len(found.kept)

    def close(self) -> None:
        """Close all files."""
        while self._idle:
            self._idle.popitem()[1].close()

    @contextmanager
    def _shard(self, number: int) -> Iterator[Shard]:
        # A shard is in one thread's hands at a time: whoever comes meanwhile opens the file once more.
        with self._lock:
            shard = self._idle.pop(number, None)
        shard = shard or open_shard(self._source.folder, self._source.paths[number])
        try:
            yield shard
        finally:
            with self._lock:
                surplus = self._idle.pop(number, None)
                self._idle[number] = shard
                if surplus is None and len(self._idle) > OPEN_SHARDS:
                    surplus = self._idle.popitem(last=False)[1]
            if surplus is not None:
                surplus.close()


def _refuse(error: DatasetError) -> Row:
    raise error


def lazy_rows(source: Source, columns: Sequence[str], rows: NDArray[np.int64]) -> Generator[LazyRow, None, None]:
    """Yield a function that makes each row, in the order of ``rows``.

    Chunks are read in the order in which they are needed first, each once, and held until their last row has been
    handed out: memory holds the chunks that ``rows`` mixes, and a few that are read ahead.

    Raises:
        TransferError: Another machine does not deliver a chunk.
    """
    chunks, within = source.places_of(rows)
    uses = Counter(chunks.tolist())
    waiting = deque(dict.fromkeys(chunks.tolist()))
    ahead = CHUNKS_AHEAD if source.folder.is_local else 2 * CHUNKS_AHEAD
    reader = Reader(source, columns)
    pool = ThreadPoolExecutor(1 if source.folder.is_local else ahead, thread_name_prefix="equime-read")
    loaded: dict[int, Future[Sequence[LazyRow]]] = {}
    begun: set[int] = set()
    try:
        for chunk, place in zip(chunks.tolist(), within.tolist(), strict=True):
            begun.add(chunk)
            while waiting and (chunk not in loaded or len(loaded.keys() - begun) < ahead):
                following = waiting.popleft()
                loaded[following] = pool.submit(reader.load, following)
            yield loaded[chunk].result()[place]
            uses[chunk] -= 1
            if not uses[chunk]:
                del loaded[chunk]
                begun.discard(chunk)
    finally:
        pool.shutdown(cancel_futures=True)
        reader.close()
