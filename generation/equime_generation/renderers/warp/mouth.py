"""The mouth in layers: two sheets of skin that part or overlap on the line between the lips, and the dark behind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

from equime_generation.renderers.warp import field, mesh

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from equime_generation.renderers.warp.proportions import Proportions
    from equime_generation.renderers.warp.region import Region

_SEAM_SEARCH_IOD: Final = 0.03
_SEAM_SMOOTH_IOD: Final = 0.06
_OPEN_IOD: Final = 0.03
_STEP_PX: Final = 0.8
_WIDENING: Final = 0.5
_FIRST_DARK_PX: Final = 0.4
_FULL_DARK_PX: Final = 2.0
_PRESSED_OPACITY: Final = 0.4
_PRESSED_WIDTH_PX: Final = 0.9
# Hue of a mouth's inside, as shares of the lips' own red, green and blue: in the upper lip's shadow, and below it.
_INSIDE: Final = np.array([(0.17, 0.12, 0.12), (0.34, 0.20, 0.20)])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Mouth:
    """The line between the lips of one photo, in pixels of the region.

    Attributes:
        columns: (N,) float32 columns from corner to corner.
        upper: (N,) float32 rows of the upper lip's lower edge.
        lower: (N,) float32 rows of the lower lip's upper edge; equal to ``upper`` on closed lips.
        inside: (2, 3) float32 colours behind the lips, 0-255: under the upper lip, and above the lower one.
    """

    columns: NDArray[np.float32]
    upper: NDArray[np.float32]
    lower: NDArray[np.float32]
    inside: NDArray[np.float32]

    def line(self, columns: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the row of the line at any columns; beyond the corners it goes on level."""
        middle = (self.upper + self.lower) / 2
        return np.interp(columns, self.columns, middle).astype(np.float32)

    def parted(self, upper: NDArray[np.float32], lower: NDArray[np.float32], columns: NDArray[np.float32]) -> Parting:
        """Return where the two sheets meet once they have moved.

        Args:
            upper: (H, W, 2) float32 displacements of the upper sheet.
            lower: (H, W, 2) float32 displacements of the lower sheet.
            columns: (W,) float32 columns at which the answer is wanted.
        """
        above = _moved(self.columns, self.upper, upper, columns)
        below = _moved(self.columns, self.lower, lower, columns)
        return Parting(above=above, below=below, corners=self._corners(upper))

    def _corners(self, upper: NDArray[np.float32]) -> tuple[float, float]:
        ends = field.at(upper, self.columns[None, [0, -1]], self.upper[None, [0, -1]])[0, :, 0]
        return float(self.columns[0] + ends[0]), float(self.columns[-1] + ends[1])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Parting:
    """Where the lips' edges stand in one frame, before the head's sway.

    Attributes:
        above: (W,) float32 row of the upper lip's edge in each column.
        below: (W,) float32 row of the lower lip's edge; smaller than ``above`` where the lips press.
        corners: Columns of the two corners of the mouth.
    """

    above: NDArray[np.float32]
    below: NDArray[np.float32]
    corners: tuple[float, float]

    def share_below(self, columns: NDArray[np.float32], y: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return how much the lower sheet counts at each place, (h, w) float32 0-1, for (w,) columns and (h, w) rows.

        A step between the corners, ever softer beyond them, where both sheets say the same.
        """
        gap = np.maximum(self.below - self.above, 0)
        middle = np.where(gap > 0, self.below - gap / 2, (self.above + self.below) / 2)
        beyond = np.maximum(0, np.maximum(self.corners[0] - columns, columns - self.corners[1]))
        share = np.clip((y - middle) / (2 * (_STEP_PX + _WIDENING * beyond)) + 0.5, 0, 1)
        return np.asarray(share**2 * (3 - 2 * share), dtype=np.float32)

    def dark(
        self, columns: NDArray[np.float32], y: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]] | None:
        """Return opacity and depth of the dark between the lips, each (h, w) float32 0-1; None where nothing changes.

        Depth is 0 at the upper lip and 1 at the lower. Pressed lips keep a thin dark line where they meet, because
        their own dark edges have rolled in.
        """
        between = (columns > self.corners[0]) & (columns < self.corners[1])
        gap = np.where(between, self.below - self.above, 0)
        if np.abs(gap).max() <= _FIRST_DARK_PX:
            return None
        strength = np.clip((gap - _FIRST_DARK_PX) / (_FULL_DARK_PX - _FIRST_DARK_PX), 0, 1)
        edge = np.clip(y - self.above + 0.3, 0, 1) * np.clip(self.below - y + 0.3, 0, 1)
        opening = cv2.GaussianBlur((edge * strength).astype(np.float32), (0, 0), 0.7)
        line = np.exp(-0.5 * ((y - (self.above + self.below) / 2) / _PRESSED_WIDTH_PX) ** 2)
        pressed = line * _PRESSED_OPACITY * np.clip(-gap / _FULL_DARK_PX, 0, 1)
        depth = np.clip((y - self.above) / np.maximum(gap, 1), 0, 1)
        return np.maximum(opening, pressed).astype(np.float32), np.asarray(depth * (gap > 0), dtype=np.float32)


def mouth_of(image: NDArray[np.uint8], proportions: Proportions, region: Region) -> Mouth:
    """Find the line between the lips: landmarks, drawn to the darkest row nearby where the lips are closed.

    Args:
        image: (height, width, 3) uint8, the region of the photo.
        proportions: Geometry of the face.
        region: Where ``image`` was cut.
    """
    points = proportions.points - (region.left, region.top)
    upper, lower = points[list(mesh.LIP_UPPER_INNER)], points[list(mesh.LIP_LOWER_INNER)]
    columns = np.arange(np.ceil(upper[0, 0]), np.floor(upper[-1, 0]) + 1)
    above, below = (np.interp(columns, edge[:, 0], edge[:, 1]) for edge in (_ordered(upper), _ordered(lower)))
    if (below - above).max() < _OPEN_IOD * proportions.interocular_px:
        seam = _seam(image, columns, (above + below) / 2, proportions.interocular_px)
        above = below = seam
    return Mouth(
        columns=columns.astype(np.float32),
        upper=above.astype(np.float32),
        lower=np.maximum(above, below).astype(np.float32),
        inside=_inside(image, points),
    )


def _ordered(points: NDArray[np.float64]) -> NDArray[np.float64]:
    return points[np.argsort(points[:, 0], kind="stable")]


def _seam(
    image: NDArray[np.uint8], columns: NDArray[np.float64], rows: NDArray[np.float64], interocular_px: float
) -> NDArray[np.float64]:
    """Draw the landmarks' line to the darkest row nearby, smoothly."""
    reach = max(1, round(_SEAM_SEARCH_IOD * interocular_px))
    offsets = np.arange(-reach, reach + 1)
    grey = np.asarray(cv2.GaussianBlur(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), (0, 0), 1.0), np.float32)
    x = np.repeat(columns[None], len(offsets), axis=0).astype(np.float32)
    samples = field.at(grey, x, (rows + offsets[:, None]).astype(np.float32))
    dark = np.maximum(samples.mean(0) - samples, 0) ** 2
    near = np.exp(-0.5 * (offsets / (0.5 * reach)) ** 2)[:, None]
    weight = dark * near + 1e-3
    shift = (weight * offsets[:, None]).sum(0) / weight.sum(0)
    ends = np.clip(np.minimum(columns - columns[0], columns[-1] - columns) / (3.0 * reach), 0, 1)
    blur = _SEAM_SMOOTH_IOD * interocular_px
    smooth = cv2.GaussianBlur((shift * ends)[None], (0, 0), sigmaX=blur, sigmaY=1e-3, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(rows + smooth[0] * ends)


def _inside(image: NDArray[np.uint8], points: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return colours behind the lips, from the lower lip's own colour; never from teeth."""
    rows, columns = np.round(points[[84, 17, 314, 181, 405]]).astype(int)[:, ::-1].T
    lip = image[np.clip(rows, 0, image.shape[0] - 1), np.clip(columns, 0, image.shape[1] - 1)].mean(0)
    return np.asarray(lip * _INSIDE, dtype=np.float32)


def _moved(
    columns: NDArray[np.float32],
    rows: NDArray[np.float32],
    moves: NDArray[np.float32],
    wanted: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Move an edge and return its row at the wanted columns."""
    moved = field.at(moves, columns[None], rows[None])[0]
    return np.asarray(np.interp(wanted, columns + moved[:, 0], rows + moved[:, 1]), dtype=np.float32)
