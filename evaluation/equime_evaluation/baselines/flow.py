"""What STSTNet sees: flow from onset to apex, across and down, and the optical strain of it.

Source: Liong, Gan, See, Khor, Huang, "Shallow triple stream three-dimensional CNN (STSTNet) for micro-expression
recognition", FG 2019; strain after Shreve et al., FG 2011.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

OVERSIZE: Final = 8
"""Flow is found on crops that are so many times larger than what the model sees."""


def flow_and_strain(onset: NDArray[np.uint8], apex: NDArray[np.uint8], size_px: int) -> NDArray[np.float32]:
    """Return (3, size_px, size_px) float32: flow across, flow down and strain.

    The median flow is the head's and is taken off. Flow is in pixels of the crop that was given; strain has no unit.

    Args:
        onset: (H, W) uint8 grey crop, as ``apex``.
    """
    import cv2

    from equime_evaluation.motion.dense import flow

    found = flow(_limited(onset), _limited(apex))
    found -= np.median(found, axis=(0, 1)).astype(np.float32)
    layers = np.concatenate([found, strain(found)[..., None]], axis=-1)
    small = cv2.resize(layers, (size_px, size_px), interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(np.asarray(small, np.float32).transpose(2, 0, 1))


def _limited(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return full-range grey in the range 16-235, which the flow takes luma to have."""
    return np.asarray(picture * np.float32(219 / 255) + np.float32(16), np.float32)


def strain(field: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the size of the strain tensor of a displacement field.

    Args:
        field: (H, W, 2), across and down.

    Returns:
        (H, W): root of e_xx^2 + e_yy^2 + 2 e_xy^2.
    """
    across_y, across_x = np.gradient(field[..., 0])
    down_y, down_x = np.gradient(field[..., 1])
    shear = (across_y + down_x) / 2
    return np.asarray(np.sqrt(across_x**2 + down_y**2 + 2 * shear**2), np.float32)
