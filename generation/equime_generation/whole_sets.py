"""A crossed build keeps whole sets: where one person's clip was dropped, the same programme leaves the others, too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from equime_builder.records import INCOMPLETE_SET, Reject

if TYPE_CHECKING:
    from equime_builder.records import Plan


def left_out(plans: Sequence[Plan], rejects: Sequence[Reject]) -> Iterator[Reject]:
    """Yield the clips that passed the screen and are left out, since another person's clip of their set did not.

    Kept, they would tie a programme to the people who passed: association over accepted clips would not be 0.

    Args:
        plans: Of a crossed build.
        rejects: What its parts dropped.
    """
    failed = {reject.id: reject.attempt for reject in rejects if reject.kind == "clip"}
    given_up = {reject.id for reject in rejects if reject.kind == "clip" and reject.final}
    first: dict[str, str] = {}
    for plan in plans:
        if plan.clip_id in given_up:
            first.setdefault(plan.plan_id, plan.clip_id)
    for plan in plans:
        if plan.plan_id in first and plan.clip_id not in given_up:
            yield Reject(
                kind="clip",
                id=plan.clip_id,
                reason=INCOMPLETE_SET,
                detail=f"{INCOMPLETE_SET}: {first[plan.plan_id]} of the same programme was dropped; sets stay whole",
                subject_id=plan.subject_id,
                emotion=plan.emotion,
                attempt=failed.get(plan.clip_id, -1) + 1,
            )
