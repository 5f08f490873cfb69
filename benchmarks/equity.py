"""Whether plans are free of demographics, and what an interval over few people is worth; nothing is rendered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from benchmarks.figures import Figure

if TYPE_CHECKING:
    from equime_builder.records import Subject
    from equime_evaluation.equity.audit import Audit

CLIPS_PER_EMOTION = 100
SEEDS = 5
WOMEN, MEN = 7, 3
WORLDS = 1000


def figures() -> Iterator[Figure]:
    """Audit plans of 600 clips over the ten default people, and intervals of people drawn from a normal world."""
    crossed = [value for seed in range(SEEDS) for value in _strengths(_audit("crossed", seed))]
    yield Figure(
        name="crossed_association",
        value=max(crossed),
        unit="Cramer's V or eta squared",
        target=0.0,
        better="lower",
        detail=f"largest of {len(crossed)} strengths of planned properties with demographics, {SEEDS} builds of 600",
        facts={"strengths": len(crossed), "builds": SEEDS},
    )
    corrected = [
        item.p_holm or 0.0
        for seed in range(SEEDS)
        for item in _audit("independent", seed).planned
        if item.p_holm is not None
    ]
    yield Figure(
        name="random_build_least_p",
        value=min(corrected),
        unit="p, Holm",
        target=0.05,
        better="higher",
        detail=f"least of {len(corrected)} corrected p-values, {SEEDS} builds of 600",
        facts={"tests": len(corrected)},
    )
    yield Figure(
        name="gap_interval_coverage",
        value=_coverage(),
        unit="share",
        target=0.8,
        better="higher",
        detail=f"95 % intervals of {WOMEN} against {MEN} normal people that hold the true gap, of {WORLDS}",
        facts={"worlds": WORLDS},
    )


def _people() -> list[Subject]:
    from equime_builder.records import Subject
    from equime_generation.sources import open_source

    return [
        Subject(
            id=photo.name.lower(),
            demographics=photo.demographics,
            source=photo.source,
            source_sha256="0" * 64,
            source_license=photo.license,
        )
        for photo in open_source("openpeople")
    ]


def _audit(design: str, seed: int) -> Audit:
    from equime_builder.facs import EMOTIONS
    from equime_evaluation.equity.audit import Repeats, audit_of
    from equime_evaluation.equity.facts import facts_of_plan
    from equime_evaluation.equity.reading import Material
    from equime_generation.causal import plan_clips
    from equime_generation.quotas import deal

    people = _people()
    turns = deal(people, emotions=EMOTIONS, clips_per_emotion=CLIPS_PER_EMOTION, balance="people", seed=seed)
    facts = [facts_of_plan(plan) for plan in plan_clips(turns, design=design, seed=seed)]
    subjects = {subject.id: subject for subject in people}
    return audit_of(Material(subjects=subjects, planned=facts, accepted=[], reasons={}), Repeats())


def _strengths(audit: Audit) -> list[float]:
    return [item.strengths[0].value for item in audit.planned if item.strengths[0].value is not None]


def _coverage() -> float:
    import numpy as np

    from equime_builder.streams import stream
    from equime_evaluation.equity.gaps import paired
    from equime_evaluation.equity.resampling import interval, people_drawn

    labels = ["female"] * WOMEN + ["male"] * MEN
    sides = np.array([[label == name for label in labels] for name in ("female", "male")])
    weights = people_drawn(labels, resamples=1000, key="benchmark")
    held = 0
    for world in range(WORLDS):
        values = stream("benchmark/coverage", world).normal(size=(1, len(labels)))
        low, high = interval(paired(values, sides, weights)[0]) or (0.0, 0.0)
        held += low <= 0 <= high
    return held / WORLDS
