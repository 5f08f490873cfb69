"""Engines run the parts of a dataset somewhere; each gives the same parts, whatever the order or the place."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from equime_builder.errors import choose
from equime_generation.parts import ClipDone, Part

Work = Callable[[Part, Callable[[ClipDone], None]], None]
"""Renders one part and reports each clip; must be importable by name, since other processes call it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """Who works on the parts of a run.

    Attributes:
        workers: Processes; 0 = one a core.
        lanes: Parts that each has in hand at a time: a GPU renders one while the last clips of another are measured.
        devices: GPUs of this machine as CUDA names them, one for each worker; empty = none.
        on_gpu: Whether each worker needs a GPU to itself, wherever it works.
        address: Of a cluster, for engines that have one, see `equime_generation.engines.ray_cluster.cluster`.
    """

    workers: int = 0
    lanes: int = 1
    devices: tuple[str, ...] = ()
    on_gpu: bool = False
    address: str = ""


class Engine(Protocol):
    """Runs work on parts until all are committed."""

    def __call__(
        self,
        parts: Sequence[Part],
        work: Work,
        *,
        crew: Crew,
        report: Callable[[ClipDone], None],
        tell: Callable[[str], None],
    ) -> None:
        """Return when every part is done; raise the first error of a part.

        Args:
            report: Told of each clip once, however often its part had to be begun.
            tell: Told what went wrong with workers and was mended, one sentence each.
        """
        ...


ENGINES: Final[dict[str, str]] = {
    "local": "equime_generation.engines.local:run_local",
    "ray": "equime_generation.engines.ray:run_ray",
}
"""Name to ``module:function``."""


def load_engine(name: str) -> Engine:
    """Return the engine that stands under ``name`` in the table.

    Raises:
        UsageError: The name is unknown.
    """
    choose("engine", name, tuple(ENGINES))
    module_name, _, function_name = ENGINES[name].partition(":")
    engine: Engine = getattr(importlib.import_module(module_name), function_name)
    return engine


def each_once(report: Callable[[ClipDone], None]) -> Callable[[ClipDone], None]:
    """Return a function that passes on what it is told of a clip for the first time."""
    told: set[str] = set()

    def pass_on(done: ClipDone) -> None:
        if done.clip_id not in told:
            told.add(done.clip_id)
            report(done)

    return pass_on
