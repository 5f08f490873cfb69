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
CAMPAIGN_CLIPS = 100_000
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
            for clips in (CLIPS // 100, CLIPS // 10, CLIPS)
        )
        yield from _planning(large["plan"])
        yield from _linear("schedule", *(took["render"] for took in (start, small, large)))
        yield from _linear("finish", *(took["resume"] for took in (start, small, large)))
        yield from _resuming(large["resume"])
        yield _manifest(large["load"])
        yield from _verifying(Path(scratch, str(CLIPS)))
    recipe, full = _recipe(_run("outlook", RECIPE_CLIPS, Path("unused"))), _full_size()
    yield from (recipe, full, _alone(recipe, full, large["plan"]))


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
    """Compare what a further clip costs in processor time, in which other work on the machine does not count."""
    few, many = (
        1e3 * (after[f"{name}_cpu_s"] - before[f"{name}_cpu_s"]) / (after["clips"] - before["clips"])
        for before, after in ((start, small), (small, large))
    )
    detail = (
        f"CPU-milliseconds for a further clip: {many:.2f} up to {large['clips']:.0f}, {few:.2f} up to "
        f"{small['clips']:.0f}; {large[f'{name}_s']:.0f} s by the clock"
    )
    facts = {"few_ms": few, "many_ms": many, "wall_s": large[f"{name}_s"]}
    yield _at_most(f"{name}_growth", many / few, "ratio of costs a further clip", 1.2, detail, facts)


def _resuming(took: Took) -> Iterator[Figure]:
    whole = f"{took['until_decided_s']:.1f} s from the start, photos and plans included"
    facts = {"until_decided_s": took["until_decided_s"], "cpu_s": took["decide_cpu_s"]}
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
    yield _at_most("verify", shallow["verify_s"], "s", 120.0, detail, {"cpu_s": shallow["verify_cpu_s"]})
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
    names = ("clips", "size_gb", "room_gb", "least", "most", "core_hours", "peak_mb", "h100_clip_s", "h100_cores")
    facts = {name: took[name] for name in names} | {"plan_cpu_s": took["outlook_cpu_s"], **_on_many(took)}
    return _at_most("recipe", took["outlook_s"], "s", 60.0, detail, facts)


def _on_many(recipe: Took) -> Took:
    """Work out what nobody ran: a campaign on 64 GPUs, by their makers' figures, and on as many machines without."""
    cores = GPUS * CORES_A_MACHINE
    return {
        "gpus": GPUS,
        "h100_hours": recipe["h100_clip_s"] * CAMPAIGN_CLIPS / GPUS / 3600,
        "warp_cores": cores,
        "warp_hours": recipe["cpu_s_per_clip"] * CAMPAIGN_CLIPS / cores / 3600,
    }


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


def _alone(recipe: Figure, full: Figure, plan: Took) -> Figure:
    """Work out how long one process plans and finishes a campaign, which further machines do not shorten."""
    planned_s = plan["plan_s"] / plan["clips"] * CAMPAIGN_CLIPS
    alone_h = (planned_s + full.value / 1e3 * CAMPAIGN_CLIPS + full.facts["gallery_s"]) / 3600
    detail = (
        f"predicted, not run: {CAMPAIGN_CLIPS} clips on {GPUS} H100 in {recipe.facts['h100_hours']:.2f} h, on "
        f"{recipe.facts['warp_cores']:.0f} cores without GPUs in {recipe.facts['warp_hours']:.2f} h; "
        f"{alone_h:.2f} h of one process before and after that"
    )
    value = alone_h / recipe.facts["h100_hours"]
    return _at_most("alone_share", value, "of 64 GPUs' time", 1.0, detail, {"alone_hours": alone_h})


def _at_most(
    name: str, value: float, unit: str, target: float, detail: str, facts: Mapping[str, float] | None = None
) -> Figure:
    return Figure(
        name=f"scale_{name}", value=value, unit=unit, target=target, better="lower", detail=detail, facts=facts or {}
    )
