"""What the gate judges: a photo with the faces found on it, and its largest face aligned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from equime_generation.alignment import crop_transform, resample, scale_of
from equime_generation.landmarks import FaceFinder, Found

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Candidate:
    """A photo on its way through the gate.

    Attributes:
        photo_shape: Height, width and channels of the photo.
        found: Faces on the photo, the widest first; that one was aligned.
        transform: (2, 3), photo pixels to crop pixels.
        image: (512, 512, 3) uint8 RGB crop.
        face: The same face found again on the crop.
    """

    photo_shape: tuple[int, ...]
    found: tuple[Found, ...]
    transform: NDArray[np.float64]
    image: NDArray[np.uint8]
    face: Found

    @property
    def upscale(self) -> float:
        """Crop pixels for one photo pixel."""
        return scale_of(self.transform)


def make_candidate(photo: NDArray[np.uint8], finder: FaceFinder) -> Candidate | None:
    """Align the widest face of an (H, W, 3) uint8 RGB photo; None where no face is found."""
    found = finder.find(photo)
    if not found:
        return None
    transform = crop_transform(found[0].landmarks)
    image = resample(photo, transform)
    again = finder.find(image)
    if not again:
        return None
    return Candidate(photo_shape=photo.shape, found=tuple(found), transform=transform, image=image, face=again[0])
