"""Who is reading: which node of a job, which worker of a loader, and with how many threads."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from typing import Any, Final

MOST_THREADS: Final = 8


def node() -> tuple[int, int]:
    """Return this process's rank and the number of ranks; 0 and 1 unless torch.distributed was initialised."""
    torch = sys.modules.get("torch")
    distributed = getattr(torch, "distributed", None)
    if distributed is None or not distributed.is_available() or not distributed.is_initialized():
        return 0, 1
    return distributed.get_rank(), distributed.get_world_size()


def worker() -> tuple[int, int] | None:
    """Return number and count of this worker of a torch DataLoader; ``None`` outside one."""
    data = sys.modules.get("torch.utils.data")
    info: Any = None if data is None else data.get_worker_info()
    return None if info is None else (info.id, info.num_workers)


def decode_threads() -> int:
    """Return how many clips to decode at a time: the cores of this machine, shared among the loader's workers."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    _, workers = worker() or (0, 1)
    return max(1, min(cores // workers, MOST_THREADS))


def join_torch(kind: type) -> None:
    """Let torch's DataLoader take ``kind`` for an IterableDataset, where torch is installed."""
    # Whoever imports torch only after he made a stream would find it taken for a map-style dataset.
    if importlib.util.find_spec("torch") is not None:
        importlib.import_module("torch.utils.data").IterableDataset.register(kind)
