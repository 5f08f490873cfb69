"""How a process of ours starts, and how it ends with the one that started it."""

from __future__ import annotations

import multiprocessing
import os
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from multiprocessing.context import SpawnContext


def spawning() -> SpawnContext:
    """Return the way in which processes start: landmark and codec libraries hold threads, which a fork would copy."""
    return multiprocessing.get_context("spawn")


def begin() -> None:
    """Prepare a process that was just started for work on clips."""
    _keep_to_one_thread()
    threading.Thread(target=_die_with_parent, name="equime-watch", daemon=True).start()


def _keep_to_one_thread() -> None:
    """Hold every library to one thread: processes fill the cores, and sums keep one order, so bytes stay equal."""
    import cv2
    from threadpoolctl import threadpool_limits

    cv2.setNumThreads(1)
    threadpool_limits(1)


def _die_with_parent() -> None:
    """End this process when the one that started it is gone, so that a killed run leaves no worker behind."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
