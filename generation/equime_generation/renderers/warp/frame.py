"""One frame: where each of its pixels comes from in the photo, and what is laid over it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from equime_generation.renderers.warp import eyeball, field
from equime_generation.renderers.warp.region import refine
from equime_generation.renderers.warp.rig import BLINK, FINE, Intensities, Rig
from equime_generation.renderers.warp.shading import SHADOW_HUE
from equime_generation.renderers.warp.units import UNITS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from equime_builder.facs import Side
    from equime_generation.renderers.warp.mouth import Parting


def still(rig: Rig, head: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Return the photo under the head's rigid motion.

    Args:
        rig: The face.
        head: (2, 3) affine matrix, photo to frame, in pixels.
    """
    back = np.asarray(cv2.invertAffineTransform(head), dtype=np.float64) * FINE
    back[:, 2] += (FINE - 1) / 2
    height, width = rig.face.image.shape[:2]
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(rig.fine, back, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE))


class _Seam(NamedTuple):
    """Where the two sheets of skin meet between the corners of the mouth, and what each shows there.

    Attributes:
        window: Rows and columns of the region.
        upper: Columns and rows of the photo that the upper sheet shows in the window.
        lower: The same of the lower sheet.
        share: How much the lower sheet counts, 0-1.
    """

    window: tuple[slice, slice]
    upper: tuple[NDArray[np.float32], NDArray[np.float32]]
    lower: tuple[NDArray[np.float32], NDArray[np.float32]]
    share: NDArray[np.float32]


