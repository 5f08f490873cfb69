"""The renderer of this process: the parts in hand share it, one wave of clips at a time."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, as_completed
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from equime_builder.errors import EquimeError
from equime_builder.pool import default_workers
from equime_generation.finishing import Order, finish_clip
from equime_generation.recipe import maker_of
from equime_generation.renderers import RENDERERS, load_renderer
from equime_generation.renderers.ltx.faults import OutOfMemory

if TYPE_CHECKING:
    from equime_builder.records import Placement
    from equime_generation.config import RunConfig
    from equime_generation.cpu_pool import CpuPool
    from equime_generation.judging import Verdict
    from equime_generation.renderers import Job, Renderer

Finished = Iterator[tuple[str, "Verdict"]]
"""Clip ids with what became of the clips, in any order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A clip to render, and where it belongs."""

    job: Job
    placement: Placement


class Studio:
    """Renders waves of clips and has them finished: in this process, or beside a GPU in a pool of processes.

    Args:
        config: Of the run.
    """

    def __init__(self, config: RunConfig) -> None:
        self._config = config
        self._lock = threading.Lock()
        self._settings: Any = config.settings
        self.renderer: Renderer = load_renderer(config.renderer, self._settings)
        self._pool = _pool_of(config, self.renderer) if RENDERERS[config.renderer].on_device else None

    @property
    def batch_size(self) -> int:
        """Clips that are computed together at present."""
        return self.renderer.batch_size

    def finished(self, tasks: Sequence[Task], *, batch_size: int) -> Finished:
        """Render clips and yield what became of each.

        Args:
            batch_size: Clips to be computed together, as for all clips of their part.

        Raises:
            OutOfMemory: So many clips do not fit into the device's memory, or did not fit for another part.
        """
        if self._pool is None:
            return self._finished_here(tasks)
        with self._lock:
            if batch_size != self.batch_size:
                raise OutOfMemory(batch_size, "found by another part")
            started = self._handed_over(tasks, self._pool)
        return ((started[future], future.result()) for future in as_completed(started))

    def _finished_here(self, tasks: Sequence[Task]) -> Finished:
        orders = self._orders(tasks)
        for clip in self.renderer.render([task.job for task in tasks]):
            yield clip.plan.clip_id, finish_clip(clip, orders[clip.plan.clip_id])

    def _handed_over(self, tasks: Sequence[Task], pool: CpuPool) -> dict[Future[Verdict], str]:
        orders = self._orders(tasks)
        clips = self.renderer.render([task.job for task in tasks])
        return {pool.submit(clip, orders[clip.plan.clip_id]): clip.plan.clip_id for clip in clips}

    def _orders(self, tasks: Sequence[Task]) -> dict[str, Order]:
        maker = maker_of(self.renderer, self._config)
        return {
            task.job.plan.clip_id: Order(face=task.job.face, placement=task.placement, config=self._config, maker=maker)
            for task in tasks
        }

    def shrink(self, batch_size: int) -> None:
        """Load the renderer anew with half the batch size, unless that was done since.

        Args:
            batch_size: What did not fit.

        Raises:
            EquimeError: Not even one clip fits.
        """
        with self._lock:
            if self.batch_size != batch_size:
                return
            if batch_size == 1:
                raise EquimeError(
                    "not even one clip at a time fits into the device's memory; close what else uses it (nvidia-smi "
                    "lists that), or choose a smaller --memory preset"
                )
            self._settings = replace(self._settings, batch_size=batch_size // 2)
            del self.renderer
            gc.collect()
            self.renderer = load_renderer(self._config.renderer, self._settings)


def _pool_of(config: RunConfig, renderer: Renderer) -> CpuPool:
    """Return a pool over this process' share of the cores, which can hold a batch beside what it works on."""
    from equime_generation.cpu_pool import CpuPool

    processes = max(1, default_workers() // max(1, config.workers))
    return CpuPool(processes=processes, slots=processes + renderer.batch_size)


_opening: Final = threading.Lock()


def studio_of(config: RunConfig) -> Studio:
    """Return this process' studio for a run; its renderer keeps what it has worked out about faces."""
    with _opening:
        return _opened(config)


_opened: Final = cache(Studio)
