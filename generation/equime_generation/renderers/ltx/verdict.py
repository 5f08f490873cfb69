"""Many movements before and after a model, summed up by unit, level and length, with a verdict."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

from equime_generation.renderers.ltx.survival import Survival

ENOUGH: Final = 0.8
"""Share of the movements that must pass the screen after the model: beyond it, retries make up for the rest."""
LENGTHS: Final[tuple[tuple[int, int], ...]] = ((1, 6), (7, 9), (10, 12))
"""Frames from onset to offset, both included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Some movements together; medians are over those that were found, and ``None`` where none was.

    Attributes:
        clips: Movements that the screen lets pass before the model; others say nothing about it.
        found: Of them, those that were found after it.
        passed: Of them, those that the screen would keep.
        survival: Median ratio of the slopes.
        correlation: Median correlation with the planned field.
        apex_error: Largest distance in frames from the planned to the found apex.
    """

    clips: int
    found: int
    passed: int
    survival: float | None
    correlation: float | None
    apex_error: int | None

    @property
    def share(self) -> float | None:
        """Share that passes; ``None`` without movements."""
        return self.passed / self.clips if self.clips else None

    def as_json(self) -> dict[str, Any]:
        """Return the summary for programs."""
        names = ("clips", "found", "passed", "share", "survival", "correlation", "apex_error")
        return {name: getattr(self, name) for name in names}

    def cells(self) -> tuple[str, ...]:
        """Return the summary for a table: passed, survival, correlation, apex error."""
        return (
            f"{self.passed} of {self.clips}",
            _cell(self.survival),
            _cell(self.correlation),
            "-" if self.apex_error is None else str(self.apex_error),
        )


COLUMNS: Final[tuple[str, ...]] = ("pass", "survival", "correlation", "apex off by")
"""Headings of `Summary.cells`."""


def _cell(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def summed_up(movements: Sequence[Survival]) -> Summary:
    """Sum up movements."""
    sound = [one for one in movements if one.before.reason is None]
    found = [one for one in sound if one.survival is not None]
    correlations = [one.after.measured.correlation for one in found if one.after.measured.correlation is not None]
    return Summary(
        clips=len(sound),
        found=len(found),
        passed=sum(one.passes for one in sound),
        survival=median(one.survival for one in found if one.survival is not None) if found else None,
        correlation=median(correlations) if correlations else None,
        apex_error=max((abs(one.apex_error) for one in found if one.apex_error is not None), default=None),
    )


def by(movements: Sequence[Survival], key: Callable[[Survival], Hashable]) -> dict[Any, Summary]:
    """Sum up movements group by group, in the order of the keys."""
    groups: dict[Any, list[Survival]] = {}
    for one in movements:
        groups.setdefault(key(one), []).append(one)
    return {name: summed_up(groups[name]) for name in sorted(groups)}


def length_of(one: Survival) -> str:
    """Return the bin of `LENGTHS` that a movement's length falls into, such as ``07-09``."""
    low, high = next(((low, high) for low, high in LENGTHS if one.frames <= high), LENGTHS[-1])
    return f"{low:02d}-{high:02d}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a model leaves of the planned motion.

    Attributes:
        route: ``vae``, or a conditioning mode.
    """

    route: str
    movements: tuple[Survival, ...]

    @property
    def whole(self) -> Summary:
        """All movements together."""
        return summed_up(self.movements)

    @property
    def survives(self) -> bool:
        """Whether enough movements pass."""
        return (self.whole.share or 0.0) >= ENOUGH

    def sentence(self) -> str:
        """Return the verdict with the next step, in one line."""
        whole, levels = self.whole, by(self.movements, lambda one: one.level)
        if not whole.clips:
            return f"{self.route}: no movement could be measured before the model; try other photos"
        share = f"{self.route}: {whole.passed} of {whole.clips} movements pass the screen"
        if self.survives:
            return f"{share}; the motion survives"
        strong = [level for level, summary in levels.items() if (summary.share or 0.0) >= ENOUGH]
        held = f"of the levels only {', '.join(strong)} would do" if strong else "no level would do"
        return f"{share}, fewer than {ENOUGH:.0%}; {held}: {_NEXT.get(self.route, _NEXT['keyframes'])}"

    def groups(self) -> list[tuple[str, Summary]]:
        """Return the movements summed up for a table: by level, length and unit, then all of them."""
        levels = by(self.movements, _level)
        lengths = by(self.movements, length_of)
        units = by(self.movements, lambda one: one.au)
        return [
            *((f"level {level}", summary) for level, summary in levels.items()),
            *((f"{length} frames", summary) for length, summary in lengths.items()),
            *((f"AU{au}", summary) for au, summary in units.items()),
            ("all", self.whole),
        ]

    def as_json(self) -> dict[str, Any]:
        """Return the verdict with all movements for programs."""
        return {
            "route": self.route,
            "survives": self.survives,
            "verdict": self.sentence(),
            "whole": self.whole.as_json(),
            "levels": {name: summary.as_json() for name, summary in by(self.movements, lambda one: one.level).items()},
            "frames": {name: summary.as_json() for name, summary in by(self.movements, length_of).items()},
            "action_units": {
                f"AU{au}": {
                    level: summary.as_json()
                    for level, summary in by([one for one in self.movements if one.au == au], _level).items()
                }
                for au in sorted({one.au for one in self.movements})
            },
            "movements": [one.as_json() for one in self.movements],
        }


def _level(one: Survival) -> str:
    return one.level


_NEXT: Final[dict[str, str]] = {
    "vae": "no conditioning can bring back what the VAE takes; use another checkpoint, or --renderer warp",
    "guide": "raise --guide-strength, use another checkpoint, or --renderer warp",
    "text": "text alone does not place a movement; use --conditioning guide or keyframes",
    "keyframes": "try --conditioning guide, another checkpoint, or --renderer warp",
}
