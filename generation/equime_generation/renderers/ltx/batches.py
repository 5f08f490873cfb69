"""Which clips are computed together: those that show the model as many pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from equime_generation.renderers import Job


def in_batches(jobs: Sequence[Job], size: int, pictures: Callable[[Job], int]) -> list[list[Job]]:
    """Return the jobs in batches of at most ``size``, in each of which all have as many pictures.

    Who keeps whom company changes no clip; a person's clips come one after the other, so that the face is made ready
    once.

    Args:
        pictures: Tells how many a job has.
    """
    alike: dict[int, list[Job]] = {}
    for job in sorted(jobs, key=lambda job: job.plan.subject_id):
        alike.setdefault(pictures(job), []).append(job)
    return [group[start : start + size] for group in alike.values() for start in range(0, len(group), size)]
