"""Several happenings in one clip, none at the same time as another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


def place(lengths: Sequence[int], *, margin: int, gap: int, frames: int, generator: np.random.Generator) -> list[int]:
    """Return where each of some intervals starts, in their own order in time.

    The frames left over are cut at random into the pauses before, between and after the intervals.

    Args:
        lengths: Frames from start to end of each.
        margin: Frames before the first and after the last, at least.
        gap: Frames between the end of one and the start of the next, at least.
        frames: Length of the clip; the last end lies before it.

    Raises:
        ValueError: They do not fit.
    """
    slack = frames - 1 - 2 * margin - sum(lengths) - gap * (len(lengths) - 1)
    if slack < 0:
        raise ValueError(f"intervals of {list(lengths)} frames do not fit {frames} with {margin} and {gap} between")
    cuts = sorted(int(cut) for cut in generator.integers(0, slack + 1, len(lengths)))
    before = [sum(lengths[:turn]) + gap * turn for turn in range(len(lengths))]
    return [margin + cut + taken for cut, taken in zip(cuts, before, strict=True)]
