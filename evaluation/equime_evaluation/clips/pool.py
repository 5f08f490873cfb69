"""Clips worked off by processes, a few in hand at a time, results in the order in which they are done."""

from __future__ import annotations

import ctypes
import multiprocessing
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeVar

from equime_builder.errors import EquimeError
from equime_builder.pool import end_with_parent

if TYPE_CHECKING:
    from equime_evaluation.clips.clip import Clip

Result = TypeVar("Result")
Tool = TypeVar("Tool")

_IN_HAND: Final = 2
"""Clips waiting for each process, which bounds the memory that their videos take."""

_TRIM_THRESHOLD: Final = -1
_MMAP_THRESHOLD: Final = -3
_KEPT_BYTES: Final = 2**25

_work: Callable[[Any], Any] | None = None


def work_off(
    clips: Iterable[Clip], make: Callable[[Tool], Callable[[Clip], Result]], tool: Tool, *, workers: int
) -> Iterator[tuple[Clip, Result]]:
    """Yield what a function makes of each clip.

    Args:
        make: Called once in each process with ``tool``; returns the function. Both must be picklable.
        workers: Processes; with one, everything happens in this process.

    Raises:
        EquimeError: A process was killed.
    """
    if workers == 1:
        work = make(tool)
        yield from ((clip, work(clip)) for clip in clips)
        return
    context = multiprocessing.get_context("spawn")  # codec libraries hold threads, which a fork would copy
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_begin, initargs=(make, tool))
    remaining = iter(clips)
    left: dict[Future[Result], Clip] = {}
    try:
        while True:
            fresh = islice(remaining, _IN_HAND * workers - len(left))
            left |= {pool.submit(_apply, clip): clip for clip in fresh}
            if not left:
                break
            for future in wait(left, return_when=FIRST_COMPLETED).done:
                clip = left.pop(future)
                yield clip, future.result()
        pool.shutdown()
    except BrokenProcessPool as error:
        raise EquimeError(
            "a worker process was killed (out of memory?); what was done is kept: run the same command again, "
            "with a smaller --workers"
        ) from error
    finally:
        for process in list((pool._processes or {}).values()):
            process.terminate()
        pool.shutdown(wait=False, cancel_futures=True)


def _begin(make: Callable[[Any], Callable[[Clip], Any]], tool: Any) -> None:
    global _work
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches every process of a terminal; the driver ends us
    end_with_parent()
    keep_to_one_thread()
    _keep_memory()
    _work = make(tool)


def keep_to_one_thread() -> None:
    """Hold every library to one thread: the processes fill the cores."""
    import cv2
    from threadpoolctl import threadpool_limits

    cv2.setNumThreads(1)
    threadpool_limits(1)


def _keep_memory() -> None:
    """Keep freed memory for the next frame: asking the system for its pages anew took a quarter of the time."""
    allocator = ctypes.CDLL(None) if sys.platform == "linux" else None
    if allocator is not None and hasattr(allocator, "mallopt"):  # glibc's alone
        allocator.mallopt(_TRIM_THRESHOLD, _KEPT_BYTES)
        allocator.mallopt(_MMAP_THRESHOLD, _KEPT_BYTES)


def _apply(clip: Clip) -> Any:
    if _work is None:
        raise RuntimeError("this function runs in the processes of a pool only")
    return _work(clip)
