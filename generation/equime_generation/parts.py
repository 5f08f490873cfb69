"""Parts: the unit of work, at most 64 clips of one emotion and split, committed whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final

from equime_builder.layout import shard_path, spotting_path
from equime_builder.records import SPOTTING, Placement, Plan, SplitName
from equime_builder.schema import COLUMNS, Columns
from equime_builder.spotting import SPOTTING_COLUMNS

if TYPE_CHECKING:
    from equime_generation.config import RunConfig

CLIPS_PER_PART: Final = 64
PARTS_PER_SHARD: Final = 8
"""512 clips, about 130 MB at the default profile; a small build's shard is one part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipDone:
    """What became of one clip.

    Attributes:
        reason: ``None`` = kept, else why the last attempt was dropped.
        attempts: Attempts made.
        resumed: Whether the clip was found done by an earlier run.
    """

    clip_id: str
    reason: str | None
    attempts: int
    resumed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Clips that are rendered and committed together.

    Attributes:
        emotion: Or `equime_builder.records.SPOTTING`, where the clips hold several events.
        number: Place among the parts of its emotion and split.
    """

    config: RunConfig
    emotion: str
    split: SplitName
    number: int
    plans: tuple[Plan, ...]
    placements: tuple[Placement, ...]

    @property
    def name(self) -> str:
        """File name without ending."""
        return f"{self.emotion}-{self.split}-{self.number:05d}"

    @property
    def shard(self) -> str:
        """Path of the shard that it becomes a stretch of, relative to the dataset folder."""
        number = self.number // PARTS_PER_SHARD
        if self.emotion == SPOTTING:
            return spotting_path(self.split, number)
        return shard_path(self.emotion, self.split, number)

    @property
    def columns(self) -> Columns:
        """Columns of its rows."""
        return SPOTTING_COLUMNS if self.emotion == SPOTTING else COLUMNS


def cut_into_parts(
    plans: Sequence[Plan],
    placements: Mapping[str, Placement],
    config: RunConfig,
    first_shards: Mapping[tuple[str, str], int] | None = None,
) -> Iterator[Part]:
    """Yield the parts of a run, in an order that depends on the plans alone.

    Args:
        first_shards: Number of the first shard of an emotion and split, where that is not 0.
    """

    def place(plan: Plan) -> tuple[str, SplitName]:
        return plan.emotion, placements[plan.subject_id].split

    ordered = sorted(plans, key=lambda plan: (*place(plan), plan.clip_id.removeprefix(plan.subject_id), plan.clip_id))
    for (emotion, split), group in groupby(ordered, key=place):
        members = tuple(group)
        first = PARTS_PER_SHARD * (first_shards or {}).get((emotion, split), 0)
        for number, start in enumerate(range(0, len(members), CLIPS_PER_PART)):
            chosen = members[start : start + CLIPS_PER_PART]
            yield Part(
                config=config,
                emotion=emotion,
                split=split,
                number=first + number,
                plans=chosen,
                placements=tuple(placements[plan.subject_id] for plan in chosen),
            )
