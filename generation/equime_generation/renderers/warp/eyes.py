"""Eyes in layers: skin that moves over an eyeball that does not, and a lid that slides shut."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

from equime_generation.faces import LEFT_IRIS, RIGHT_IRIS
from equime_generation.renderers.warp import field, mesh

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from equime_builder.facs import Side
    from equime_generation.renderers.warp.proportions import Proportions
    from equime_generation.renderers.warp.region import Region

_MARGIN_IOD: Final = 0.16
_EDGE_BLUR_PX: Final = 0.9
_IRIS: Final = {"right": slice(RIGHT_IRIS, RIGHT_IRIS + 5), "left": slice(LEFT_IRIS, LEFT_IRIS + 5)}
_OVERLAP_PX: Final = 1.5
_HEM_IOD: Final = 0.045
_HEM_BLEND_PX: Final = 4.0
_STREAK_BLUR_IOD: Final = 0.035


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Eye:
    """One eye of the photo, in pixels of the region.

    Attributes:
        window: Rows and columns of the region around the eye.
        aperture: (h, w) float32 within the window: 1 on the eyeball, 0 on skin, soft between.
        fold: Row of the fold from which lid skin unrolls, one value for each column of the window.
        hem: Row from which the lid moves as a whole, lashes and all.
        margin: Row of the upper lid's margin.
        under: Row of the lower lid's margin.
        iris: Column and row of the centre of the iris in the window, and its radius.
        unit_px: Distance of the iris centres.
        travel: Rows that the margin moves at full closure.
    """

    window: tuple[slice, slice]
    aperture: NDArray[np.float32]
    fold: NDArray[np.float32]
    hem: NDArray[np.float32]
    margin: NDArray[np.float32]
    under: NDArray[np.float32]
    iris: tuple[float, float, float]
    unit_px: float
    travel: NDArray[np.float32]

    def slide(self, closure: float) -> NDArray[np.float32]:
        """Return how far a closing lid carries each pixel of the photo down, (h, w) float32 in pixels."""
        share = (self._rows() - self.fold) / (self.hem - self.fold)
        on_lid = self._rows() <= self.margin + 0.5
        return np.asarray(closure * self.travel * np.clip(share, 0, 1) * on_lid, dtype=np.float32)

    def unslide(
        self, x: NDArray[np.float32], y: NDArray[np.float32], closure: float
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Trace places back through a closing lid.

        Args:
            x: Columns of the region, (h, w) float32.
            y: Rows of the region.
            closure: 0 = as in the photo, 1 = shut.

        Returns:
            Rows of the photo that the lid's skin shows there, and how much the lid leaves uncovered (0-1).
        """
        column = x - np.float32(self.window[1].start)
        fold, hem, margin, travel = (
            self.along(values, column) for values in (self.fold, self.hem, self.margin, self.travel)
        )
        row = y - np.float32(self.window[0].start)
        slid = closure * travel
        unrolled = fold + (hem - fold) * (row - fold) / (hem + slid - fold)
        lid = np.where(row < fold, row, np.where(row < hem + slid, unrolled, row - slid))
        uncovered = np.clip(row - (margin + slid) + 0.5, 0, 1)
        return lid + np.float32(self.window[0].start), uncovered

    def without_streaks(
        self, lid: NDArray[np.uint8], x: NDArray[np.float32], y: NDArray[np.float32], closure: float
    ) -> NDArray[np.float32]:
        """Smooth skin that a closing lid draws out, on which roots of lashes and make-up would become streaks.

        Args:
            lid: (h, w, 3) uint8, the lid's skin at each pixel of the window.
            x: Columns of the region, (h, w) float32.
            y: Rows of the region.
            closure: 0 = as in the photo, 1 = shut.
        """
        column, row = x - np.float32(self.window[1].start), y - np.float32(self.window[0].start)
        fold, hem, travel = (self.along(values, column) for values in (self.fold, self.hem, self.travel))
        stretch = closure * travel / (hem - fold)
        place = (row - fold) / (hem + closure * travel - fold)
        # The upper part keeps the crease.
        inside = np.clip((place - 0.25) * 2.5, 0, 1) * np.clip((hem + closure * travel - row) / _HEM_BLEND_PX, 0, 1)
        share = np.clip(stretch, 0, 0.85) * inside
        smooth = cv2.GaussianBlur(lid.astype(np.float32), (0, 0), _STREAK_BLUR_IOD * self.unit_px)
        return np.asarray(lid + share[..., None] * (smooth - lid), dtype=np.float32)

    def _rows(self) -> NDArray[np.float32]:
        return np.arange(self.aperture.shape[0], dtype=np.float32)[:, None]

    @staticmethod
    def along(values: NDArray[np.float32], column: NDArray[np.float32]) -> NDArray[np.float32]:
        """Look up what is known of each column of the window, such as ``margin``, at columns between them."""
        return field.at(values[None], column, np.zeros_like(column))


