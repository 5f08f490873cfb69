"""In batches of which size clips came to be: smaller ones than the run's where the memory of a device ran out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import groupby
from pathlib import Path

from equime_builder.errors import DatasetError
from equime_builder.records import Plan
from equime_generation.parts import CLIPS_PER_PART, PARTS_PER_SHARD
from equime_generation.regeneration.assembly import rows_before


def batch_sizes(root: Path, shards: Collection[str], renderer: str, *, most: int) -> dict[str, int]:
    """Return the batch size of each clip whose row says a plausible one; rows that cannot be read say none.

    Args:
        renderer: Whose table in a recipe says it.
        most: What the run asked for, of which memory that runs out leaves less.
    """
    found: dict[str, int] = {}
    for shard in shards:
        with suppress(DatasetError):
            for row in rows_before(root, shard):
                settings = row["recipe"].get(renderer) if isinstance(row["recipe"], Mapping) else None
                size = settings.get("batch_size") if isinstance(settings, Mapping) else None
                if type(size) is int and 1 <= size <= most:
                    found[str(row["id"])] = size
    return found


def chunks_of(plans: Sequence[Plan], sizes: Mapping[str, int], usual: int) -> list[tuple[int, tuple[Plan, ...]]]:
    """Cut the plans of a shard into at most `PARTS_PER_SHARD` stretches of one batch size each, with that size.

    The parts of a run have one size each, so that this is always possible where nobody changed the rows; else all
    have the usual size.
    """
    found = list(_stretches(plans, sizes, usual))
    return found if len(found) <= PARTS_PER_SHARD else list(_stretches(plans, {}, usual))


def _stretches(plans: Sequence[Plan], sizes: Mapping[str, int], usual: int) -> Iterator[tuple[int, tuple[Plan, ...]]]:
    for size, group in groupby(plans, key=lambda plan: sizes.get(plan.clip_id, usual)):
        members = tuple(group)
        for start in range(0, len(members), CLIPS_PER_PART):
            yield size, members[start : start + CLIPS_PER_PART]
