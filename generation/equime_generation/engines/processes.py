"""How a process of ours starts, and how it ends with the one that started it."""

from __future__ import annotations

import multiprocessing
from typing import TYPE_CHECKING

from equime_builder.pool import end_with_parent
from equime_evaluation.clips.pool import keep_to_one_thread

if TYPE_CHECKING:
    from multiprocessing.context import SpawnContext


def spawning() -> SpawnContext:
    """Return the way in which processes start: landmark and codec libraries hold threads, which a fork would copy."""
    return multiprocessing.get_context("spawn")


def begin() -> None:
    """Prepare a process that was just started for work on clips; one thread each keeps sums, and so bytes, equal."""
    keep_to_one_thread()
    end_with_parent()
