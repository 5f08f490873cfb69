"""Eyes and mouth of the widest face in a picture, for those who cut faces out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import TYPE_CHECKING

from equime_evaluation.baselines.faces import FacePoints, Locate
from equime_generation.alignment import LEFT_EYE, MOUTH, RIGHT_EYE
from equime_generation.landmarks import FaceFinder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@contextmanager
def face_finder(crop: str) -> Iterator[Locate | None]:
    """Give what finds eyes and mouth, or nothing where pictures stay whole, until the block is left.

    The model is loaded for the first picture, which never comes where clips are in the cache or a dataset is missing.
    The first call raises `MissingExtraError` where it is not installed.

    Args:
        crop: Of a set-up: ``face`` or ``whole``.
    """
    if crop != "face":
        yield None
        return
    with ExitStack() as opened:

        @cache
        def finder() -> FaceFinder:
            return opened.enter_context(FaceFinder())

        yield lambda picture: _points(finder(), picture)


def _points(finder: FaceFinder, picture: NDArray[np.uint8]) -> FacePoints | None:
    faces = finder.find(picture)
    if not faces:
        return None
    points = faces[0].landmarks[:, :2]
    right, left, mouth = (points[list(pair)].mean(0).tolist() for pair in (RIGHT_EYE, LEFT_EYE, MOUTH))
    return FacePoints(right_eye=(right[0], right[1]), left_eye=(left[0], left[1]), mouth=(mouth[0], mouth[1]))
