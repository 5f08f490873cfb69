"""README's walk to a trained baseline: what its commands cost, and what the baseline reaches.

The commands are read from README.md, so that what is measured is what stands there. Nothing is installed.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.figures import Figure

README = Path(__file__).parents[1] / "README.md"
MOST_RENDER_S = 300.0
MOST_PHOTO_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a command printed for programs, and what it took: wall and CPU time, start of processes included."""

    report: dict[str, Any]
    wall_s: float
    cpu_s: float


def figures() -> Iterator[Figure]:
    """Look at photos, then render and train as README says."""
    yield _photo()
    with TemporaryDirectory() as scratch:
        rendered, trained = (_run(words, Path(scratch)) for words in commands())
    clips = sum(rendered.report["clips"].values())
    yield Figure(
        name="walk_render",
        value=rendered.wall_s,
        unit="s",
        target=MOST_RENDER_S,
        better="lower",
        detail=f"{clips} clips on {os.cpu_count()} cores, photos and gallery included",
        facts={"clips": clips, "cores": os.cpu_count() or 1, "clip_cpu_s": rendered.cpu_s / clips},
    )
    yield _uf1(trained)


def commands() -> list[list[str]]:
    """Return the words after `equime` of README's commands that render and train."""
    found = re.findall(r"^\$ equime ((?:render|train) [^#\n]*)", section(), flags=re.M)
    return [shlex.split(line) for line in found]


def section() -> str:
    """Return README's section about the walk."""
    text = README.read_text(encoding="utf-8")
    return text.partition("## Five commands")[2].partition("\n## ")[0]


def _run(words: list[str], folder: Path) -> Told:
    line = [sys.executable, "-m", "equime_generation.cli", *words, "--json"]
    own = {"HOME": str(folder), "USERPROFILE": str(folder)}  # where decoded clips are kept, which costs time once
    start_s, start_cpu_s = time.perf_counter(), _children_cpu_s()
    done = subprocess.run(line, cwd=folder, env={**os.environ, **own}, check=True, capture_output=True, text=True)
    wall_s, cpu_s = time.perf_counter() - start_s, _children_cpu_s() - start_cpu_s
    return Told(report=json.loads(done.stdout), wall_s=wall_s, cpu_s=cpu_s)


def _children_cpu_s() -> float:
    times = os.times()
    return times.children_user + times.children_system


def _uf1(trained: Told) -> Figure:
    (test,) = trained.report["tests"]
    chance, (low, high) = test["chance"], test["recognition"]["uf1_interval"]
    return Figure(
        name="walk_uf1",
        value=test["recognition"]["uf1"],
        unit="UF1",
        target=chance["high"],
        better="higher",
        detail=f"{test['clips']} clips of {test['people']} people, {trained.wall_s:.0f} s; chance up to "
        f"{chance['high']:.3f}",
        low=low,
        high=high,
        facts={
            "clips": test["clips"],
            "people": test["people"],
            "chance": chance["uf1"],
            "chance_low": chance["low"],
            "chance_high": chance["high"],
            "train_s": trained.wall_s,
            "train_cpu_s": trained.cpu_s,
        },
    )


def _photo() -> Figure:
    """The gate on the ten default photos, its model loaded."""
    from equime_generation.gate import admit
    from equime_generation.landmarks import FaceFinder
    from equime_generation.sources import open_source

    with FaceFinder() as finder:
        start_s = time.process_time()
        photos = len(list(admit(open_source(), finder)))
        photo_s = (time.process_time() - start_s) / photos
    return Figure(
        name="walk_photo",
        value=photo_s,
        unit="CPU s",
        target=MOST_PHOTO_S,
        better="lower",
        detail=f"looking at one of {photos} photos",
        facts={"photos": photos},
    )
