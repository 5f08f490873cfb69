"""A photo becomes a face: found, aligned to 512 x 512 with the eyes level, and carried with its landmarks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from equime_builder.records import Subject

RIGHT_IRIS: Final = 468
LEFT_IRIS: Final = 473


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Face:
    """An aligned face.

    Attributes:
        image: (512, 512, 3) uint8 RGB, eyes level.
        landmarks: (478, 3) float64 in pixels of ``image``; z in the same scale, towards the camera negative.
            MediaPipe's numbering: the subject's right side is at the image's left.
        upscale: Pixels of ``image`` for one pixel of the photo; over 1 = enlarged.
    """

    subject: Subject
    image: NDArray[np.uint8]
    landmarks: NDArray[np.float64]
    upscale: float

    @property
    def interocular_px(self) -> float:
        """Distance of the iris centres in pixels of ``image``."""
        x, y = self.landmarks[LEFT_IRIS, :2] - self.landmarks[RIGHT_IRIS, :2]
        return float((x * x + y * y) ** 0.5)