class MovedFrame:
    """The moving region of one frame.

    Args:
        rig: The face.
        intensities: Each moving unit and side with its intensity.
        head: (2, 3) affine matrix, photo to frame, in pixels.
    """

    def __init__(self, rig: Rig, intensities: Intensities, head: NDArray[np.float64]) -> None:
        self._rig = rig
        self._intensities = intensities
        back = cv2.invertAffineTransform(head)
        x, y = rig.region.pixels()
        left, top = rig.region.left, rig.region.top
        # Places of the frame as they lie on the photo, expression still in them; the region's own pixel grid.
        self._x = (back[0, 0] * x + back[0, 1] * y + (back[0, 2] - left)).astype(np.float32)
        self._y = (back[1, 0] * x + back[1, 1] * y + (back[1, 2] - top)).astype(np.float32)
        self._parting: Parting | None = None
        self._seam: _Seam | None = None

    def source(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return columns and rows of the region of the photo that the frame's skin shows, each (height, width)."""
        upper, lower = (refine(sheet) for sheet in self._rig.sheets(self._intensities))
        columns = self._columns()
        self._parting = self._rig.mouth.parted(upper, lower, columns)
        share = self._parting.share_below(columns, self._y)
        x, y = self._x.copy(), self._y.copy()
        # Each sheet is traced only in the rows where it shows.
        above, below = _rows(share < 1), _rows(share > 0)
        x[above], y[above] = field.inverse(upper, x[above], y[above])
        meeting = self._meeting(share)
        over = x[meeting].copy(), y[meeting].copy()
        lower_x, lower_y = field.inverse(lower, self._x[below], self._y[below])
        x[below] += share[below] * (lower_x - x[below])
        y[below] += share[below] * (lower_y - y[below])
        rows = slice(meeting[0].start - below.start, meeting[0].stop - below.start)
        under = lower_x[rows, meeting[1]], lower_y[rows, meeting[1]]
        self._seam = _Seam(window=meeting, upper=over, lower=under, share=share[meeting])
        return x, y

    def _meeting(self, share: NDArray[np.float32]) -> tuple[slice, slice]:
        """Return the rows and columns between the corners of the mouth in which both sheets count."""
        assert self._parting is not None
        first, last = np.searchsorted(self._columns(), self._parting.corners)
        across = slice(int(first), int(last))
        return _rows((share[:, across] > 0) & (share[:, across] < 1)), across

    def _columns(self) -> NDArray[np.float32]:
        """Return the columns of the photo along the mouth; sway turns too little for other rows to differ."""
        return np.asarray(self._x[int(self._rig.mouth.upper.mean())])

    def paint(self) -> NDArray[np.uint8]:
        """Return the region's pixels, (height, width, 3) uint8."""
        x, y = self.source()
        image = self._sample(x, y).astype(np.float32)
        self._join_lips(image)
        uncovered = {side: self._slide_lid(side, image, x, y) for side in self._rig.eyes}
        moving = {key: value for key, value in self._intensities.items() if key[0] in UNITS}
        if moving:
            gain = field.at(self._rig.shading.gain(moving), x, y)
            image *= 1 + (gain[..., None] - 1) * SHADOW_HUE
        self._darken_mouth(image)
        for side, clear in uncovered.items():
            self._lay_eyeball(side, image, x, y, clear)
        return np.asarray(np.clip(image + 0.5, 0, 255), dtype=np.uint8)

    def _sample(self, x: NDArray[np.float32], y: NDArray[np.float32]) -> NDArray[np.uint8]:
        """Sample the enlarged photo at places of the region."""
        offset = (FINE - 1) / 2
        at_x = x * np.float32(FINE) + np.float32(self._rig.region.left * FINE + offset)
        at_y = y * np.float32(FINE) + np.float32(self._rig.region.top * FINE + offset)
        return np.asarray(cv2.remap(self._rig.fine, at_x, at_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))

    def _slide_lid(
        self, side: Side, image: NDArray[np.float32], x: NDArray[np.float32], y: NDArray[np.float32]
    ) -> NDArray[np.float32] | float:
        """Draw one closing lid down over the image and return how much it leaves uncovered."""
        closure = self._intensities.get((BLINK, side), 0.0)
        if closure == 0.0:
            return 1.0
        eye = self._rig.eyes[side]
        window = eye.window
        lid_y, uncovered = eye.unslide(x[window], y[window], closure)
        lid = eye.without_streaks(self._sample(x[window], lid_y), x[window], y[window], closure)
        image[window] = lid + uncovered[..., None] * (image[window] - lid)
        return uncovered

    def _join_lips(self, image: NDArray[np.float32]) -> None:
        """Mix the lips' colours where they meet: halfway between places of both lies the hidden dark of their edges."""
        assert self._seam is not None
        window, upper, lower, share = self._seam
        above, below = (self._sample(*places).astype(np.float32) for places in (upper, lower))
        image[window] = above + share[..., None] * (below - above)

    def _darken_mouth(self, image: NDArray[np.float32]) -> None:
        """Lay the mouth's inside between parted lips."""
        assert self._parting is not None
        dark = self._parting.dark(self._columns(), self._y)
        if dark is not None:
            opacity, depth = dark
            shadow, lit = self._rig.mouth.inside
            image += opacity[..., None] * (shadow + depth[..., None] * (lit - shadow) - image)

    def _lay_eyeball(
        self,
        side: Side,
        image: NDArray[np.float32],
        x: NDArray[np.float32],
        y: NDArray[np.float32],
        clear: NDArray[np.float32] | float,
    ) -> None:
        """Lay the resting eyeball under the moved lids."""
        eye = self._rig.eyes[side]
        window = eye.window
        top, left = np.float32(window[0].start), np.float32(window[1].start)
        skin_x, skin_y = x[window] - left, y[window] - top
        ball_x, ball_y = self._x[window] - left, self._y[window] - top
        ball = self._sample(self._x[window], self._y[window]).astype(np.float32)
        new = eyeball.share_new(eye, ball_x, ball_y, skin_y - ball_y)[..., None]
        if new.any():
            mirror_x, mirror_y = eyeball.mirrored(eye, ball_x, ball_y)
            behind = eyeball.without_highlights(eye, self._sample(mirror_x + left, mirror_y + top))
            change = behind * eyeball.shadow(eye, skin_x, skin_y)[..., None] - ball
            ball += new * np.maximum(change, -255 * eyeball.share_hidden(eye, ball_x, ball_y)[..., None])
        opacity = field.at(eye.aperture, skin_x, skin_y) * clear
        image[window] += opacity[..., None] * (ball - image[window])


def _rows(shows: NDArray[np.bool_]) -> slice:
    """Return the rows that hold any True."""
    found = np.flatnonzero(shows.any(axis=1))
    return slice(int(found[0]), int(found[-1]) + 1) if len(found) else slice(0)
