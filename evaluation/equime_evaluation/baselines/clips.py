"""The clips of a source that take part in a set-up, with the numbers of their classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from equime_builder.errors import UsageError
from equime_builder.streams import stream
from equime_evaluation.protocols import CLASS_SETS
from equime_evaluation.recordings import Recording, open_source

if TYPE_CHECKING:
    from numpy.typing import NDArray

CONTROLS: Final = ("none", "permuted-labels", "neutral-frames")
"""Runs that must come out at chance: labels exchanged within each person, or no frame of the event shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clips:
    """What takes part.

    Attributes:
        name: Of the source.
        recordings: In the source's order.
        labels: Class of each; ``None`` where nobody labelled it.
        left_out: For each clip that takes no part although it should, why.
        mended: For each clip whose label was mended, how.
    """

    name: str
    recordings: tuple[Recording, ...]
    labels: tuple[int | None, ...]
    left_out: Mapping[str, str] = field(default_factory=dict)
    mended: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_labelled(self) -> bool:
        """Whether somebody labelled the clips."""
        return None not in self.labels


def clips_of(source: str, classes: str) -> Clips:
    """Return the clips of a source that a set of classes has a place for; those without any label all stay.

    Raises:
        UsageError: No clip is left, or the source is unknown; further errors as `open_source`.
    """
    listing = open_source(source)
    class_set = CLASS_SETS[classes]
    pairs = [(item, class_set.label_of(item.emotion)) for item in listing.recordings]
    if any(item.emotion is not None for item in listing.recordings):
        pairs = [(item, label) for item, label in pairs if label is not None]
    name = source.partition(":")[0]
    if not pairs:
        raise UsageError(
            f"source {name} has no clip of the classes {', '.join(class_set.classes)}; choose another set-up"
        )
    return Clips(
        name=name,
        recordings=tuple(item for item, _ in pairs),
        labels=tuple(label for _, label in pairs),
        left_out=listing.left_out,
        mended=listing.mended,
    )


def permuted(labels: Sequence[int], people: Sequence[str], *, seed: int) -> NDArray[np.int64]:
    """Return labels exchanged between clips of the same person, so that each person's classes stay as frequent."""
    exchanged = np.asarray(labels, np.int64).copy()
    who = np.asarray(people)
    for person in sorted(set(people)):
        own = np.flatnonzero(who == person)
        exchanged[own] = exchanged[stream("permuted-labels", seed, person).permutation(own)]
    return exchanged
