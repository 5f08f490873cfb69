"""Where single frames are looked at: boxes that stay in place while the face moves in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Box = tuple[slice, slice]

_NOSE_TIP: Final = 1
_CHEEKS: Final = (50, 280)
_CHEEK_IOD: Final = 0.25
_RIGHT_IRIS, _LEFT_IRIS = 468, 473
_CORNER_SHARE: Final = 0.12


@dataclass(frozen=True, slots=True, kw_only=True)
class Regions:
    """Boxes of a picture, each rows and columns.

    Attributes:
        parts: Face regions by name: ``upper``, ``lower``, ``face``.
        flat: Patches where little but noise is seen, by name: ``cheeks``, ``background``.
    """

    parts: dict[str, tuple[Box, ...]]
    flat: dict[str, tuple[Box, ...]]


def regions_of(landmarks: NDArray[np.float64], shape: tuple[int, int] = (512, 512)) -> Regions:
    """Return the regions of a face at rest, split at the tip of the nose; the background is read in the top corners.

    Args:
        landmarks: (478, 2 or 3) in pixels, MediaPipe's numbering.
        shape: Height and width of the picture.
    """
    points = landmarks[:, :2]
    (left, top), (right, bottom) = points.min(0), points.max(0)
    nose = points[_NOSE_TIP, 1]
    half = _CHEEK_IOD / 2 * float(np.hypot(*(points[_LEFT_IRIS] - points[_RIGHT_IRIS])))
    cheeks = tuple(_box(y - half, y + half, x - half, x + half, shape) for x, y in points[list(_CHEEKS)])
    rows, columns = (_CORNER_SHARE * size for size in shape)
    corners = (_box(0, rows, 0, columns, shape), _box(0, rows, shape[1] - columns, shape[1], shape))
    return Regions(
        parts={
            "upper": (_box(top, nose, left, right, shape),),
            "lower": (_box(nose, bottom, left, right, shape),),
            "face": (_box(top, bottom, left, right, shape),),
        },
        flat={"cheeks": cheeks, "background": corners},
    )


def _box(top: float, bottom: float, left: float, right: float, shape: tuple[int, int]) -> Box:
    rows, columns = (
        np.clip(np.rint(span), 0, size) for span, size in zip(((top, bottom), (left, right)), shape, strict=True)
    )
    return slice(int(rows[0]), int(rows[1])), slice(int(columns[0]), int(columns[1]))
