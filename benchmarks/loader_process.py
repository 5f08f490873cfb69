"""One measurement in a process of its own: ``python -m benchmarks.loader_process NAME FOLDER WORKERS`` prints JSON."""

from __future__ import annotations

import gc
import importlib
import json
import os
import resource
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks.loader_peers import BATCH, BUFFER, FRAMES, INDICES, MODULES, PEERS, SIZE_PX, WRITERS, Loader

BATCHES = 9
"""Batches that are timed, the first apart."""
EPOCHS, EPOCH_CLIPS_OF = 20, "fear"


def main(name: str, folder: Path, workers: int) -> dict[str, float]:
    if name in WRITERS and not (folder / WRITERS[name][0]).exists():
        WRITERS[name][1](folder)
    for module in ("torch.utils.data", *MODULES.get(name, ("equime_dataset", "av"))):
        importlib.import_module(module)  # before the clock starts, as it would hide all else
    if name == "decoder_alone":
        return _decoder_alone(folder)
    if name == "equime_epochs":
        return _epochs(folder)
    before_mb = _peak_mb(resource.RUSAGE_SELF)
    start = time.perf_counter()
    loader = PEERS[name](folder, workers) if name in PEERS else _own(folder, workers)
    batches = iter(loader)
    first = next(batches)
    first_batch_s = time.perf_counter() - start
    _check(first)
    start, start_cpu = time.perf_counter(), time.process_time()
    for _ in range(BATCHES - 1):
        _check(next(batches))
    duration_s, cpu_s = time.perf_counter() - start, time.process_time() - start_cpu
    samples = (BATCHES - 1) * BATCH
    del batches, loader
    gc.collect()  # ends the workers
    own_mb, workers_mb = (_peak_mb(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return {
        "first_batch_s": first_batch_s,
        "samples_per_s": samples / duration_s,
        "cpu_ms": 1e3 * cpu_s / samples,
        "grown_mb": own_mb - before_mb + (max(workers_mb - before_mb, 0) if workers else 0),
    }


def _own(folder: Path, workers: int) -> Loader:
    import equime_dataset

    stream = equime_dataset.stream_equime(
        data_dir=folder, frames=FRAMES, how="uniform", size_px=SIZE_PX, shuffle=True, buffer_rows=BUFFER
    )
    return stream.loader(batch_size=BATCH, num_workers=workers)


def _check(batch: Any) -> None:
    clips = batch["frames"] if isinstance(batch, dict) else batch[0] if isinstance(batch, (list, tuple)) else batch
    assert tuple(clips.shape) == (BATCH, FRAMES, 3, SIZE_PX, SIZE_PX), clips.shape


def _decoder_alone(folder: Path) -> dict[str, float]:
    from equime_builder.decode import decode_frames
    from equime_builder.stream.consumers import decode_threads

    def decode(data: bytes) -> int:
        return decode_frames(data, INDICES, layout="TCHW", size_px=SIZE_PX).size

    clips = [path.read_bytes() for path in sorted((folder / "files").glob("*.mp4"))[: (BATCHES - 1) * BATCH]]
    with ThreadPoolExecutor(decode_threads()) as pool:
        first_s = time.perf_counter()
        list(pool.map(decode, clips[:BATCH]))
        start = time.perf_counter()
        list(pool.map(decode, clips))
        duration_s = time.perf_counter() - start
    return {"first_batch_s": start - first_s, "samples_per_s": len(clips) / duration_s, "cpu_ms": 0.0, "grown_mb": 0.0}


def _epochs(folder: Path) -> dict[str, float]:
    import equime_dataset

    stream = equime_dataset.stream_equime(
        EPOCH_CLIPS_OF, data_dir=folder, size_px=SIZE_PX, shuffle=True, buffer_rows=16
    )
    before_mb, peaks_mb = _peak_mb(resource.RUSAGE_SELF), []
    for _ in range(EPOCHS):
        for _ in stream.loader(batch_size=BATCH):
            pass
        peaks_mb.append(_peak_mb(resource.RUSAGE_SELF))
    second, last = peaks_mb[1], peaks_mb[-1]
    return {"growth": (last - second) / second, "grown_mb": last - second, "held_mb": second - before_mb}


def _peak_mb(who: int) -> float:
    """Largest resident memory so far: of this process, or of the largest of its children that have ended."""
    status = Path("/proc/self/status")
    if who == resource.RUSAGE_SELF and status.exists():
        # Linux lets ru_maxrss outlive exec: it would begin with the peak of whoever started this process.
        (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1e3
    return resource.getrusage(who).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))))
    sys.stdout.flush()
    # A peer's threads may outlive its loader and hold the process.
    os._exit(0)
