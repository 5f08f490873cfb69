"""Order and shares as arithmetic, against sets and by enumeration of every case."""

from __future__ import annotations

import json
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equime_builder.errors import DatasetError
from equime_builder.stream.order import Positions, epoch_order, positions_of
from equime_builder.stream.progress import Progress, progress_of

PAIRS = st.tuples(st.integers(0, 30), st.integers(0, 30)).map(lambda pair: (min(pair), max(pair)))
RANGES = st.lists(PAIRS, max_size=8)


def as_set(ranges: list[tuple[int, int]]) -> set[int]:
    return {position for start, stop in ranges for position in range(start, stop)}


@given(RANGES, RANGES)
def test_positions_behave_as_sets(first: list[tuple[int, int]], second: list[tuple[int, int]]) -> None:
    left, right = Positions(first), Positions(second)
    assert list(left) == sorted(as_set(first))
    assert len(left) == len(as_set(first))
    assert set(left.minus(right)) == as_set(first) - as_set(second)
    edges = [edge for pair in left.ranges for edge in pair]
    assert edges == sorted(set(edges)), "ranges ascend and do not touch"
    assert positions_of(json.loads(json.dumps(left.ranges)), 30) == left


@given(RANGES, st.integers(1, 7))
def test_shares_make_the_whole_and_are_even(ranges: list[tuple[int, int]], consumers: int) -> None:
    whole = Positions(ranges)
    shares = [list(whole.share(number, consumers)) for number in range(consumers)]
    assert [position for share in shares for position in share] == list(whole)
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


@given(st.lists(st.integers(1, 9), max_size=12), st.integers(0, 5), st.integers(1, 40))
def test_an_epoch_holds_every_row_once_and_each_window_whole_chunks(
    sizes: list[int], epoch: int, buffer_rows: int
) -> None:
    order = epoch_order(sizes, seed=1, epoch=epoch, buffer_rows=buffer_rows).tolist()
    assert sorted(order) == list(range(sum(sizes)))
    chunk_of = np.repeat(np.arange(len(sizes)), sizes)
    seen: set[int] = set()
    window: set[int] = set()
    for place, row in enumerate(order, 1):
        window.add(int(chunk_of[row]))
        if place == sum(sizes[chunk] for chunk in seen | window) and place - sum(sizes[c] for c in seen) >= buffer_rows:
            assert not seen & window, "a chunk is read once"
            seen, window = seen | window, set()
    assert not seen & window


def test_epochs_and_seeds_differ_and_repeat() -> None:
    sizes = [8] * 25

    def order(seed: int, epoch: int, *, shuffle: bool = True) -> list[int]:
        return list(epoch_order(sizes, seed=seed, epoch=epoch, buffer_rows=40, shuffle=shuffle))

    assert order(1, 0) == order(1, 0)
    assert len({tuple(order(seed, epoch)) for seed in (1, 2) for epoch in (0, 1)}) == 4
    assert order(1, 0, shuffle=False) == order(2, 1, shuffle=False) == list(range(200))


def test_a_whole_buffer_mixes_evenly() -> None:
    """Over many epochs the mean place of each row of 40 is the middle: 19.5, within six standard errors."""
    places = np.array(
        [np.argsort(epoch_order([10] * 4, seed=0, epoch=epoch, buffer_rows=1000)) for epoch in range(400)]
    )
    error = np.sqrt((40**2 - 1) / 12 / 400)
    assert np.abs(places.mean(axis=0) - 19.5).max() < 6 * error


def handed_over(progress: Progress, workers: int, count: int, batch: int = 4) -> list[int]:
    """Return the positions that a loader hands over: batches of its workers in turn."""
    whole = progress.left(node=0, nodes=1)
    queues = [list(whole.share(number, max(workers, 1))) for number in range(max(workers, 1))]
    delivered: list[int] = []
    while any(queues):
        for queue in queues:
            delivered += queue[:batch]
            del queue[:batch]
    return delivered[:count]


@pytest.mark.parametrize(("before", "after"), list(product(range(4), repeat=2)))
def test_every_cut_and_every_pair_of_worker_counts_see_each_sample_once(before: int, after: int) -> None:
    for cut in range(201):
        progress = Progress(rows=200, epoch=3)
        first = handed_over(progress, before, cut)
        for position in first:
            progress.seen.add(position)
        state = json.loads(json.dumps(progress.as_state("order", node=0, nodes=1)))
        resumed = progress_of(state, "order", rows=200, node=0, nodes=1)
        assert resumed.epoch == 3
        assert sorted(first + handed_over(resumed, after, 200)) == list(range(200))


@pytest.mark.parametrize(
    "ranges", [None, "0-1", [[0]], [[0, 1, 2]], [[2, 1]], [[-1, 2]], [[0, 31]], [[0, 1.0]], [[0, True]]]
)
def test_positions_that_cannot_be_are_refused(ranges: object) -> None:
    with pytest.raises(DatasetError, match="pairs of numbers within 0 to 30"):
        positions_of(ranges, 30)
