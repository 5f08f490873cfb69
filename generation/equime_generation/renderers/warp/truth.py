"""The motion that a clip holds, as its renderer made it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from equime_builder.facs import AUS, SIDES
from equime_generation.renderers.warp import field
from equime_generation.renderers.warp.programme import moving
from equime_generation.renderers.warp.region import refine
from equime_generation.renderers.warp.rig import BLINK, Intensities, Rig

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from equime_builder.records import Plan
    from equime_generation.renderers.warp.eyes import Eye


class WarpTruth:
    """Truth of one warped clip; fields are computed when asked for.

    Args:
        rig: The face.
        plan: The plan as rendered.
        heads: (144, 2, 3) float64 rigid motion of the head, photo to frame.
    """

    def __init__(self, rig: Rig, plan: Plan, heads: NDArray[np.float64]) -> None:
        self._rig = rig
        self._plan = plan
        self._heads = heads

    def field(self, frame: int) -> NDArray[np.float32]:
        """Return the skin's displacement at ``frame`` relative to the photo, head sway left out.

        Eyeballs stay where they are; pixels that a lid or a lip hides carry the motion of what they belong to.

        Returns:
            Forward field (H, W, 2) float32 in pixels, x then y, sampled on the photo's pixels.
        """
        return displacement(self._rig, moving(self._plan, frame))

    def head(self, frame: int) -> NDArray[np.float64]:
        """Return the rigid motion of the head at ``frame`` as a 2 x 3 affine matrix, photo to frame, in pixels."""
        return np.asarray(self._heads[frame])

    def probe(self) -> NDArray[np.float32]:
        """Return the fields to look for in the decoded clip.

        Returns:
            (K, H, W, 2) float32 in pixels: the field at the apex (K = 1); on a clip of several events the field at
            each apex, and closed eyes (AU43 at intensity 1) last; on a negative one field for each of the 18 units of
            `equime_builder.facs.AUS`, AU43 last, both sides together, at intensity 1.
        """
        if self._plan.events:
            apexes = [self.field(event.apex_frame) for event in self._plan.events]
            return np.stack([*apexes, displacement(self._rig, {(BLINK, side): 1.0 for side in SIDES})])
        if self._plan.apex_frame is not None:
            return self.field(self._plan.apex_frame)[None]
        return np.stack([displacement(self._rig, {(au, side): 1.0 for side in SIDES}) for au in AUS])


def displacement(rig: Rig, intensities: Intensities) -> NDArray[np.float32]:
    """Return where each pixel of the photo goes under some intensities.

    Returns:
        Forward field (H, W, 2) float32 in pixels, on the whole photo.
    """
    whole = np.zeros((*rig.face.image.shape[:2], 2), np.float32)
    if not intensities:
        return whole
    skin = _skin(rig, intensities)
    for side, eye in rig.eyes.items():
        closure = intensities.get((BLINK, side), 0.0)
        _hold_eyeball(skin, eye, closure)
    whole[rig.region.window] = skin
    return whole


def _skin(rig: Rig, intensities: Intensities) -> NDArray[np.float32]:
    """Return the two sheets' motion, joined on the line of the resting lips."""
    upper, lower = (refine(sheet) for sheet in rig.sheets(intensities))
    y, x = np.mgrid[0 : rig.region.height, 0 : rig.region.width].astype(np.float32)
    still = np.zeros_like(upper)
    rest = rig.mouth.parted(still, still, x[0])
    share = rest.share_below(x[0], y)
    between = (x[0] > rest.corners[0]) & (x[0] < rest.corners[1])
    # Between the corners a pixel of the photo belongs to one lip and goes where that lip goes.
    share = np.where(between, share > 0.5, share).astype(np.float32)
    return np.asarray(upper + share[..., None] * (lower - upper))


def _hold_eyeball(skin: NDArray[np.float32], eye: Eye, closure: float) -> None:
    """Put the resting eyeball and the sliding lid of one eye into the skin's motion."""
    inside = eye.aperture > 0.5
    if closure > 0:
        slide = eye.slide(closure)
        y, x = np.mgrid[0 : slide.shape[0], 0 : slide.shape[1]].astype(np.float32)
        carried = field.at(np.ascontiguousarray(skin[eye.window]), x, y + slide)
        carried[..., 1] += slide
        skin[eye.window] = carried
    skin[eye.window][inside] = 0.0
