"""What a second worker brings on two cores, with the local engine and with Ray; encoders keep to one thread in both."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.figures import Figure

if TYPE_CHECKING:
    from equime_builder.records import Subject
    from equime_generation.parts import Part

PEOPLE = 2
PARTS = 4
CLIPS_PER_PART = 4


def figures() -> Iterator[Figure]:
    """Render the same four parts by one worker and by two, engine by engine, each worker warm before the clock runs."""
    for engine in ("local", "ray"):
        one_s, two_s = _times_s(engine)
        yield Figure(
            name=f"{engine}_two_workers_over_one",
            value=one_s / two_s,
            unit="ratio",
            target=1.7,
            better="higher",
            detail=f"{PARTS * CLIPS_PER_PART} clips in {one_s:.1f} s by one worker, in {two_s:.1f} s by two",
        )


def _times_s(engine: str) -> tuple[float, float]:
    from equime_generation.config import RunConfig
    from equime_generation.engines.ray_cluster import cluster
    from equime_generation.progress import Tally
    from equime_generation.subjects import admit_subjects
    from equime_generation.workspace import Workspace

    with tempfile.TemporaryDirectory() as folder, cluster("", workers=2) if engine == "ray" else nullcontext():
        times_s = []
        for workers in (1, 2):
            config = RunConfig(out=str(Path(folder, str(workers))), engine=engine, workers=workers)
            place = Workspace.at(config.out)
            (place.folder / "faces").mkdir(parents=True)
            people, _ = admit_subjects(config, Tally(), keep=place.keep_face)
            times_s.append(_work_s(_parts(config, people[:PEOPLE]), workers))
    return times_s[0], times_s[1]


def _parts(config: Any, people: list[Subject]) -> list[Part]:
    from equime_builder.records import Placement
    from equime_generation.causal import plan_clips
    from equime_generation.parts import Part

    turns = {"fear": [people[number % PEOPLE].id for number in range(PARTS * CLIPS_PER_PART)]}
    plans = list(plan_clips(turns, design="independent", seed=0))
    place = Placement(split="train", fold=0)
    return [
        Part(
            config=config,
            emotion="fear",
            split="train",
            number=number,
            plans=tuple(plans[number::PARTS]),
            placements=(place,) * CLIPS_PER_PART,
        )
        for number in range(PARTS)
    ]


def _work_s(parts: list[Part], workers: int) -> float:
    """Return the time from the first clip that is done to the end, in which every worker is at work.

    Workers begin together; what they load before their first clip is not what a campaign waits for.
    """
    from equime_generation.engines import Crew, load_engine
    from equime_generation.run import render_part

    clips_s: list[float] = []
    engine = parts[0].config.engine
    load_engine(engine)(
        parts,
        render_part,
        crew=Crew(workers=workers, address="auto" if engine == "ray" else ""),  # the cluster that runs already
        report=lambda _: clips_s.append(time.monotonic()),
        tell=print,
    )
    begun_s = clips_s[workers - 1]
    return (clips_s[-1] - begun_s) * len(clips_s) / (len(clips_s) - workers)
