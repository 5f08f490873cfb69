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
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.figures import Figure
from benchmarks.scale_work import SIZE_VARIABLE

CLIPS = int(os.environ.get("CLIPS", "100000"))
RECIPE_CLIPS = CLIPS * 3 // 4
FULL_SIZE_CLIPS = 1000
FULL_SIZE_BYTES = 260_000
STAGES = ("plan", "render", "resume", "load")
GPUS = 64
CORES_A_MACHINE = 16
"""Of each GPU; without GPUs, as many machines of so many cores are taken."""

Took = dict[str, float]


def figures() -> Iterator[Figure]:
    with TemporaryDirectory(prefix="equime-bench-") as scratch:
        start, small, large = (
            {stage: _run(stage, clips, Path(scratch, str(clips))) for stage in STAGES}
            for clips in (6, CLIPS // 10, CLIPS)
        )
        yield from _planning(large["plan"])
        yield from _linear("schedule", *(took["render"] for took in (start, small, large)))
        yield from _linear("finish", *(took["resume"] for took in (start, small, large)))
        yield from _resuming(large["resume"])
        yield _manifest(large["load"])
        yield from _verifying(Path(scratch, str(CLIPS)))
    recipe = _run("outlook", RECIPE_CLIPS, Path("unused"))
    yield _recipe(recipe)
    full = _full_size()
    yield full
    yield _extrapolated(recipe, full, large["plan"]["plan_s"])


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
    facts = {name: took[name] for name in ("clips", "parts", "plan_cpu_s")}
    yield _at_most("plan", took["plan_s"], "s", 60.0, detail, facts)
    yield _at_most("plan_peak", took["peak_mb"], "MB", 1500.0, detail)


def _linear(name: str, start: Took, small: Took, large: Took) -> Iterator[Figure]:
    """Compare processor time a clip beyond what a handful takes; other work on the machine does not count in it."""
    first_s = start[f"{name}_cpu_s"]
    few, many = (1e3 * (took[f"{name}_cpu_s"] - first_s) / took["clips"] for took in (small, large))
    detail = (
        f"CPU-milliseconds a clip: {many:.2f} at {large['clips']:.0f}, {few:.2f} at {small['clips']:.0f}, and "
        f"{first_s:.1f} CPU-seconds to start; {large[f'{name}_s']:.0f} s by the clock"
    )
    facts = {"few_ms": few, "many_ms": many, "start_s": first_s, "wall_s": large[f"{name}_s"]}
    yield _at_most(f"{name}_growth", many / few, "ratio of costs a clip", 1.2, detail, facts)


def _resuming(took: Took) -> Iterator[Figure]:
    whole = f"{took['until_decided_s']:.1f} s from the start, photos and plans included"
    facts = {"until_decided_s": took["until_decided_s"]}
    yield _at_most("resume", took["decide_s"], "s", 10.0, f"every part committed before; {whole}", facts)
    names = {"shards": "write_shards", "gallery": "write_gallery", "questions": "write_vqa", "rest": "complete_folder"}
    steps = {f"{told}_s": took[f"{name}_s"] for told, name in names.items()}
    detail = ", ".join(f"{name} {value:.1f}" for name, value in steps.items())
    yield _at_most("driver_peak", took["peak_mb"], "MB", 1500.0, f"planned, resumed, finished; {detail}", steps)


def _manifest(took: Took) -> Figure:
    detail = f"{took['manifest_kb']:.0f} kB, {took['files']:.0f} files, {took['dataset_mb']:.0f} MB of them"
    facts = {name: took[name] for name in ("manifest_kb", "files", "dataset_mb")}
    return _at_most("manifest_load", took["load_s"], "s", 1.0, detail, facts)


def _verifying(place: Path) -> Iterator[Figure]:
    shallow, alone, two = (_run(stage, CLIPS, place) for stage in ("verify", "sample-1", "sample-2"))
    detail = f"{shallow['clips']:.0f} clips, one process, every file hashed and every row read, nothing decoded"
    yield _at_most("verify", shallow["verify_s"], "s", 120.0, detail, {"peak_mb": shallow["peak_mb"]})
    yield Figure(
        name="scale_verify_two_workers",
        value=alone["verify_s"] / two["verify_s"],
        unit="times as fast as one",
        target=1.6,
        better="higher",
        detail=f"with a sample decoded: {alone['verify_s']:.1f} s alone, {two['verify_s']:.1f} s with two processes",
    )


def _recipe(took: Took) -> Figure:
    detail = (
        f"equime plan of {took['clips']:.0f} clips: {took['size_gb']:.1f} GB, {took['least']:.0f} to "
        f"{took['most']:.0f} clips a person and emotion, {took['core_hours']:.0f} core-hours"
    )
    facts = {name: took[name] for name in ("clips", "size_gb", "room_gb", "least", "most", "core_hours", "peak_mb")}
    return _at_most("recipe", took["outlook_s"], "s", 60.0, detail, facts)


def _full_size() -> Figure:
    """Finish clips of the size that real ones have, whose bytes cost more than their rows."""
    with TemporaryDirectory(prefix="equime-bench-") as scratch:
        took: Took = {}
        for stage in ("render", "resume", "load"):
            took |= _run(stage, FULL_SIZE_CLIPS, Path(scratch, "full"), video_bytes=FULL_SIZE_BYTES)
    seconds = sum(took[f"{name}_s"] for name in ("write_shards", "write_vqa", "complete_folder"))
    detail = (
        f"{took['clips']:.0f} clips of {FULL_SIZE_BYTES / 1e3:.0f} kB from parts to shards and questions, hashed and "
        f"listed: {took['dataset_mb']:.0f} MB in {seconds:.1f} s, and {took['write_gallery_s']:.1f} s the gallery"
    )
    facts = {"mb_a_second": took["dataset_mb"] / seconds, "gallery_s": took["write_gallery_s"]}
    return _at_most("finish_full_size", 1e3 * seconds / took["clips"], "ms a clip", 60.0, detail, facts)


def _extrapolated(recipe: Took, full: Figure, plan_s: float) -> Figure:
    """Work out what nobody ran: 64 GPUs, from their makers' figures, and the parts of a run that one process does."""
    rendered_h = {
        "h100": recipe["h100_clip_s"] * CLIPS / GPUS / 3600,
        "warp": recipe["cpu_s_per_clip"] * CLIPS / (GPUS * CORES_A_MACHINE) / 3600,
    }
    alone_h = (plan_s + full.value / 1e3 * CLIPS + full.facts["gallery_s"]) / 3600
    facts = {
        "gpus": GPUS,
        "h100_hours": rendered_h["h100"],
        "warp_cores": GPUS * CORES_A_MACHINE,
        "warp_hours": rendered_h["warp"],
        "alone_hours": alone_h,
        "h100_clip_s": recipe["h100_clip_s"],
        "cores_a_gpu": recipe["h100_cores"],
    }
    detail = (
        f"predicted, not run: {CLIPS} clips on {GPUS} H100 in {rendered_h['h100']:.1f} h, on {GPUS * CORES_A_MACHINE} "
        f"cores without GPUs in {rendered_h['warp']:.1f} h; {alone_h:.1f} h of one process before and after that"
    )
    return _at_most("alone_share", alone_h / rendered_h["h100"], "of 64 GPUs' time", 1.0, detail, facts)


def _at_most(
    name: str, value: float, unit: str, target: float, detail: str, facts: Mapping[str, float] | None = None
) -> Figure:
    return Figure(
        name=f"scale_{name}", value=value, unit=unit, target=target, better="lower", detail=detail, facts=facts or {}
    )
