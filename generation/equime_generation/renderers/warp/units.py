"""The table of all Action Units that are warped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from equime_generation.renderers.warp.lower_face import LOWER_FACE
from equime_generation.renderers.warp.upper_face import UPPER_FACE

if TYPE_CHECKING:
    from equime_generation.renderers.warp.unit import Unit

UNITS: Final[dict[int, Unit]] = {**UPPER_FACE, **LOWER_FACE}
"""Every unit of the vocabulary but AU43."""
