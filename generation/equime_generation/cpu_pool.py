"""Processes that encode, measure and screen clips while a GPU renders the next ones."""

from __future__ import annotations

import ctypes
import queue
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import replace
from multiprocessing.util import Finalize
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from equime_builder.records import FRAMES, SIZE_PX
from equime_generation.engines.processes import begin, spawning
from equime_generation.finishing import Order, finish_clip

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from equime_generation.judging import Verdict
    from equime_generation.renderers import Clip

_SHAPE: Final = (FRAMES, SIZE_PX, SIZE_PX, 3)
_CLIP_BYTES: Final = FRAMES * SIZE_PX * SIZE_PX * 3

_slots: NDArray[np.uint8] | None = None


class CpuPool:
    """Finishes clips in processes of its own; frames lie in a fixed number of slots of memory that all share.

    Pickled, the 113 MB of a clip would cost .55 CPU-seconds on the way; copied into a slot they cost .05. Whoever
    hands over a clip while every slot is taken waits: that bounds memory, and holds a GPU that is too fast.

    Args:
        processes: Clips finished at a time.
        slots: Clips that are finished or wait for it, at most.

    Attributes:
        close: Ends the processes, once they have finished what they were given; also done when this process ends.
    """

    def __init__(self, *, processes: int, slots: int) -> None:
        context = spawning()
        # On Linux an unlinked file of /dev/shm, or of the temporary folder where that is too small, so that nothing
        # is left behind, however this process ends.
        shared: Any = context.RawArray(ctypes.c_uint8, slots * _CLIP_BYTES)
        self._slots = _view(shared)
        self._free: queue.SimpleQueue[int] = queue.SimpleQueue()
        for slot in range(slots):
            self._free.put(slot)
        self._processes = ProcessPoolExecutor(
            processes, mp_context=context, initializer=_start_finisher, initargs=(shared,)
        )
        # A process that multiprocessing started waits at its end for those that it started itself, and only later
        # would their executor tell them to go: they must be told first, and before their queues close (priority 10).
        self.close = Finalize(self, self._processes.shutdown, exitpriority=20)

    def submit(self, clip: Clip, order: Order) -> Future[Verdict]:
        """Hand a clip over, as soon as there is room; its frames may be changed afterwards."""
        slot = self._free.get()
        self._slots[slot] = clip.frames
        without_frames = replace(clip, frames=clip.frames[:0])
        future = self._processes.submit(_finish, slot, without_frames, order)
        future.add_done_callback(lambda _: self._free.put(slot))
        return future


def _view(shared: Any) -> NDArray[np.uint8]:
    return np.frombuffer(shared, np.uint8).reshape(-1, *_SHAPE)


def _start_finisher(shared: Any) -> None:
    global _slots
    _slots = _view(shared)
    begin()


def _finish(slot: int, clip: Clip, order: Order) -> Verdict:
    if _slots is None:
        raise RuntimeError("this function runs in the processes of a CpuPool only")
    return finish_clip(replace(clip, frames=_slots[slot]), order)
