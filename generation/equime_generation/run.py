"""The straight line: photo -> subject -> plan -> clip -> measured -> screened -> row -> shard -> dataset folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from equime_builder.errors import UsageError
from equime_builder.records import SPOTTING, Placement, Plan, Reject, Subject
from equime_builder.splits import assign
from equime_generation.causal import plan_clips
from equime_generation.claim import claim, pin_photos
from equime_generation.parts import ClipDone, Part, cut_into_parts
from equime_generation.quotas import deal
from equime_generation.renderers import RENDERERS, prepare, settled
from equime_generation.studio import studio_of
from equime_generation.subjects import admit_subjects
from equime_generation.waves import outcomes_of
from equime_generation.workspace import Workspace

if TYPE_CHECKING:
    from equime_generation.config import RunConfig
    from equime_generation.progress import Summary, Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """What a run is going to make.

    Attributes:
        parts: In an order that depends on the plans alone.
        refused: Photos that do not take part.
    """

    subjects: Sequence[Subject]
    placements: Mapping[str, Placement]
    refused: Sequence[Reject]
    parts: tuple[Part, ...] = ()


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
    from equime_generation.finish import finish, summary_of

    if config.shard:
        raise UsageError(f"shard {config.shard} is one job's share of a run, which render_share renders")
    config = settle(config, watch.stage)
    with claim(config) as workspace:
        drawn = draw(config, workspace, watch)
        if workspace.is_finished:
            return summary_of(workspace, already_whole=True)
        work_off(drawn.parts, config, watch)
        watch.stage("writing shards, tables, card and gallery")
        return finish(workspace, config, drawn)


def draw(config: RunConfig, workspace: Workspace, watch: Watch) -> Drawn:
    """Return what a run is going to make; nothing any more where the dataset is whole.

    Raises:
        UsageError: The source cannot be used, or its photos are not those that the run was begun with.
        PhotoError: No photo passed the gate.
        OutputError: The faces cannot be written.
    """
    from equime_generation.crew import crew_of

    watch.stage(f"admitting photos of {config.faces}")
    keep = None if workspace.is_finished else workspace.keep_face
    subjects, refused = admit_subjects(config, watch, keep=keep)
    pin_photos(workspace, subjects)
    placements = assign(subjects)
    drawn = Drawn(subjects=subjects, placements=placements, refused=refused)
    if workspace.is_finished:
        return drawn
    plans = draw_plans(config, subjects)
    prepare(config.renderer, config.settings, plans)
    own = replace(config, workers=crew_of(config).workers)
    return replace(drawn, parts=tuple(cut_into_parts(plans, placements, own)))


def work_off(parts: Sequence[Part], config: RunConfig, watch: Watch) -> None:
    """Render and commit parts by the engine of a run; those that are there already are told, and handed to nobody.

    A part counts as there where a file has its name: that was given to it when it was whole and on the disk. Nothing is
    read of it until it is joined to others, so that a run of any size goes on within seconds.

    Args:
        config: Of the parts.

    Raises:
        EquimeError: The engine gives up, or a part cannot be rendered or committed.
    """
    from equime_generation.crew import crew_of
    from equime_generation.engines import load_engine

    watch.planned(sum(len(part.plans) for part in parts))
    there = Workspace.at(config.out).committed(parts)
    for part in there:
        _tell_resumed(part, watch.clip_done)
    names = {part.name for part in there}
    missing = [part for part in parts if part.name not in names]
    engine = load_engine(config.engine)
    engine(missing, render_part, crew=crew_of(config), report=watch.clip_done, tell=watch.stage)


def _tell_resumed(part: Part, report: Callable[[ClipDone], None]) -> None:
    for plan in part.plans:
        report(ClipDone(clip_id=plan.clip_id, reason=None, attempts=0, resumed=True))


def settle(config: RunConfig, tell: Callable[[str], None]) -> RunConfig:
    """Return a configuration whose renderer has nothing open any more that decides pixels.

    Args:
        tell: Told what was asked for and cannot be had here, one sentence each.

    Raises:
        MissingExtraError: The renderer's packages are not installed.
        EquimeError: The renderer's settings cannot be met on this machine.
    """
    kind = RENDERERS[config.renderer]
    changes: dict[str, Any] = {}
    if kind.settings:
        changes[kind.settings] = settled(config.renderer, config.settings, tell)
    return replace(config, **changes)


def draw_plans(config: RunConfig, subjects: Sequence[Subject]) -> list[Plan]:
    """Return the plans of a run: quotas say who, the causal model says what."""
    deal_to = partial(deal, subjects, balance=config.balance, seed=config.seed)
    turns = deal_to(emotions=config.emotions, clips_per_emotion=config.clips_per_emotion)
    turns |= deal_to(emotions=[SPOTTING], clips_per_emotion=config.spotting_clips)
    return list(plan_clips(turns, design=config.design, seed=config.seed))


def render_part(part: Part, report: Callable[[ClipDone], None]) -> None:
    """Render the clips of one part and commit them together; a part that is there already is left alone."""
    workspace = Workspace.at(part.config.out)
    if workspace.has_part(part):
        _tell_resumed(part, report)
        return
    outcomes = outcomes_of(part, studio_of(part.config), cache(workspace.face), report)
    workspace.commit_part(
        part,
        rows=[outcome.row for outcome in outcomes if outcome.row],
        rejects=[reject for outcome in outcomes for reject in outcome.dropped],
        flow=[frame for outcome in outcomes for frame in outcome.flow],
    )
