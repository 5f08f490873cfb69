"""Measurements of the face: how it is turned, and what the eyes and mouth do."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import numpy as np

from equime_generation.alignment import LEFT_EYE, RIGHT_EYE
from equime_generation.gate.candidate import Candidate

if TYPE_CHECKING:
    from numpy.typing import NDArray

INNER_LIPS: Final = ((13, 14), (82, 87), (312, 317))
"""Upper and lower inner lip: in the middle, right and left of it."""

POSED_MOUTH: Final[tuple[tuple[str, ...], ...]] = (
    ("mouthFrownLeft", "mouthFrownRight"),
    ("mouthStretchLeft", "mouthStretchRight"),
    ("mouthDimpleLeft", "mouthDimpleRight"),
    ("mouthPucker",),
    ("mouthFunnel",),
    ("mouthLeft",),
    ("mouthRight",),
    ("jawLeft",),
    ("jawRight",),
)
"""Shapes of a mouth that is not at rest. Pressed lips are left out, because beards read as such."""

SMALLEST_FACE_SHARE: Final = 1 / 3


def face_count(candidate: Candidate) -> float:
    """Return the number of faces on the photo that are at least a third as wide as the widest."""
    widths = [float(np.ptp(found.landmarks[:, 0])) for found in candidate.found]
    return float(sum(width >= SMALLEST_FACE_SHARE * widths[0] for width in widths))


def eye_distance_px(candidate: Candidate) -> float:
    """Return the distance of the eye centres on the photo, in photo pixels."""
    return float(np.hypot(*_eye_line(candidate)))


def roll_deg(candidate: Candidate) -> float:
    """Return how far the line of the eyes is from level on the photo, in degrees."""
    x, y = _eye_line(candidate)
    return abs(float(np.degrees(np.arctan2(y, x))))


def _eye_line(candidate: Candidate) -> NDArray[np.float64]:
    points = candidate.found[0].landmarks[:, :2]
    return np.asarray(points[list(LEFT_EYE)].mean(0) - points[list(RIGHT_EYE)].mean(0))


def yaw_deg(candidate: Candidate) -> float:
    """Return how far the face is turned to either side, in degrees: its viewing axis against the camera's, in x."""
    x, _, z = candidate.face.pose[:3, 2]
    return abs(float(np.degrees(np.arctan2(x, z))))


def pitch_deg(candidate: Candidate) -> float:
    """Return how far the face looks down (positive) or up (negative), in degrees, on the aligned crop."""
    x, y, z = candidate.face.pose[:3, 2]
    return float(np.degrees(np.arctan2(-y, np.hypot(x, z))))


def mean_blendshape(*names: str) -> Callable[[Candidate], float]:
    """Return a measurement: the mean activation (0-1) of the named blendshapes."""
    return lambda candidate: float(np.mean([candidate.face.blendshapes[name] for name in names]))


def posed_mouth(candidate: Candidate) -> float:
    """Return the largest activation (0-1) among the shapes of a mouth that is not at rest."""
    return max(mean_blendshape(*names)(candidate) for names in POSED_MOUTH)


def lip_gap(candidate: Candidate) -> float:
    """Return the widest gap between the inner lips, in eye distances of the crop."""
    points = candidate.face.landmarks[:, :2]
    gap_px = max(float(np.hypot(*(points[upper] - points[lower]))) for upper, lower in INNER_LIPS)
    eyes_px = float(np.hypot(*(points[list(LEFT_EYE)].mean(0) - points[list(RIGHT_EYE)].mean(0))))
    return gap_px / eyes_px
