"""The light on a face as a camera's metering would keep it: the same from top to bottom, whatever the face does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

from equime_builder.records import SIZE_PX

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from equime_generation.renderers.warp.rig import Rig

_SPREAD_IOD: Final = 0.4


def relight(rig: Rig, rest: NDArray[np.uint8], moved: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the light to add to a frame so that a moved face is as bright as at rest.

    Raised brows stretch dark lids and press bright foreheads together, so that the upper face darkens by up to 2 %:
    brightness would tell the expression. Only the light of broad bands of the face is followed, so that a brow stays
    as dark as it is; light is added, not multiplied, since the face's contrast hardly changes. It fades out towards
    the sides of the region that can move.

    Args:
        rig: The face.
        rest: (height, width, 3) uint8, the region without expression under the same motion of the head.
        moved: The same with expression.

    Returns:
        (512, 512) float32, in grey levels.
    """
    across = np.hanning(rig.region.width)
    weights = across / (across**2).sum()
    spread_px = _SPREAD_IOD * rig.face.interocular_px
    lost = (_grey(rest) - _grey(moved)) @ weights
    bands = cv2.GaussianBlur(lost[:, None], (1, 0), 1.0, sigmaY=spread_px, borderType=cv2.BORDER_REPLICATE)
    added = np.zeros((SIZE_PX, SIZE_PX), np.float32)
    added[rig.region.window] = np.asarray(bands) * across
    return added


def _grey(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), dtype=np.float32)
