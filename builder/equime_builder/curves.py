"""The planned Action Units of a row, frame by frame."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from equime_builder.facs import SLOTS, slot_of
from equime_builder.records import FRAMES

if TYPE_CHECKING:
    from numpy.typing import NDArray


def au_curves(row: Mapping[str, Any]) -> NDArray[np.float32]:
    """Expand a row's planned Action Units to a value for each frame and slot.

    Args:
        row: A row with the column ``aus``; ``num_frames`` counts where the row has it.

    Returns:
        (144, 36) float32, 0-1; columns in the order of `equime_builder.facs.SLOTS`, 0 where nothing moves. Where two
        movements of one slot overlap, the stronger counts.

    Example:
        A row with AU 12 left from frame 3 to 5 and the curve [0, .4, 0] gives ``au_curves(row)[4, 16] == .4``.
    """
    curves = np.zeros((row.get("num_frames", FRAMES), len(SLOTS)), dtype=np.float32)
    for planned in row["aus"]:
        slot = slot_of(planned["au"], planned["side"])
        moving = curves[planned["onset_frame"] : planned["offset_frame"] + 1, slot]
        np.maximum(moving, np.asarray(planned["curve"], dtype=np.float32), out=moving)
    return curves
