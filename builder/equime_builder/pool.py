"""Work on one item after another in several processes, with the results in the order of the items."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from typing import Final, TypeVar

from equime_builder.errors import EquimeError

Item = TypeVar("Item")
Result = TypeVar("Result")

_IN_HAND: Final = 2
"""Items waiting for each process or done before their turn, which bounds the memory that results take."""


def default_workers() -> int:
    """Return the number of processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_order(
    work: Callable[[Item], Result],
    items: Iterable[Item],
    *,
    workers: int,
    begin: Callable[[], object] | None = None,
) -> Iterator[Result]:
    """Yield what a function makes of each item, in the order of the items.

    Args:
        work: Importable by name, as items and results are picklable.
        workers: Processes; with one, everything happens in this process, and only when it is asked for.
        begin: Called once in each process before its first item, where there are several.

    Raises:
        EquimeError: A process was killed.
    """
    if workers == 1:
        yield from map(work, items)
        return
    context = multiprocessing.get_context("spawn")  # codec libraries hold threads, which a fork would copy
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_begin, initargs=(begin,))
    remaining, started = iter(items), deque[Future[Result]]()
    try:
        while True:
            started += [pool.submit(work, item) for item in islice(remaining, _IN_HAND * workers - len(started))]
            if not started:
                break
            yield started.popleft().result()
        pool.shutdown()
    except BrokenProcessPool as error:
        raise EquimeError(
            "a worker process was killed (out of memory?); run the same command again with a smaller --workers"
        ) from error
    finally:  # whoever stops early does not wait for items that take minutes
        for process in list((pool._processes or {}).values()):
            process.terminate()
        pool.shutdown(wait=False, cancel_futures=True)


def _begin(prepare: Callable[[], object] | None) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches every process of a terminal; the driver ends us
    end_with_parent()
    if prepare is not None:
        prepare()


def end_with_parent() -> None:
    """See to it that this process ends when the one that started it is gone: a killed run leaves no worker behind."""
    threading.Thread(target=_wait_for_parent, name="equime-watch", daemon=True).start()


def _wait_for_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