def eye_of(side: Side, proportions: Proportions, region: Region) -> Eye:
    """Cut one eye out of a face's landmarks."""
    points = proportions.points - (region.left, region.top)
    upper, lower = points[list(mesh.on(side, mesh.LID_UPPER))], points[list(mesh.on(side, mesh.LID_LOWER))]
    cover = points[list(mesh.on(side, mesh.COVER_FOLD))]
    margin_px = _MARGIN_IOD * proportions.interocular_px
    everything = np.vstack([upper, lower, cover])
    left, top = np.maximum(np.floor(everything.min(0) - margin_px), 0).astype(int)
    right, bottom = np.ceil(everything.max(0) + margin_px).astype(int)
    window = slice(int(top), min(int(bottom), region.height)), slice(int(left), min(int(right), region.width))
    aperture = _aperture(upper - (left, top), lower - (left, top), window)
    columns = np.arange(aperture.shape[1], dtype=np.float64) + left
    lid, under = _curve(upper, columns), _curve(lower, columns)
    hem = lid - _HEM_IOD * proportions.interocular_px
    fold = np.minimum(_curve(cover, columns), hem - 2.0)
    inside = (columns > upper[:, 0].min()) & (columns < upper[:, 0].max())
    height = np.where(inside, np.maximum(under - lid, 0.0), 0.0)
    travel = height + np.minimum(height, 1.0) * _OVERLAP_PX
    return Eye(
        window=window,
        aperture=aperture,
        fold=(fold - top).astype(np.float32),
        hem=(hem - top).astype(np.float32),
        margin=(lid - top).astype(np.float32),
        under=(under - top).astype(np.float32),
        iris=_iris(points[_IRIS[side]] - (left, top)),
        unit_px=proportions.interocular_px,
        travel=travel.astype(np.float32),
    )


def _aperture(
    upper: NDArray[np.float64], lower: NDArray[np.float64], window: tuple[slice, slice]
) -> NDArray[np.float32]:
    """Return the soft mask of the opening between the lids."""
    shape = (window[0].stop - window[0].start, window[1].stop - window[1].start)
    mask = np.zeros(shape, np.uint8)
    outline = np.vstack([upper, lower[::-1][1:-1]])
    cv2.fillPoly(mask, [np.round(outline * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), _EDGE_BLUR_PX), dtype=np.float32) / np.float32(255)


def _iris(points: NDArray[np.float64]) -> tuple[float, float, float]:
    """Return centre and radius from the centre and four points of the rim, of which lids hide the upper and lower."""
    (column, row), radius = points[0], abs(float(points[1, 0] - points[3, 0])) / 2
    return float(column), float(row), radius


def _curve(points: NDArray[np.float64], columns: NDArray[np.float64]) -> NDArray[np.float64]:
    order = np.argsort(points[:, 0], kind="stable")
    return np.asarray(np.interp(columns, points[order, 0], points[order, 1]))
