"""What the charts of a gallery show, counted over all clips of a dataset."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from equime_builder.layout import place_of, place_order
from equime_builder.reading import read_rows

UNDECLARED: Final = "undeclared"
GROUPS: Final = ("gender", "skin tone", "age", "split")
"""What clips are grouped by."""

MOST_DOTS: Final = 600
"""So many clips at most are drawn as dots; more would hide one another."""

_COLUMNS: Final = [
    "id", "gender", "skin_tone", "age", "age_group", "aus", "onset_frame", "apex_frame", "offset_frame", "true_motion",
    "measured",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """One clip's largest motion, as rendered and as measured, in pixels."""

    clip_id: str
    emotion: str
    true_px: float
    measured_px: float


@dataclass(slots=True, kw_only=True)
class Tally:
    """Counts over all clips.

    Attributes:
        groups: Clips by (emotion, name of the grouping, group).
        aus: Clips by (emotion, AU) in which the AU is planned to move.
        planned: Clips by (emotion, frames from onset to offset).
        measured: The same as found in the decoded clip.
        late: Clips by (emotion, frames by which the measured apex comes after the planned one).
        dots: Clips whose motion is known and was measured, evenly thinned to `MOST_DOTS`.
    """

    groups: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    aus: Counter[tuple[str, int]] = field(default_factory=Counter)
    planned: Counter[tuple[str, int]] = field(default_factory=Counter)
    measured: Counter[tuple[str, int]] = field(default_factory=Counter)
    late: Counter[tuple[str, int]] = field(default_factory=Counter)
    dots: list[Dot] = field(default_factory=list)

    def add(self, row: dict[str, Any], emotion: str, split: str) -> None:
        """Count a clip."""
        values = (row["gender"], row["skin_tone"], _age(row), split)
        for name, value in zip(GROUPS, values, strict=True):
            self.groups[emotion, name, value or UNDECLARED] += 1
        self.aus.update((emotion, au) for au in {unit["au"] for unit in row["aus"]})
        if row["apex_frame"] is None or row["onset_frame"] is None or row["offset_frame"] is None:
            return
        self.planned[emotion, row["offset_frame"] - row["onset_frame"]] += 1
        if row["measured"] is not None:
            self._add_measured(row, emotion, row["measured"])

    def _add_measured(self, row: dict[str, Any], emotion: str, found: dict[str, Any]) -> None:
        if found["onset_frame"] is not None and found["offset_frame"] is not None:
            self.measured[emotion, found["offset_frame"] - found["onset_frame"]] += 1
        if found["apex_frame"] is not None:
            self.late[emotion, found["apex_frame"] - row["apex_frame"]] += 1
        if found["motion_px"] is not None and row["true_motion"] is not None:
            px = row["true_motion"]["motion_px"]
            self.dots.append(Dot(clip_id=row["id"], emotion=emotion, true_px=px, measured_px=found["motion_px"]))


def tally_of(root: Path, shards: Iterable[str]) -> Tally:
    """Count the clips of the shards; reads no video.

    Args:
        shards: Relative to ``root``.

    Raises:
        DatasetError: A shard cannot be read.
    """
    tally = Tally()
    for shard in sorted(shards, key=place_order):
        emotion, split = place_of(shard) or ("", "")
        for row in read_rows(root / shard, only=_COLUMNS, where=shard):
            tally.add(row, emotion, split)
    every = -(-len(tally.dots) // MOST_DOTS) or 1
    tally.dots = tally.dots[::every]
    return tally


def _age(row: dict[str, Any]) -> str | None:
    if row["age_group"] or row["age"] is None:
        return row["age_group"] or None
    decade = int(row["age"] // 10 * 10)
    return f"{decade}-{decade + 9}"
