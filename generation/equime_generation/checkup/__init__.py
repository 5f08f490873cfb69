"""What is installed here, what is missing and what brings it, and whether each stage works."""

from __future__ import annotations

from collections.abc import Iterator

from equime_generation.checkup.check import Check
from equime_generation.checkup.machine import library_checks, machine_checks
from equime_generation.checkup.packages import package_checks
from equime_generation.checkup.trials import Tell, trial_checks

__all__ = ["Check", "check_up"]


def check_up(tell: Tell) -> Iterator[Check]:
    """Yield what is found, cheapest first; the last ones try a stage each, and end with a whole clip.

    Args:
        tell: Told what is tried next.
    """
    yield from machine_checks()
    yield from package_checks()
    yield from library_checks()
    yield from trial_checks(tell)
