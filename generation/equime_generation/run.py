"""The straight line: photo -> subject -> plan -> clip -> measured -> screened -> row -> shard -> dataset folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache, partial
from typing import TYPE_CHECKING

from equime_builder.flow import FlowFrame
from equime_builder.records import SPOTTING, Placement, Plan, Reject, Subject
from equime_builder.rows import Row
from equime_builder.splits import assign
from equime_generation.causal import plan_clips, retry
from equime_generation.claim import claim, pin_photos
from equime_generation.parts import ClipDone, Part, cut_into_parts
from equime_generation.quotas import deal
from equime_generation.subjects import admit_subjects
from equime_generation.workspace import Workspace

if TYPE_CHECKING:
    from equime_generation.config import RunConfig
    from equime_generation.faces import Face
    from equime_generation.progress import Summary, Watch
    from equime_generation.renderers import Clip, Renderer


def render_dataset(config: RunConfig, watch: Watch) -> Summary:
    """Make the dataset that a configuration describes, and go on where a killed run stopped.

    Args:
        config: What to render and where.
        watch: Told what happens.

    Raises:
        UsageError: The folder or the source cannot be used so.
        PhotoError: No photo passed the gate.
        OutputError: The folder cannot be written.
    """
    from equime_generation.engines import Crew, load_engine
    from equime_generation.finish import finish, summary_of

    with claim(config) as workspace:
        watch.stage(f"admitting photos of {config.faces}")
        keep = None if workspace.is_finished else workspace.keep_face
        subjects, refused = admit_subjects(config, watch, keep=keep)
        pin_photos(workspace, subjects)
        if workspace.is_finished:
            return summary_of(workspace.out, already_whole=True)
        placements = assign(subjects)
        plans = draw_plans(config, subjects)
        parts = list(cut_into_parts(plans, placements, config))
        watch.planned(len(plans))
        load_engine(config.engine)(parts, render_part, crew=Crew(workers=config.workers), report=watch.clip_done)
        watch.stage("writing shards, tables, card and gallery")
        return finish(workspace, config, subjects=subjects, placements=placements, parts=parts, refused=refused)


def draw_plans(config: RunConfig, subjects: Sequence[Subject]) -> list[Plan]:
    """Return the plans of a run: quotas say who, the causal model says what."""
    deal_to = partial(deal, subjects, balance=config.balance, seed=config.seed)
    turns = deal_to(emotions=config.emotions, clips_per_emotion=config.clips_per_emotion)
    turns |= deal_to(emotions=[SPOTTING], clips_per_emotion=config.spotting_clips)
    return list(plan_clips(turns, design=config.design, seed=config.seed))


def render_part(part: Part, report: Callable[[ClipDone], None]) -> None:
    """Render the clips of one part and commit them together; a part that is there already is left alone."""
    from equime_generation.truth import flow_of

    workspace = Workspace.at(part.config.out)
    if workspace.has_part(part):
        for plan in part.plans:
            report(ClipDone(clip_id=plan.clip_id, reason=None, attempts=0, resumed=True))
        return
    rows: list[Row] = []
    rejects: list[Reject] = []
    flow: list[FlowFrame] = []
    for plan, placement in zip(part.plans, part.placements, strict=True):
        face = workspace.face(plan.subject_id)
        row, dropped = render_row(face, plan, placement, part.config)
        rows += [row] if row else []
        if row and part.config.with_flow:
            flow += flow_of(row, _renderer(part.config.renderer), face)
        rejects += dropped
        reason = None if row else dropped[-1].reason
        report(ClipDone(clip_id=plan.clip_id, reason=reason, attempts=len(dropped) + bool(row)))
    workspace.commit_part(part, rows, rejects, flow)


def render_row(face: Face, plan: Plan, placement: Placement, config: RunConfig) -> tuple[Row | None, list[Reject]]:
    """Turn a face and a plan into a row; each attempt that the screen drops is followed by one with new nuisance.

    Returns:
        The row, or ``None`` if no attempt passed; and why each failed attempt was dropped.
    """
    from equime_generation.encode import encode
    from equime_generation.judging import judge

    dropped: list[Reject] = []
    for attempt in range(config.attempts):
        clip = _render(face, retry(plan, seed=config.seed, attempt=attempt), config.renderer)
        media = encode(clip.frames, profile=config.profile)
        row, faults = judge(clip, media, face=face, placement=placement, config=config)
        if row:
            return row, dropped
        dropped.append(replace(faults[0], final=attempt == config.attempts - 1))
    return None, dropped


def _render(face: Face, plan: Plan, renderer: str) -> Clip:
    from equime_generation.renderers import Job

    return next(iter(_renderer(renderer).render([Job(face=face, plan=plan)])))


@cache
def _renderer(name: str) -> Renderer:
    """Keep one renderer a process, with what it has worked out about the faces."""
    from equime_generation.renderers import load_renderer

    return load_renderer(name)
