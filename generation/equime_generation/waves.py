"""A part in waves: all of its clips are rendered, then those that the screen dropped once more, with other nuisance."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from equime_generation.causal import retry
from equime_generation.parts import ClipDone, Part
from equime_generation.renderers import Job
from equime_generation.renderers.ltx.faults import OutOfMemory
from equime_generation.studio import Studio, Task

if TYPE_CHECKING:
    from equime_builder.flow import FlowFrame
    from equime_builder.records import Placement, Plan, Reject
    from equime_builder.rows import Row
    from equime_generation.faces import Face
    from equime_generation.judging import Verdict

FaceOf = Callable[[str], "Face"]
"""Gives the face of a subject by its id."""


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What became of one planned clip.

    Attributes:
        row: ``None`` where no attempt passed the screen.
        dropped: Why each attempt before that failed.
        flow: True motion of the row's frames, where the run asks for it.
    """

    plan: Plan
    placement: Placement
    row: Row | None = None
    dropped: list[Reject] = field(default_factory=list)
    flow: list[FlowFrame] = field(default_factory=list)

    @property
    def done(self) -> ClipDone:
        """What a run tells of it."""
        reason = None if self.row else self.dropped[-1].reason
        return ClipDone(clip_id=self.plan.clip_id, reason=reason, attempts=len(self.dropped) + bool(self.row))


def outcomes_of(part: Part, studio: Studio, face_of: FaceOf, report: Callable[[ClipDone], None]) -> list[Outcome]:
    """Return what became of the clips of a part, in the order of its plans.

    Where the device's memory is too small for a batch, the part starts again with half of it, so that all clips of a
    part come out of batches of one size.

    Args:
        report: Told once of each clip, as soon as nothing more happens to it.

    Raises:
        EquimeError: Not even one clip fits into the device's memory.
    """
    told: set[str] = set()

    def tell_once(done: ClipDone) -> None:
        if done.clip_id not in told:
            told.add(done.clip_id)
            report(done)

    while True:
        batch_size = studio.batch_size
        outcomes = [
            Outcome(plan=plan, placement=place) for plan, place in zip(part.plans, part.placements, strict=True)
        ]
        try:
            _go_through_waves(outcomes, part, studio, face_of, batch_size, tell_once)
        except OutOfMemory:
            pass  # what the error holds must be let go before the memory can be used anew
        else:
            return outcomes
        studio.shrink(batch_size)


def _go_through_waves(
    outcomes: Sequence[Outcome],
    part: Part,
    studio: Studio,
    face_of: FaceOf,
    batch_size: int,
    report: Callable[[ClipDone], None],
) -> None:
    waiting = {outcome.plan.clip_id: outcome for outcome in outcomes}
    for attempt in range(part.config.attempts):
        tasks = list(_tasks(waiting.values(), part, face_of, attempt))
        for clip_id, verdict in studio.finished(tasks, batch_size=batch_size):
            _note(waiting[clip_id], verdict, part, studio, face_of)
            if waiting[clip_id].row or attempt == part.config.attempts - 1:
                report(waiting.pop(clip_id).done)
        if not waiting:
            return


def _tasks(waiting: Iterable[Outcome], part: Part, face_of: FaceOf, attempt: int) -> Iterator[Task]:
    for outcome in waiting:
        plan = retry(outcome.plan, seed=part.config.seed, attempt=outcome.plan.attempt + attempt)
        yield Task(job=Job(face=face_of(plan.subject_id), plan=plan), placement=outcome.placement)


def _note(outcome: Outcome, verdict: Verdict, part: Part, studio: Studio, face_of: FaceOf) -> None:
    from equime_generation.truth import flow_of

    row, faults = verdict
    if row is None:
        is_last = len(outcome.dropped) == part.config.attempts - 1
        outcome.dropped.append(replace(faults[0], final=is_last))
        return
    outcome.row = row
    if part.config.with_flow:
        outcome.flow = flow_of(row, studio.renderer, face_of(outcome.plan.subject_id))
