"""States: what they carry, whose they are, and what is no state."""

from __future__ import annotations

import json
from typing import Any

import pytest

from equime_builder.errors import DatasetError, UsageError
from equime_builder.stream.order import Positions
from equime_builder.stream.progress import Progress, join_states, progress_of

STATE = {"order": "a1", "epoch": 2, "rows": 100, "node": 0, "nodes": 1, "begun": [[0, 10]], "seen": [[20, 30]]}


def test_a_state_of_one_node_serves_any_number() -> None:
    parts = [progress_of(STATE, "a1", rows=100, node=node, nodes=3).left(node=node, nodes=3) for node in range(3)]
    assert sorted(position for part in parts for position in part) == [*range(10, 20), *range(30, 100)]


def test_nodes_go_on_each_with_its_own_state() -> None:
    before = [Progress(rows=100, epoch=1) for _ in range(2)]
    seen: list[int] = []
    for node, progress in enumerate(before):
        for position in list(progress.left(node=node, nodes=2))[: 10 + node]:
            progress.seen.add(position)
            seen.append(position)
    states = [progress.as_state("a1", node=node, nodes=2) for node, progress in enumerate(before)]
    after = [progress_of(state, "a1", rows=100, node=node, nodes=2) for node, state in enumerate(states)]
    left = [position for node, progress in enumerate(after) for position in progress.left(node=node, nodes=2)]
    assert sorted(seen + left) == list(range(100))
    joined = progress_of(json.loads(json.dumps(join_states(states))), "a1", rows=100, node=0, nodes=1)
    assert sorted([*seen, *joined.left(node=0, nodes=1)]) == list(range(100))
    with pytest.raises(UsageError, match=r"node 1 of 2, this is node 0 of 3; give each node its own .*join_states"):
        progress_of(states[1], "a1", rows=100, node=0, nodes=3)


def test_only_all_states_of_one_epoch_are_joined() -> None:
    two = [Progress(rows=9).as_state("a", node=node, nodes=2) for node in range(2)]
    for wrong in ([two[0]], [two[0], two[0]], [two[0], {**two[1], "epoch": 1}]):
        with pytest.raises(UsageError, match="those of all nodes in one epoch of one stream"):
            join_states(wrong)


@pytest.mark.parametrize(("order", "rows"), [("b2", 100), ("a1", 99)])
def test_the_state_of_another_stream_is_refused(order: str, rows: int) -> None:
    with pytest.raises(
        UsageError, match=r"that of another stream .* give the same data, seed, shuffle and buffer_rows"
    ):
        progress_of(STATE, order, rows=rows, node=0, nodes=1)


@pytest.mark.parametrize(
    "change",
    [
        {"order": 1},
        {"epoch": -1},
        {"epoch": True},
        {"rows": "100"},
        {"begun": None},
        {"seen": [[0, 101]]},
        {"node": None},
    ],
)
def test_a_damaged_state_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(DatasetError, match=r"no state of a stream|positions must be pairs"):
        progress_of({**STATE, **change}, "a1", rows=100, node=0, nodes=1)


def test_an_epoch_starts_empty() -> None:
    progress = Progress(rows=5, epoch=1, begun=Positions([(0, 2)]), seen=Positions([(3, 4)]))
    progress.start(2)
    assert (progress.epoch, list(progress.left(node=0, nodes=1))) == (2, [0, 1, 2, 3, 4])
