"""Chosen clips rendered into a workspace of their own, by the same parts and engines as a whole run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from equime_builder.layout import place_of, spotting_split_of
from equime_builder.reading import read_rows
from equime_builder.records import SPOTTING, Placement, Plan, Reject
from equime_builder.rows import Row
from equime_generation.parts import PARTS_PER_SHARD, Part
from equime_generation.regeneration.batches import batch_sizes, chunks_of
from equime_generation.renderers import prepare
from equime_generation.run import settle, work_off
from equime_generation.workspace import Workspace

if TYPE_CHECKING:
    from equime_builder.flow import FlowFrame
    from equime_generation.config import RunConfig
    from equime_generation.progress import Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """Clips of one shard that were rendered again.

    Attributes:
        parts: Hold them, in the order of the shard's rows.
        workspace: Where they lie.
    """

    parts: tuple[Part, ...]
    workspace: Workspace

    def rows(self) -> Iterator[Row]:
        """Yield the rows, in order."""
        for part in self.parts:
            yield from read_rows(self.workspace.part_path(part), part.columns)

    def flow(self) -> Iterator[FlowFrame]:
        """Yield the true motion of the rows, in order."""
        from equime_builder.flow import read_frames

        for part in self.parts:
            yield from read_frames(self.workspace.flow_path(part))

    def dropped(self) -> dict[str, Reject]:
        """Return the clips that the screen refused, by id."""
        return {reject.id: reject for part in self.parts for reject in self.workspace.rejects_of(part)}


def render_again(
    root: Path,
    config: RunConfig,
    plans: Mapping[str, Sequence[Plan]],
    placements: Mapping[str, Placement],
    watch: Watch,
) -> dict[str, Rendered]:
    """Render plans as they stand, each once, and return them by shard; what an earlier call finished is kept.

    Clips of a model that computes several at a time come from batches of the size that they came from before, as far
    as ``root`` says it, for that decides their last bits. Each size has workers of its own, one after the other, so
    that no device holds two models.

    Args:
        root: The folder that holds the clips, or their labels.
        config: Its ``out`` is the workspace, where the faces lie already.
        plans: By shard, in the order of its rows.

    Raises:
        EquimeError: The renderer cannot work here.
    """
    config = settle(config, watch.stage)
    usual = config.settings.batch_size if config.settings else 0
    sizes = batch_sizes(root, plans, config.renderer, most=usual) if usual else {}
    workspace = Workspace(Path(config.out))
    made = {
        shard: Rendered(parts=tuple(_parts(shard, own, placements, config, sizes)), workspace=workspace)
        for shard, own in plans.items()
    }
    parts = [part for rendered in made.values() for part in rendered.parts]
    prepare(config.renderer, config.settings, (plan for part in parts for plan in part.plans))
    for _, group in groupby(sorted(parts, key=_size_of), key=_size_of):
        work_off(list(group), config, watch)
    return made


def _size_of(part: Part) -> int:
    return part.config.settings.batch_size if part.config.settings else 0


def _parts(
    shard: str,
    plans: Sequence[Plan],
    placements: Mapping[str, Placement],
    config: RunConfig,
    sizes: Mapping[str, int],
) -> Iterator[Part]:
    emotion, _ = place_of(shard) or (SPOTTING, spotting_split_of(shard))
    first = PARTS_PER_SHARD * int(Path(shard).stem.rpartition("-")[2])
    usual = config.settings.batch_size if config.settings else 0
    for number, (size, chosen) in enumerate(chunks_of(plans, sizes, usual)):
        own = replace(config, ltx=replace(config.settings, batch_size=size)) if config.settings else config
        yield Part(
            config=own,
            emotion=emotion,
            split=placements[chosen[0].subject_id].split,
            number=first + number,
            plans=chosen,
            placements=tuple(placements[plan.subject_id] for plan in chosen),
        )
