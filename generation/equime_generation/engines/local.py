"""The local engine: worker processes over the cores, or over the GPUs, of this machine."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, ThreadPoolExecutor, as_completed, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.queues import Queue
from typing import Final

from equime_builder.errors import EquimeError
from equime_builder.pool import default_workers
from equime_generation.engines import Crew, Work, each_once
from equime_generation.engines.processes import begin, spawning
from equime_generation.parts import ClipDone, Part

LOST_WORKERS_ALLOWED: Final = 3
"""Times that a run starts its workers anew after one was killed, before it gives up."""


@dataclass(frozen=True, slots=True)
class _Lines:
    """What the driver and its workers tell each other.

    Attributes:
        todo: Parts, then one ``None`` for each that takes from it.
        reports: Clips done, names of parts done, and ``None`` last.
        devices: One GPU for each worker; empty where there are none to share out.
    """

    todo: Queue[Part | None]
    reports: Queue[ClipDone | str | None]
    devices: Queue[str]


_lines: _Lines | None = None


def run_local(
    parts: Sequence[Part],
    work: Work,
    *,
    crew: Crew,
    report: Callable[[ClipDone], None],
    tell: Callable[[str], None],
) -> None:
    """Run parts in worker processes; see `equime_generation.engines.Engine`.

    Raises:
        EquimeError: Workers were killed again and again, or a part raised.
    """
    waiting, report = list(parts), each_once(report)
    for lost in range(LOST_WORKERS_ALLOWED + 1):
        if lost:
            tell(f"a worker process was killed; others go on with the {len(waiting)} parts that are left")
        waiting = _run_until_lost(waiting, work, crew=crew, report=report)
        if not waiting:
            return
    raise EquimeError(
        f"a worker process was killed {LOST_WORKERS_ALLOWED + 1} times, {len(waiting)} parts are left "
        "(out of memory?); run the same command again with a smaller --workers"
    )


def _run_until_lost(parts: Sequence[Part], work: Work, *, crew: Crew, report: Callable[[ClipDone], None]) -> list[Part]:
    """Run parts; return those that were not finished when a worker died."""
    if not parts:
        return []
    context, workers = spawning(), min(crew.workers or default_workers(), len(parts))
    lines = _Lines(context.Queue(), context.Queue(), context.Queue())
    pool = ProcessPoolExecutor(
        workers, mp_context=context, initializer=_start_worker, initargs=(lines, bool(crew.devices))
    )
    finished: set[str] = set()
    with _open(lines, parts, crew, workers), _relay(lines.reports, report, finished), pool:
        try:
            left = {pool.submit(_work_off, work, crew.lanes) for _ in range(workers)}
            while left:
                done, left = wait(left, return_when=FIRST_COMPLETED)
                for future in done:
                    future.result()
        except BrokenProcessPool:
            pass  # whoever is left starts anew
        except BaseException:
            for process in list((pool._processes or {}).values()):
                process.terminate()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return [part for part in parts if part.name not in finished]


@contextmanager
def _open(lines: _Lines, parts: Sequence[Part], crew: Crew, workers: int) -> Iterator[None]:
    for part in parts:
        lines.todo.put(part)
    for _ in range(workers * crew.lanes):
        lines.todo.put(None)
    for number in range(workers * bool(crew.devices)):
        lines.devices.put(crew.devices[number % len(crew.devices)])
    try:
        yield
    finally:
        lines.todo.cancel_join_thread()  # what nobody took needs no delivery
        lines.devices.cancel_join_thread()


@contextmanager
def _relay(
    reports: Queue[ClipDone | str | None], report: Callable[[ClipDone], None], finished: set[str]
) -> Iterator[None]:
    def pump() -> None:
        while (done := reports.get()) is not None:
            if isinstance(done, str):
                finished.add(done)
            else:
                report(done)

    thread = threading.Thread(target=pump, name="equime-reports", daemon=True)
    thread.start()
    try:
        yield
    finally:
        reports.put(None)
        thread.join(timeout=5)
        reports.cancel_join_thread()  # a killed worker may hold the queue's lock for ever


def _start_worker(lines: _Lines, has_devices: bool) -> None:
    global _lines
    _lines = lines
    if has_devices:
        os.environ["CUDA_VISIBLE_DEVICES"] = lines.devices.get()  # read when torch is imported
    begin()


def _work_off(work: Work, lanes: int) -> None:
    """Take parts until none is left, as many at a time as there are lanes."""
    if lanes == 1:
        _walk(work)
        return
    threads = ThreadPoolExecutor(lanes, thread_name_prefix="equime-lane")
    for lane in as_completed([threads.submit(_walk, work) for _ in range(lanes)]):
        lane.result()  # the first error ends the run, and with it this process
    threads.shutdown()


def _walk(work: Work) -> None:
    lines = _lines
    if lines is None:
        raise RuntimeError("this function runs in the local engine's workers only")
    for part in iter(lines.todo.get, None):
        work(part, lines.reports.put)
        lines.reports.put(part.name)
