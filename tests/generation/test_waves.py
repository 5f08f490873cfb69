"""A part in waves: dropped clips are tried again with other chance, and memory that runs out halves the batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from equime_builder.errors import EquimeError
from equime_builder.records import Placement, Reject
from equime_generation.causal import plan_clips
from equime_generation.config import RunConfig
from equime_generation.parts import ClipDone, Part, cut_into_parts
from equime_generation.renderers.ltx.faults import OutOfMemory
from equime_generation.waves import Outcome, outcomes_of

if TYPE_CHECKING:
    from equime_generation.judging import Verdict
    from equime_generation.studio import Task

Judge = Callable[["Task"], bool]


class FakeStudio:
    """Keeps what ``judge`` lets pass; has memory for ``fits`` clips at a time."""

    renderer = None

    def __init__(self, judge: Judge, *, batch_size: int = 4, fits: int = 4) -> None:
        self.batch_size = batch_size
        self.tasks: list[Task] = []
        self._judge = judge
        self._fits = fits

    def finished(self, tasks: Sequence[Task], *, batch_size: int) -> Iterator[tuple[str, Verdict]]:
        assert batch_size == self.batch_size
        for number, task in enumerate(tasks):
            if batch_size > self._fits and number == 1:
                raise OutOfMemory(batch_size, "by a test")
            self.tasks.append(task)
            yield task.job.plan.clip_id, self._verdict(task)

    def _verdict(self, task: Task) -> Verdict:
        plan = task.job.plan
        if self._judge(task):
            return {"id": plan.clip_id, "attempt": plan.attempt, "batch_size": self.batch_size}, ()
        fault = Reject(
            kind="clip", id=plan.clip_id, reason="no_peak", detail="by a test", subject_id=plan.subject_id,
            emotion=plan.emotion, attempt=plan.attempt,
        )  # fmt: skip
        return None, (fault,)

    def shrink(self, batch_size: int) -> None:
        if batch_size == 1:
            raise EquimeError("not even one clip")
        self.batch_size //= 2


def part(clips: int = 4) -> Part:
    plans = list(plan_clips({"fear": ["ann"] * clips}, design="independent", seed=0))
    places = {"ann": Placement(split="train", fold=0)}
    (found,) = cut_into_parts(plans, places, RunConfig(out=str(Path("x")), attempts=3))
    return found


def run(studio: FakeStudio, own: Part) -> tuple[list[Outcome], list[ClipDone]]:
    done: list[ClipDone] = []
    face_of: Any = lambda who: who  # noqa: E731
    return outcomes_of(own, studio, face_of, done.append), done  # type: ignore[arg-type]


def test_what_is_dropped_is_tried_again_with_other_chance_and_the_same_expression() -> None:
    studio = FakeStudio(lambda task: task.job.plan.attempt == 1 or task.job.plan.clip_id.endswith("000"))
    outcomes, done = run(studio, part())
    assert [outcome.plan.clip_id for outcome in outcomes] == [plan.clip_id for plan in part().plans]
    assert [outcome.row and outcome.row["attempt"] for outcome in outcomes] == [0, 1, 1, 1]
    assert {item.attempts for item in done if not item.clip_id.endswith("000")} == {2}
    first, second = (task.job.plan for task in studio.tasks if task.job.plan.clip_id.endswith("001"))
    assert first.aus == second.aus
    assert first.nuisance.key != second.nuisance.key
    assert first.seed != second.seed
    assert [(fault.attempt, fault.final) for fault in outcomes[1].dropped] == [(0, False)]


def test_the_last_attempt_is_final() -> None:
    outcomes, done = run(FakeStudio(lambda task: False), part(1))
    assert [(fault.attempt, fault.final) for fault in outcomes[0].dropped] == [(0, False), (1, False), (2, True)]
    assert [(item.reason, item.attempts) for item in done] == [("no_peak", 3)]


def test_a_part_starts_again_with_half_the_batch() -> None:
    outcomes, done = run(FakeStudio(lambda task: True, batch_size=8, fits=2), part())
    assert {outcome.row["batch_size"] for outcome in outcomes if outcome.row} == {2}
    assert sorted(item.clip_id for item in done) == sorted(plan.clip_id for plan in part().plans)


def test_where_not_even_one_clip_fits_the_run_ends() -> None:
    with pytest.raises(EquimeError, match="not even one clip"):
        run(FakeStudio(lambda task: True, batch_size=1, fits=0), part())


def test_a_clip_is_told_once_though_its_part_started_again() -> None:
    studio = FakeStudio(lambda task: True, batch_size=2, fits=1)
    _, done = run(studio, replace(part()))
    assert len(done) == len({item.clip_id for item in done}) == 4
