"""The local engine: worker processes over the cores of this machine."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from multiprocessing.queues import Queue
from typing import Final

from equime_builder.errors import EquimeError
from equime_generation.config import default_workers
from equime_generation.engines import Work
from equime_generation.parts import ClipDone, Part

LOST_WORKERS_ALLOWED: Final = 3
"""Times that a run starts its workers anew after one was killed, before it gives up."""

_reports: Queue[ClipDone | None] | None = None


def run_local(parts: Sequence[Part], work: Work, *, workers: int, report: Callable[[ClipDone], None]) -> None:
    """Run parts in worker processes; see `equime_generation.engines.Engine`.

    Args:
        workers: Processes; 0 = one a core.

    Raises:
        EquimeError: Workers were killed again and again, or a part raised.
    """
    waiting = list(parts)
    for _ in range(LOST_WORKERS_ALLOWED + 1):
        waiting = _run_until_lost(waiting, work, workers=workers or default_workers(), report=report)
        if not waiting:
            return
    raise EquimeError(
        f"a worker process was killed {LOST_WORKERS_ALLOWED + 1} times, {len(waiting)} parts are left "
        "(out of memory?); run the same command again with a smaller --workers"
    )


def _run_until_lost(
    parts: Sequence[Part], work: Work, *, workers: int, report: Callable[[ClipDone], None]
) -> list[Part]:
    """Run parts; return those that were not finished when a worker died."""
    if not parts:
        return []
    # spawn: landmark and codec libraries hold threads, which a fork would copy in mid-flight
    context = multiprocessing.get_context("spawn")
    reports: Queue[ClipDone | None] = context.Queue()
    left: dict[Future[None], Part] = {}
    pool = ProcessPoolExecutor(
        min(workers, len(parts)), mp_context=context, initializer=_start_worker, initargs=(reports,)
    )
    with _relay(reports, report), pool:
        try:
            left = {pool.submit(_work, work, part): part for part in parts}
            while left:
                done, _ = wait(left, return_when=FIRST_COMPLETED)
                for future in done:
                    future.result()
                    del left[future]
        except BrokenProcessPool:
            return list(left.values())
        except BaseException:
            for process in list((pool._processes or {}).values()):
                process.terminate()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return []


@contextmanager
def _relay(reports: Queue[ClipDone | None], report: Callable[[ClipDone], None]) -> Iterator[None]:
    def pump() -> None:
        for done in iter(reports.get, None):
            report(done)

    thread = threading.Thread(target=pump, name="equime-reports", daemon=True)
    thread.start()
    try:
        yield
    finally:
        reports.put(None)
        thread.join(timeout=5)
        reports.cancel_join_thread()  # a killed worker may hold the queue's lock for ever


def _start_worker(reports: Queue[ClipDone | None]) -> None:
    global _reports
    _reports = reports
    _keep_to_one_thread()
    threading.Thread(target=_die_with_parent, name="equime-watch", daemon=True).start()


def _keep_to_one_thread() -> None:
    """Hold every library to one thread: processes fill the cores, and sums keep one order, so bytes stay equal."""
    import cv2
    from threadpoolctl import threadpool_limits

    cv2.setNumThreads(1)
    threadpool_limits(1)


def _die_with_parent() -> None:
    """End this process when the driver is gone, so that a killed run leaves no worker behind."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _work(work: Work, part: Part) -> None:
    reports = _reports
    if reports is None:
        raise RuntimeError("this function runs in the local engine's workers only")
    work(part, partial(reports.put))
