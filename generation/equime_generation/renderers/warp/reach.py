"""How far each Action Unit moves a face, and what its levels A-E mean in pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from equime_builder.facs import LEVELS, SIDES
from equime_generation.renderers.warp.programme import jacobian_of
from equime_generation.renderers.warp.rig import BLINK
from equime_generation.renderers.warp.truth import displacement

if TYPE_CHECKING:
    from equime_generation.renderers.warp.rig import Rig

TABLE_INTEROCULAR_PX: Final = 130.0
"""Distance of the iris centres at which tables give pixels; aligned photos lie close to it."""


def reach_iod(rig: Rig, au: int) -> float:
    """Return the largest displacement of one unit, both sides at intensity 1, in interocular distances.

    Of what shows: eyeballs rest. A blink goes as far as the eye is open.
    """
    moved = displacement(rig, {(au, side): 1.0 for side in SIDES})
    return float(np.hypot(moved[..., 0], moved[..., 1]).max()) / rig.face.interocular_px


def smallest_jacobian_of(rig: Rig, au: int, intensity: float = 1.0) -> float:
    """Return the least determinant of one unit's warp, both sides together; AU43 occludes and folds nothing."""
    return 1.0 if au == BLINK else jacobian_of(rig, {(au, side): intensity for side in SIDES})


def level_px(reach: float, level: str, interocular_px: float = TABLE_INTEROCULAR_PX) -> tuple[float, float]:
    """Return the least and the largest displacement of a level, in pixels.

    Args:
        reach: Largest displacement at intensity 1, in interocular distances.
        level: ``"A"`` to ``"E"``.
        interocular_px: Distance of the iris centres in pixels.
    """
    low, high = LEVELS[level]
    return low * reach * interocular_px, high * reach * interocular_px
