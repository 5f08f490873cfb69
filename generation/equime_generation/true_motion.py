"""How far a clip moves, from the fields that its renderer made it with or was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from equime_builder.records import TrueMotion

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from equime_generation.faces import Face
    from equime_generation.renderers import Clip, Truth

# Rounded, so that the last bits of a processor's sums cannot show in a dataset.
_DIGITS: Final = 5


def motion_to_find(clip: Clip, face: Face) -> Truth:
    """Return the motion to look for in a decoded clip: the true one, or the planned one where nobody knows the true.

    What a plan moves on a face is what the default renderer would move there.
    """
    if clip.truth is not None:
        return clip.truth
    from equime_generation.renderers import Job
    from equime_generation.renderers.warp import WarpRenderer

    return WarpRenderer().truth(Job(face=face, plan=clip.plan))


def true_motion_of(clip: Clip, fields: NDArray[np.float32], *, interocular_px: float) -> TrueMotion | None:
    """Return the largest motion of a clip as it was rendered; ``None`` where its renderer does not know.

    Args:
        fields: (K, H, W, 2) float32 in pixels, as `equime_generation.renderers.Truth.probe` gives them for this clip.
        interocular_px: Distance of the iris centres in pixels of the clip.
    """
    if clip.truth is None or clip.smallest_jacobian is None:
        return None
    motion_px = float(np.hypot(fields[0, ..., 0], fields[0, ..., 1]).max()) if clip.plan.aus else 0.0
    return TrueMotion(
        motion_px=round(motion_px, _DIGITS),
        motion_iod=round(motion_px / interocular_px, _DIGITS),
        smallest_jacobian=round(clip.smallest_jacobian, _DIGITS),
        scaled=clip.scaled,
    )
