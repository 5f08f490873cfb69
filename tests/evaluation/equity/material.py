"""Clips that were never rendered: plans of the causal model with made-up measurements."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from equime_builder.records import Plan, Subject
from equime_evaluation.equity.facts import facts_of_plan
from equime_evaluation.equity.reading import Material
from equime_generation.causal import plan_clips
from equime_generation.quotas import deal
from tests.samples import person

EMOTIONS = ("happiness", "sadness", "surprise", "fear", "anger", "neutral")
# Gender and Fitzpatrick type of the ten default people.
TEN = (
    ("female", "II"), ("female", "II"), ("female", "III"), ("female", "V"), ("male", "III"),
    ("female", "II"), ("male", "V"), ("male", "IV"), ("female", "IV"), ("female", "II"),
)  # fmt: skip
AGES = ("35-45", "35-45", "25-35", "25-35", "55-65", "35-45", "25-35", "35-45", "18-25", "25-35")


def ten_people() -> list[Subject]:
    people = [person(number, gender=gender, skin_tone=tone) for number, (gender, tone) in enumerate(TEN)]
    return [
        replace(subject, demographics=replace(subject.demographics, age_group=age))
        for subject, age in zip(people, AGES, strict=True)
    ]


def plans_of(people: list[Subject], *, design: str, clips_per_emotion: int = 100, seed: int = 0) -> list[Plan]:
    turns = deal(people, emotions=EMOTIONS, clips_per_emotion=clips_per_emotion, balance="people", seed=seed)
    return list(plan_clips(turns, design=design, seed=seed))


def material_of(
    people: list[Subject],
    plans: list[Plan],
    *,
    numbers: Callable[[Plan], dict[str, float]] = lambda plan: {},
    dropped: Callable[[Plan], list[str]] = lambda plan: [],
    kept: Callable[[Plan], bool] = lambda plan: True,
) -> Material:
    """Return plans as if they had been rendered, measured and screened."""
    accepted = [replace(facts_of_plan(plan), numbers=numbers(plan)) for plan in plans if kept(plan)]
    return Material(
        subjects={subject.id: subject for subject in people},
        planned=[facts_of_plan(plan) for plan in plans],
        accepted=accepted,
        reasons={plan.clip_id: dropped(plan) for plan in plans if dropped(plan)},
    )
