"""Whether a campaign of 100,000 clips can be planned, scheduled, resumed, finished and checked; pixels are simulated.

Planner, local engine, commits, compaction, tables, papers, gallery and manifest are the real ones; a clip is a tiny
grey video with a row of the full schema. Every stage runs in a process of its own, at a tenth of the clips as well, so
that what does not grow in step shows. ``CLIPS=10000 make bench ONLY=scale`` is a quick look.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.figures import Figure
from benchmarks.scale_work import SIZE_VARIABLE

CLIPS = int(os.environ.get("CLIPS", "100000"))
FULL_SIZE_CLIPS = 1000
FULL_SIZE_BYTES = 260_000
STAGES = ("plan", "render", "resume", "load")

Took = dict[str, float]


def figures() -> Iterator[Figure]:
    with TemporaryDirectory(prefix="equime-bench-") as scratch:
        small_place, place = Path(scratch, "small"), Path(scratch, "large")
        small = {stage: _run(stage, CLIPS // 10, small_place) for stage in STAGES}
        large = {stage: _run(stage, CLIPS, place) for stage in STAGES}
        yield from _planning(large["plan"])
        yield from _linear("schedule", small["render"], large["render"])
        yield from _linear("finish", small["resume"], large["resume"])
        yield from _resuming(large["resume"])
        yield from _manifest(large["load"])
        yield from _verifying(place)
    yield _full_size()


def _run(stage: str, clips: int, folder: Path, *, video_bytes: int = 0) -> Took:
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.scale_process", stage, str(clips), str(folder)]
    done = subprocess.run(
        command, env={**os.environ, SIZE_VARIABLE: str(video_bytes)}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{stage} of {clips} clips failed: {done.stderr[-2000:]}")
    took: Took = json.loads(done.stdout.splitlines()[-1])
    return took


def _planning(took: Took) -> Iterator[Figure]:
    detail = f"{took['clips']:.0f} clips in {took['parts']:.0f} parts, {took['plan_cpu_s']:.1f} CPU-seconds"
    yield _at_most("scale_plan", took["plan_s"], "s", 60.0, detail)
    yield _at_most("scale_plan_peak", took["peak_mb"], "MB", 1500.0, detail)


def _linear(name: str, small: Took, large: Took) -> Iterator[Figure]:
    """Compare processor time a clip, in which other work on the machine does not count."""
    few, many = (1e3 * took[f"{name}_cpu_s"] / took["clips"] for took in (small, large))
    detail = (
        f"CPU-milliseconds a clip: {many:.2f} at {large['clips']:.0f}, {few:.2f} at {small['clips']:.0f}, start of "
        f"processes included; {large[f'{name}_s']:.0f} s by the clock"
    )
    yield _at_most(f"scale_{name}_growth", many / few, "ratio of costs a clip", 1.2, detail)


def _resuming(took: Took) -> Iterator[Figure]:
    whole = f"{took['until_decided_s']:.1f} s from the start, photos and plans included"
    yield _at_most("scale_resume", took["decide_s"], "s", 10.0, f"every part committed before; {whole}")
    names = {"shards": "write_shards", "gallery": "write_gallery", "questions": "write_vqa", "rest": "complete_folder"}
    steps = ", ".join(f"{told} {took[f'{name}_s']:.1f}" for told, name in names.items())
    yield _at_most("scale_driver_peak", took["peak_mb"], "MB", 1500.0, f"planned, resumed, finished; seconds: {steps}")


def _manifest(took: Took) -> Iterator[Figure]:
    detail = f"{took['manifest_kb']:.0f} kB, {took['files']:.0f} files, {took['dataset_mb']:.0f} MB of them"
    yield _at_most("scale_manifest_load", took["load_s"], "s", 1.0, detail)


def _verifying(place: Path) -> Iterator[Figure]:
    shallow, alone, two = (_run(stage, CLIPS, place) for stage in ("verify", "sample-1", "sample-2"))
    yield _at_most(
        "scale_verify",
        shallow["verify_s"],
        "s",
        120.0,
        f"{shallow['clips']:.0f} clips, every file hashed and every row read by one process, nothing decoded; peak "
        f"{shallow['peak_mb']:.0f} MB",
    )
    yield Figure(
        name="scale_verify_two_workers",
        value=alone["verify_s"] / two["verify_s"],
        unit="times as fast as one",
        target=1.6,
        better="higher",
        detail=f"with a sample decoded: {alone['verify_s']:.1f} s alone, {two['verify_s']:.1f} s with two processes",
    )


def _full_size() -> Figure:
    """Finish clips of the size that real ones have, whose bytes cost more than their rows."""
    with TemporaryDirectory(prefix="equime-bench-") as scratch:
        took: Took = {}
        for stage in ("render", "resume", "load"):
            took |= _run(stage, FULL_SIZE_CLIPS, Path(scratch, "full"), video_bytes=FULL_SIZE_BYTES)
    return _at_most(
        "scale_finish_full_size",
        1e3 * took["finish_s"] / took["clips"],
        "ms a clip",
        60.0,
        f"{FULL_SIZE_CLIPS} clips of {FULL_SIZE_BYTES / 1e3:.0f} kB from parts to shards and questions, hashed and "
        f"listed: {took['dataset_mb']:.0f} MB in {took['finish_s']:.1f} s",
    )


def _at_most(name: str, value: float, unit: str, target: float, detail: str) -> Figure:
    return Figure(name=name, value=value, unit=unit, target=target, better="lower", detail=detail)
