"""A stream of samples: what a training loop iterates over."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing
from copy import copy
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from equime_builder.digests import fingerprint
from equime_builder.errors import UsageError, choose
from equime_builder.stream.consumers import decode_threads, join_torch, node, worker
from equime_builder.stream.decoding import Outcome, outcomes
from equime_builder.stream.order import epoch_order
from equime_builder.stream.progress import Progress, State, progress_of
from equime_builder.stream.samples import Sample, SampleMaker
from equime_builder.stream.source import OnError, Source

if TYPE_CHECKING:
    from equime_builder.stream.indexed import IndexedClips
    from equime_builder.stream.loader import StreamLoader

BUFFER_ROWS: Final = 256
"""Rows that are mixed with each other: about 64 MB of clips in memory."""

log: Final = logging.getLogger("equime")


class ClipStream:
    """Iterates over the samples of an epoch; each node of a job, and each worker of a loader, sees its own part.

    `loader` makes batches in worker processes and keeps count of what they delivered. A stream is an
    ``IterableDataset`` to torch as well, so that any ``DataLoader`` takes it; what its workers delivered the stream
    then cannot know.

    Every pass is an epoch with an order of its own, drawn from seed and epoch. After the last sample the epoch counts
    up by itself; `set_epoch` is for loops that count themselves.

    Args:
        source: The rows.
        maker: Makes a sample of a row.
        shuffle: Whether to mix rows.
        seed: Of the order.
        buffer_rows: See `equime_builder.stream.order.epoch_order`.
        on_error: ``"raise"``, or ``"skip"``: leave damaged rows out, count them in `skipped` and name them in the log.

    Attributes:
        skipped: Damaged rows that were left out so far.
    """

    def __init__(
        self,
        source: Source,
        maker: SampleMaker,
        *,
        shuffle: bool = False,
        seed: int = 0,
        buffer_rows: int = BUFFER_ROWS,
        on_error: OnError = "raise",
    ) -> None:
        choose("on_error", on_error, ("raise", "skip"))
        if buffer_rows < 1:
            raise UsageError(f"buffer_rows must be 1 or more, got {buffer_rows}")
        join_torch(ClipStream)
        self.source, self.maker = source, maker
        self.shuffle, self.seed, self.buffer_rows, self.on_error = shuffle, seed, buffer_rows, on_error
        self.skipped = 0
        self._fixed_node: tuple[int, int] | None = None
        self._progress = Progress(rows=len(source))
        self._taken_up = False

    @property
    def epoch(self) -> int:
        """Number of the epoch that is under way, or comes next."""
        return self._progress.epoch

    def __len__(self) -> int:
        """Return the samples of a whole epoch, over all nodes."""
        return len(self.source)

    def __iter__(self) -> Iterator[Sample]:
        """Yield samples; begins the epoch anew unless `load_state_dict` was called since."""
        self.begin()
        with closing(self.outcomes()) as found:
            for outcome in found:
                sample = self.settle(outcome)
                if sample is not None:
                    yield sample
        self.finish()

    def set_epoch(self, epoch: int) -> None:
        """Go to the beginning of an epoch; nothing changes where it is under way already."""
        if epoch != self._progress.epoch:
            self._progress.start(epoch)
            self._taken_up = False

    def state_dict(self) -> State:
        """Return how far this node has come, as plain data.

        Raises:
            UsageError: This is a worker of somebody else's loader, which knows only its own part.
        """
        self._refuse_workers("state_dict")
        rank, nodes = self._node
        return self._progress.as_state(self._order_name, node=rank, nodes=nodes)

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on, at the next iteration, where a stream stopped: with any number of workers, no sample twice, none lost.

        With another number of nodes, every node loads what `join_states` makes of the states of all.

        Raises:
            DatasetError: The state is damaged.
            UsageError: It belongs to another stream or node.
        """
        self._refuse_workers("load_state_dict")
        rank, nodes = self._node
        self._progress = progress_of(state, self._order_name, rows=len(self), node=rank, nodes=nodes)
        self._taken_up = True

    def loader(
        self,
        *,
        batch_size: int = 8,
        num_workers: int = 0,
        collate: Callable[[list[Sample]], Any] | None = None,
        drop_last: bool = False,
        **options: Any,
    ) -> StreamLoader:
        """Return what gives batches, made in worker processes, with the same state as the stream itself.

        Args:
            batch_size: Samples a batch; the last of each worker may be smaller.
            num_workers: Processes; 0 decodes in threads of this one.
            collate: Makes a batch of samples; ``None`` takes `equime_builder.collate.collate`.
            drop_last: Whether to leave smaller batches out.
            options: Of torch's ``DataLoader``, such as ``pin_memory`` and ``prefetch_factor``.

        Raises:
            MissingExtraError: torch is not installed.
            UsageError: ``batch_size`` is less than 1.
        """
        from equime_builder.collate import collate as tensors
        from equime_builder.stream.loader import StreamLoader

        return StreamLoader(
            self,
            batch_size=batch_size,
            num_workers=num_workers,
            collate=collate or tensors,
            drop_last=drop_last,
            options=options,
        )

    def split_by_node(self, rank: int, world_size: int) -> ClipStream:
        """Return the part of one node; without it that of this process's rank, where torch.distributed runs.

        Raises:
            UsageError: ``rank`` is not within 0 to ``world_size`` - 1.
        """
        if not 0 <= rank < world_size:
            raise UsageError(f"rank must be within 0 to {world_size - 1}, got {rank}")
        part = copy(self)
        part._progress, part._fixed_node = Progress(rows=len(self), epoch=self.epoch), (rank, world_size)
        return part

    def indexed(self) -> IndexedClips:
        """Return the same samples by number, in the order of the shards, for samplers of one's own."""
        from equime_builder.stream.indexed import IndexedClips

        return IndexedClips(self.source, self.maker)

    def begin(self) -> None:
        """Begin the epoch anew, or go on with the state that was loaded."""
        if not self._taken_up:
            self._progress.start(self._progress.epoch)
        self._taken_up = False

    def finish(self) -> None:
        """Go to the next epoch, as the present one was seen to its end."""
        self._progress.start(self._progress.epoch + 1)

    def left(self) -> int:
        """Return the samples that this node has still to see."""
        rank, nodes = self._node
        return len(self._progress.left(node=rank, nodes=nodes))

    def outcomes(self, *, ahead: int = 0) -> Generator[Outcome, None, None]:
        """Yield what becomes of the rows that this node, or this worker of it, has still to see; nothing is noted.

        Args:
            ahead: Samples that are made before they are asked for; at least two a decoding thread.
        """
        rank, nodes = self._node
        share = self._progress.left(node=rank, nodes=nodes).share(*(worker() or (0, 1)))
        positions = np.fromiter(share, dtype=np.int64, count=len(share))
        order = epoch_order(
            self.source.chunk_rows,
            seed=self.seed,
            epoch=self.epoch,
            buffer_rows=self.buffer_rows,
            shuffle=self.shuffle,
        )
        threads = decode_threads()
        return outcomes(
            self.source,
            self.maker,
            rows=order[positions],
            positions=positions,
            epoch=self.epoch,
            threads=threads,
            ahead=max(ahead, 2 * threads),
        )

    def settle(self, outcome: Outcome) -> Sample | None:
        """Note that a row was seen, and return its sample; ``None`` where it is damaged and left out.

        Raises:
            DatasetError: The row is damaged.
            MediaError: Its video is.
        """
        if outcome.fault is not None and self.on_error == "raise":
            raise outcome.fault
        self._progress.seen.add(outcome.position)
        if outcome.fault is not None:
            self.skipped += 1
            log.warning("row left out: %s", outcome.fault)
        return outcome.sample

    @property
    def _node(self) -> tuple[int, int]:
        return self._fixed_node or node()

    @property
    def _order_name(self) -> str:
        facts = {"rows": self.source.fingerprint, "shuffle": self.shuffle}
        return fingerprint({**facts, "seed": self.seed, "buffer_rows": self.buffer_rows} if self.shuffle else facts)

    def _refuse_workers(self, method: str) -> None:
        if worker() is not None:
            raise UsageError(f"{method}() in a worker knows a part alone; take stream.loader(num_workers=...) instead")
