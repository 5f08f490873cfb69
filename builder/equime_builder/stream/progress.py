"""How far an epoch has come, as plain data that JSON and `torch.save` keep, and what of it is whose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from equime_builder.errors import DatasetError, UsageError
from equime_builder.stream.order import Positions, positions_of

State = dict[str, Any]
_NUMBERS: Final = ("epoch", "rows", "node", "nodes")
_POSITIONS: Final = ("begun", "seen")


@dataclass(slots=True, kw_only=True)
class Progress:
    """What was seen of an epoch.

    Attributes:
        rows: Positions of an epoch.
        epoch: Which one.
        begun: Positions that were behind all nodes when the rest was shared out among them.
        seen: Positions that this node has seen since.
    """

    rows: int
    epoch: int = 0
    begun: Positions = field(default_factory=Positions)
    seen: Positions = field(default_factory=Positions)

    def left(self, *, node: int, nodes: int) -> Positions:
        """Return the positions that a node still has to see."""
        return Positions([(0, self.rows)]).minus(self.begun).share(node, nodes).minus(self.seen)

    def start(self, epoch: int) -> None:
        """Start an epoch from its beginning."""
        self.epoch, self.begun, self.seen = epoch, Positions(), Positions()

    def as_state(self, order: str, *, node: int, nodes: int) -> State:
        """Return it as plain data.

        Args:
            order: Names the order of rows; positions mean something in that order alone.
        """
        found = {name: [list(pair) for pair in getattr(self, name).ranges] for name in _POSITIONS}
        return {"order": order, "epoch": self.epoch, "rows": self.rows, "node": node, "nodes": nodes, **found}


def progress_of(state: Mapping[str, Any], order: str, *, rows: int, node: int, nodes: int) -> Progress:
    """Return the progress that a state holds, for this node.

    A state of one node serves any number of nodes; one of several nodes serves the same node of as many.

    Raises:
        DatasetError: The state is damaged.
        UsageError: It belongs to another stream or another node.
    """
    begun, seen = _checked(state)
    if (state["order"], state["rows"]) != (order, rows):
        raise UsageError(
            f"the state is that of another stream ({state['rows']} rows in order {state['order']:.40}; here are {rows} "
            f"in order {order}); give the same data, seed, shuffle and buffer_rows, or start the epoch anew"
        )
    if state["nodes"] == 1:
        return Progress(rows=rows, epoch=state["epoch"], begun=Positions([*begun.ranges, *seen.ranges]))
    if (state["node"], state["nodes"]) != (node, nodes):
        raise UsageError(
            f"the state is that of node {state['node']} of {state['nodes']}, this is node {node} of {nodes}; "
            "give each node its own state, or all nodes join_states([...]) of the states of all"
        )
    return Progress(rows=rows, epoch=state["epoch"], begun=begun, seen=seen)


def join_states(states: Sequence[Mapping[str, Any]]) -> State:
    """Join the states of all nodes of a job to one, with which any number of nodes can go on.

    Raises:
        DatasetError: A state is damaged.
        UsageError: They are not the states of all nodes in one epoch of one stream.
    """
    sets = [positions for state in states for positions in _checked(state)]
    alike = {tuple(state[name] for name in ("order", "epoch", "rows", "nodes")) for state in states}
    nodes = sorted(state["node"] for state in states)
    if len(alike) != 1 or nodes != list(range(states[0]["nodes"])):
        raise UsageError(f"the states must be those of all nodes in one epoch of one stream, got nodes {nodes}")
    whole = Progress(rows=states[0]["rows"], epoch=states[0]["epoch"])
    whole.begun = Positions(pair for positions in sets for pair in positions.ranges)
    return whole.as_state(states[0]["order"], node=0, nodes=1)


def _checked(state: object) -> tuple[Positions, Positions]:
    fields = dict(state) if isinstance(state, Mapping) else {}
    numbers = [fields.get(name) for name in _NUMBERS]
    if not isinstance(fields.get("order"), str) or not all(type(number) is int and number >= 0 for number in numbers):
        raise DatasetError(f"no state of a stream: {state!r:.120}; give what state_dict() returned")
    begun, seen = (positions_of(fields.get(name), fields["rows"]) for name in _POSITIONS)
    return begun, seen
