"""Batches from worker processes, with count kept of what was delivered and not merely made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from typing import TYPE_CHECKING, Any, NamedTuple

from equime_builder.errors import UsageError, need
from equime_builder.stream.consumers import join_torch
from equime_builder.stream.decoding import Outcome
from equime_builder.stream.progress import State
from equime_builder.stream.samples import Sample

if TYPE_CHECKING:
    from equime_builder.stream.clip_stream import ClipStream

Collate = Callable[[list[Sample]], Any]


class StreamLoader:
    """Iterates over batches of a stream; see `equime_builder.stream.ClipStream.loader`.

    A batch counts as seen when it is handed over: what workers have made beyond it is made again after a resume.
    """

    def __init__(
        self,
        stream: ClipStream,
        *,
        batch_size: int,
        num_workers: int,
        collate: Collate,
        drop_last: bool,
        options: Mapping[str, Any],
    ) -> None:
        need("torch", extra="train")
        if batch_size < 1:
            raise UsageError(f"batch_size must be 1 or more, got {batch_size}")
        if options.get("persistent_workers"):
            raise UsageError("persistent_workers cannot be had: workers would not learn of a new epoch; leave it out")
        self.stream, self.batch_size, self.num_workers = stream, batch_size, num_workers
        self._batches = _Batches(stream, batch_size, collate, drop_last)
        self._options = {**options, "num_workers": num_workers}

    def __len__(self) -> int:
        """Return the batches that this node has still to see, where no row is damaged."""
        left, workers = self.stream.left(), max(self.num_workers, 1)
        shares = (left * (number + 1) // workers - left * number // workers for number in range(workers))
        rounding = 0 if self._batches.drop_last else self.batch_size - 1
        return sum((share + rounding) // self.batch_size for share in shares)

    def __iter__(self) -> Iterator[Any]:
        """Yield batches; begins the epoch anew unless `load_state_dict` was called since.

        Raises:
            DatasetError: A row is damaged and the stream does not skip it.
            MediaError: A video is.
        """
        from torch.utils.data import DataLoader

        self.stream.begin()
        loader: Any = DataLoader(self._batches, batch_size=None, collate_fn=_as_it_is, **self._options)  # type: ignore[arg-type]
        for batch in loader:
            for position, fault in batch.seen:
                self.stream.settle(Outcome(position, None, fault))
            if batch.content is not None:
                yield batch.content
        self.stream.finish()

    def set_epoch(self, epoch: int) -> None:
        """See `ClipStream.set_epoch`."""
        self.stream.set_epoch(epoch)

    def state_dict(self) -> State:
        """Return how far this node has come with the batches that were handed over."""
        return self.stream.state_dict()

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """See `ClipStream.load_state_dict`."""
        self.stream.load_state_dict(state)


class _Batch(NamedTuple):
    """What a worker sends: each row's position and fault, and the batch, ``None`` where no whole row was left."""

    seen: list[tuple[int, Exception | None]]
    content: Any


class _Batches:
    """The batches that one worker makes; an IterableDataset to torch."""

    def __init__(self, stream: ClipStream, batch_size: int, collate: Collate, drop_last: bool) -> None:
        join_torch(_Batches)
        self.stream, self.batch_size, self.collate, self.drop_last = stream, batch_size, collate, drop_last

    def __iter__(self) -> Iterator[_Batch]:
        seen: list[tuple[int, Exception | None]] = []
        samples: list[Sample] = []
        with closing(self.stream.outcomes(ahead=self.batch_size)) as found:
            for outcome in found:
                seen.append((outcome.position, outcome.fault))
                if outcome.sample is not None:
                    samples.append(outcome.sample)
                if len(samples) == self.batch_size:
                    yield _Batch(seen, self.collate(samples))
                    seen, samples = [], []
        if seen:
            whole = samples and not self.drop_last
            yield _Batch(seen, self.collate(samples) if whole else None)


def _as_it_is(batch: _Batch) -> _Batch:
    return batch
