"""Where to look: the part of the picture that the planned fields move, and still skin around it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MOVED_SHARE: Final = 0.05
_MARGIN_IOD: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Region:
    """A box of the picture and the pixels in it that count.

    Attributes:
        box: Rows and columns of the picture, both starting and ending at even numbers.
        mask: (h, w) bool inside the box.
    """

    box: tuple[slice, slice]
    mask: NDArray[np.bool_]

    @classmethod
    def around(cls, fields: NDArray[np.float32], interocular_px: float) -> Region:
        """Return the pixels that any field moves by over 5 % of its own maximum, grown by half an interocular distance.

        The margin holds the head's motion apart from the face's: it moves with the first alone.

        Args:
            fields: (K, H, W, 2) float32, none of them zero.
            interocular_px: Distance of the iris centres.
        """
        sizes = np.hypot(fields[..., 0], fields[..., 1])
        moved = np.asarray((sizes > _MOVED_SHARE * sizes.max((1, 2), keepdims=True)).any(0))
        distance_px = cv2.distanceTransform((~moved).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        grown = np.asarray(distance_px) <= _MARGIN_IOD * interocular_px
        box = (_even_span(grown.max(1)), _even_span(grown.max(0)))
        return cls(box=box, mask=grown[box])


def _even_span(used: NDArray[np.bool_]) -> slice:
    places = np.flatnonzero(used)
    return slice(int(places[0]) // 2 * 2, min(int(places[-1]) // 2 * 2 + 2, len(used) // 2 * 2))
