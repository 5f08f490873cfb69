"""Samples a second from disk to batch, time to the first batch and memory: EquiME, its peers, its own decoder.

The same 200 clips of 144 frames lie in four shards for everybody; everybody gives batches of 8 clips, each of 8 frames
(`numpy.linspace(0, 143, 8)`) at 224 px, shuffled. Each measurement is a process of its own; loaders take turns, and
medians are compared. A peer that is not installed is named in the details.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import median

from benchmarks.figures import Figure
from benchmarks.loader_clips import write_clips
from benchmarks.loader_peers import MODULES, MOSAICML, PEERS, STOCK_STREAMING

ROUNDS = 3
WORKERS = (0, 2)
OWN, LIMIT, EPOCHS = "equime", "decoder_alone", "equime_epochs"

Result = dict[str, float]
Results = dict[tuple[str, int], Result]


def figures() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="equime-bench-") as scratch:
        folder = write_clips(Path(scratch))
        missing = [name for name in PEERS if _python(name) is None]
        names = [OWN, LIMIT, *(name for name in PEERS if name not in missing)]
        results = _measured(names, folder)
        for workers in WORKERS:
            yield from _throughput(results, workers, missing)
        yield from _first_batch(results)
        grown = _run(EPOCHS, folder, 0)
        yield Figure(
            name="loader_memory_growth",
            value=grown["growth"],
            unit="share",
            target=0.05,
            better="lower",
            detail=f"peak after 20 epochs against after 2: +{grown['grown_mb']:.1f} MB; the first two hold "
            f"{grown['held_mb']:.0f} MB beyond imports",
        )


def _measured(names: list[str], folder: Path) -> Results:
    found: dict[tuple[str, int], list[Result]] = {}
    for _ in range(ROUNDS):
        for workers in WORKERS:
            for name in names:
                found.setdefault((name, workers), []).append(_run(name, folder, workers))
    return {key: {field: median(run[field] for run in runs) for field in runs[0]} for key, runs in found.items()}


def _run(name: str, folder: Path, workers: int) -> Result:
    python = _python(name) or sys.executable
    command = [python, "-W", "ignore", "-m", "benchmarks.loader_process", name, str(folder), str(workers)]
    quiet = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_DISABLE_PROGRESS_BARS": "1", "HF_HOME": str(folder.parent / "hf")}
    paths = os.pathsep.join(path for path in sys.path if path)
    done = subprocess.run(
        command, env={**os.environ, **quiet, "PYTHONPATH": paths if python == sys.executable else _sources()},
        capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{name} with {workers} workers failed: {done.stderr[-2000:]}")
    result: Result = json.loads(done.stdout.splitlines()[-1])
    return result


def _python(name: str) -> str | None:
    """Return the interpreter that has a loader, ``None`` where it is not installed."""
    module = MODULES.get(name, ("torch",))[0]
    if name != MOSAICML or importlib.util.find_spec(module) is not None:
        return sys.executable if importlib.util.find_spec(module) is not None else None
    # It wants older numpy and transformers than ours, so it lives in an environment of its own.
    own = Path(__file__).parents[1] / ".venv-mosaicml" / "bin" / "python"
    return str(own) if own.exists() else None


def _sources() -> str:
    root = Path(__file__).parents[1]
    return os.pathsep.join(map(str, (root, root / "builder")))


def _throughput(results: Results, workers: int, missing: list[str]) -> Iterator[Figure]:
    speed = {name: run["samples_per_s"] for (name, count), run in results.items() if count == workers}
    grown = {name: run["grown_mb"] for (name, count), run in results.items() if count == workers}
    first = {name: run["first_batch_s"] for (name, count), run in results.items() if count == workers}
    cpu = {name: run["cpu_ms"] for (name, count), run in results.items() if count == workers}
    peers = {name: value for name, value in speed.items() if name not in (OWN, LIMIT)}
    best, stock = max(peers, key=peers.__getitem__), max(STOCK_STREAMING, key=peers.__getitem__)
    table = "; ".join(
        f"{name} {speed[name]:.1f}/s, first {first[name]:.2f} s, +{grown[name]:.0f} MB"
        + (f", {cpu[name]:.0f} CPU ms a sample" if cpu[name] and not workers else "")
        for name in speed
    )
    said = f"; missing: {', '.join(missing)}" if missing else ""
    name = f"loader_{workers}_workers"
    yield _ratio(f"{name}_over_stock_streaming", speed[OWN] / speed[stock], 1.5, f"against {stock}")
    yield _ratio(f"{name}_over_best_peer", speed[OWN] / speed[best], 1.1, f"against {best}; {table}{said}")
    yield _ratio(f"{name}_over_decoder_alone", speed[OWN] / speed[LIMIT], 0.9, "same threads, bytes in memory")


def _ratio(name: str, value: float, target: float, detail: str) -> Figure:
    return Figure(name=name, value=value, unit="ratio", target=target, better="higher", detail=detail)


def _first_batch(results: Mapping[tuple[str, int], Result]) -> Iterator[Figure]:
    own = results[OWN, 0]["first_batch_s"]
    stock = min(results[name, 0]["first_batch_s"] for name in STOCK_STREAMING)
    yield Figure(
        name="loader_first_shuffled_batch_over_stock_streaming",
        value=own / stock,
        unit="ratio",
        target=0.25,
        better="lower",
        detail=f"{own:.2f} s against {stock:.2f} s, both mixing 1000 rows of 200, no workers",
    )
