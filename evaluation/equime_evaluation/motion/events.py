"""Several events in one clip: each is found in turn without its timing, then held against its own planned field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from equime_builder.decode import decode_luma
from equime_builder.errors import UsageError
from equime_builder.records import Measured
from equime_evaluation.motion.curve import AmplitudeCurve, amplitude_curve
from equime_evaluation.motion.measure import measured_expression
from equime_evaluation.motion.peaks import Movement, find_movements

if TYPE_CHECKING:
    from numpy.typing import NDArray

Span = tuple[int, int]
"""Onset and offset frame."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundEvents:
    """What was found in a clip of several events.

    Attributes:
        events: One for each planned event, in the same order; ``peaks`` is 0 where no movement was found in its time.
        others: Movements that lie in no event's time, in order of time: blinks, and what nobody planned.
    """

    events: tuple[Measured, ...]
    others: tuple[Movement, ...]


def measure_events(
    data: bytes, fields: NDArray[np.float32], spans: Sequence[Span], *, interocular_px: float
) -> FoundEvents:
    """Measure each of several movements in a decoded clip.

    Movements are found knowing their directions only; the planned times say afterwards which of them is which event.

    Args:
        data: A whole video file.
        fields: (K, H, W, 2) float32 in pixels: the field of each event, then those of other movements to look out for.
        spans: Planned onset and offset frame of each event; the first ``len(spans)`` fields are theirs.
        interocular_px: Distance of the iris centres in pixels of the clip.

    Raises:
        MediaError: The bytes cannot be decoded, or show nothing to measure (`FlatPictureError`).
        UsageError: The fields do not fit the clip, or are fewer than the events.
    """
    if len(fields) < len(spans):
        raise UsageError(f"each of {len(spans)} events needs a field, got {len(fields)}")
    luma = decode_luma(data)
    curve = amplitude_curve(luma, fields, interocular_px=interocular_px)
    largest_px = np.hypot(fields[..., 0], fields[..., 1]).max((1, 2)).astype(np.float64)
    movements = find_in_turn(curve.values, largest_px)
    owners = [_owner(movement, spans) for movement in movements]
    events = []
    for number, field in enumerate(fields[: len(spans)]):
        own = [movement for movement, owner in zip(movements, owners, strict=True) if owner == number]
        others = [movement for movement, owner in zip(movements, owners, strict=True) if owner != number]
        alone = _alone(curve, number, float(largest_px[number]), own, others)
        strongest = max(alone.movements, key=lambda found: abs(alone.values[found.apex_frame, 0]), default=None)
        events.append(measured_expression(luma, field, alone, strongest, interocular_px=interocular_px))
    strays = (movement for movement, owner in zip(movements, owners, strict=True) if owner is None)
    return FoundEvents(events=tuple(events), others=tuple(strays))


def find_in_turn(values: NDArray[np.float64], largest_px: NDArray[np.float64]) -> list[Movement]:
    """Return the movements of a curve, the strong ones found first and taken out, so that weak ones show beside them.

    Args:
        values: (T, K) amplitudes, median 0.
        largest_px: (K,) largest displacement of each field at amplitude 1.
    """
    left = values.copy()
    found: list[Movement] = []
    while more := find_movements(left, largest_px):
        for movement in more:
            left[movement.onset_frame : movement.offset_frame + 1] = 0.0
        # what is left at the edge of a movement that was taken out belongs to it
        found += [movement for movement in more if not any(_touch(movement, other) for other in found)]
    return sorted(found, key=lambda movement: movement.apex_frame)


def _touch(one: Movement, other: Movement) -> bool:
    return one.onset_frame <= other.offset_frame + 1 and other.onset_frame <= one.offset_frame + 1


def _owner(movement: Movement, spans: Sequence[Span]) -> int | None:
    """Return the number of the event that a movement overlaps most, or None."""
    shared = [min(movement.offset_frame, end) - max(movement.onset_frame, start) for start, end in spans]
    best = max(range(len(spans)), key=lambda number: shared[number], default=None)
    return best if best is not None and shared[best] > 0 else None


def _alone(
    curve: AmplitudeCurve, number: int, largest_px: float, own: Sequence[Movement], others: Sequence[Movement]
) -> AmplitudeCurve:
    """Return the curve of one event's own field, as if nothing else had moved in the clip."""
    values = curve.values[:, [number]].copy()
    for other in others:
        values[other.onset_frame : other.offset_frame + 1] = 0.0
    found = find_movements(values, np.array([largest_px])) if own else []
    inside = [movement for movement in found if any(_touch(movement, one) for one in own)]
    return replace(curve, values=values, movements=inside or list(own))
