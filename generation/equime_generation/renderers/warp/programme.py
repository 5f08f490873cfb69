"""The plan read frame by frame, and held back where skin would fold."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from equime_builder.records import FRAMES, Plan
from equime_generation.renderers.warp.field import jacobian
from equime_generation.renderers.warp.region import STRIDE_PX

if TYPE_CHECKING:
    from equime_generation.renderers.warp.rig import Intensities, Rig

SMALLEST_JACOBIAN: Final = 0.3
"""Below this, skin is pressed to under a third of its area and the warp is close to folding."""

_TRACE: Final = 1e-4
_BISECTIONS: Final = 12


def moving(plan: Plan, frame: int) -> Intensities:
    """Return the units that move at ``frame`` with their intensities, blinks among them."""
    found: Intensities = {}
    for planned in (*plan.aus, *plan.blinks):
        key, value = (planned.au, planned.side), planned.at(frame)
        if value > max(_TRACE, found.get(key, 0.0)):
            found[key] = value
    return found


def moving_frames(plan: Plan) -> list[int]:
    """Return the frames on which anything moves."""
    return [frame for frame in range(FRAMES) if moving(plan, frame)]


def smallest_jacobian(rig: Rig, plan: Plan) -> float:
    """Return the least determinant of the warp over all frames and both sheets; 1 without motion."""
    values = [jacobian_of(rig, moving(plan, frame)) for frame in moving_frames(plan)]
    return min(values, default=1.0)


def jacobian_of(rig: Rig, intensities: Intensities) -> float:
    """Return the least determinant of the warp under some intensities, over both sheets; at most 1."""
    sheets = rig.sheets(intensities)
    least = [jacobian(sheet, float(STRIDE_PX))[skin].min() for sheet, skin in zip(sheets, rig.skin, strict=True)]
    return float(min(1.0, *least))


def held_back(rig: Rig, plan: Plan) -> tuple[Plan, float, float]:
    """Scale all intensities of a plan down together until no frame's determinant is under `SMALLEST_JACOBIAN`.

    Returns:
        The plan to render, its smallest determinant, and the factor, 1 where nothing had to be scaled.
    """
    least = smallest_jacobian(rig, plan)
    if least >= SMALLEST_JACOBIAN:
        return plan, least, 1.0
    low, high = 0.0, 1.0
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        fits = smallest_jacobian(rig, scaled(plan, middle)) >= SMALLEST_JACOBIAN
        low, high = (middle, high) if fits else (low, middle)
    weaker = scaled(plan, low)
    return weaker, smallest_jacobian(rig, weaker), low


def scaled(plan: Plan, factor: float) -> Plan:
    """Return a plan whose every intensity is multiplied by ``factor`` (0-1)."""
    aus = tuple(
        replace(
            planned,
            intensity=planned.intensity * factor,
            curve=tuple(float(value) for value in np.multiply(planned.curve, factor)),
        )
        for planned in plan.aus
    )
    return replace(plan, aus=aus)
