"""Dense flow from the resting face to one frame, compared with the planned field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

from equime_evaluation.motion.scene import Scene, align, rigid_field

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from equime_evaluation.motion.curve import AmplitudeCurve

_RESTING_FRAMES: Final = 16
_GAUSS_NEWTON_STEPS: Final = 3
_COMPARED_SHARE: Final = 0.25
# Renderers keep skin from shrinking this far: where a planned field does, one part slides over another.
_COVERED_DETERMINANT: Final = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How one frame's motion agrees with the planned field.

    Attributes:
        correlation: Pearson correlation of the flow's and the field's components over the pixels where the field
            exceeds 25 % of its maximum and nothing is covered.
        slope: Factor from the field to the frame's motion, in the least-squares sense of the picture's own detail.
        outside_px: Root mean square over the region of the flow that slope times field does not explain.
    """

    correlation: float
    slope: float
    outside_px: float


def resting_face(luma: NDArray[np.uint8], curve: AmplitudeCurve, frame: int) -> NDArray[np.float32]:
    """Return the mean of the resting frames nearest to ``frame``, aligned, at full resolution, in the region."""
    resting = np.flatnonzero(curve.resting)
    nearest = resting[np.argsort(np.abs(resting - frame), kind="stable")[:_RESTING_FRAMES]]
    total = [aligned(luma, curve, int(index)) for index in nearest]
    return np.asarray(np.mean(total, axis=0, dtype=np.float32))


def aligned(luma: NDArray[np.uint8], curve: AmplitudeCurve, frame: int) -> NDArray[np.float32]:
    """Return one frame at full resolution, in the region, with the head's motion taken out."""
    # Twice the pixels: a motion found at half resolution is twice as large in these, turn and zoom per edge included.
    return align(luma[frame][curve.region.box].astype(np.float32), 2 * curve.heads[frame])


def flow(reference: NDArray[np.float32], frame: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the dense displacement from one picture to another, (h, w, 2) in pixels.

    Source: Kroeger, Timofte, Dai, Van Gool, "Fast optical flow using dense inverse search" (ECCV 2016), in OpenCV's
    medium preset with variational refinement.
    """
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    start = np.zeros((*reference.shape, 2), np.float32)
    return np.asarray(search.calc(_bytes(reference), _bytes(frame), start), dtype=np.float32)


def compare(luma: NDArray[np.uint8], field: NDArray[np.float32], curve: AmplitudeCurve, frame: int) -> Agreement:
    """Compare the motion at ``frame`` with the planned field (H, W, 2)."""
    planned = field[curve.region.box]
    reference = resting_face(luma, curve, frame)
    moved = aligned(luma, curve, frame)
    visible = curve.region.mask & ~covered(planned)
    scene = Scene(reference, planned[None], visible)
    slope, head = scene.follow(moved, float(curve.values[frame, 0]), _GAUSS_NEWTON_STEPS)
    found = flow(reference, moved) - rigid_field(reference.shape, head)
    size = np.hypot(planned[..., 0], planned[..., 1])
    compared = visible & (size > _COMPARED_SHARE * size.max())
    unexplained = (found - np.float32(slope) * planned)[visible]
    return Agreement(
        correlation=float(np.corrcoef(found[compared].ravel(), planned[compared].ravel())[0, 1]),
        slope=slope,
        outside_px=_rms(unexplained),
    )


def covered(field: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return which pixels a field may hide, (h, w): lips that press roll their edges in, lids slide over eyeballs.

    What is hidden cannot be found again, and the dark line that lips keep where they meet looks like skin at rest: it
    took 16 % off the slope of pressed lips. The field alone tells where, whatever the clip shows.

    Args:
        field: (h, w, 2) float32 in pixels.
    """
    across = np.diff(field, axis=1, append=field[:, -1:])
    down = np.diff(field, axis=0, append=field[-1:])
    area = (1 + across[..., 0]) * (1 + down[..., 1]) - across[..., 1] * down[..., 0]
    reach_px = int(np.ceil(np.hypot(field[..., 0], field[..., 1]).max()))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach_px + 1, 2 * reach_px + 1))
    return np.asarray(cv2.dilate((area < _COVERED_DETERMINANT).astype(np.uint8), disc) > 0)


def motion_rms(luma: NDArray[np.uint8], curve: AmplitudeCurve, frame: int) -> float:
    """Return the root mean square of all motion but the head's at ``frame``, in pixels."""
    found = flow(resting_face(luma, curve, frame), aligned(luma, curve, frame))
    return _rms(found[curve.region.mask])


def _rms(vectors: NDArray[np.float32]) -> float:
    return float(np.sqrt((vectors.astype(np.float64) ** 2).sum(-1).mean()))


def _bytes(picture: NDArray[np.float32]) -> NDArray[np.uint8]:
    # Limited range to full range: the flow works on bytes and should have them all.
    stretched = np.clip(np.rint((picture - 16) * (255 / 219)), 0, 255)
    return np.asarray(stretched, dtype=np.uint8)
