"""What a model says of one face, and what the faces of a clip say together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceEstimate:
    """The largest face of one frame; ``None`` and empty shares = not measured.

    Attributes:
        frame: Counted from 0.
        faces: Faces found in the frame.
        x: Left edge of the face in pixels.
        y: Top edge.
        age: Years.
        genders: Share of female and male, together 1.
        ethnicities: Shares of DeepFace's six groups, together 1.
        emotions: Shares of DeepFace's seven emotions, together 1.
    """

    frame: int
    faces: int
    x: int
    y: int
    width: int
    height: int
    age: float | None = None
    genders: Mapping[str, float] = field(default_factory=dict)
    ethnicities: Mapping[str, float] = field(default_factory=dict)
    emotions: Mapping[str, float] = field(default_factory=dict)

    @property
    def gender(self) -> str | None:
        """The one with the largest share."""
        return leading(self.genders)

    @property
    def ethnicity(self) -> str | None:
        """The one with the largest share."""
        return leading(self.ethnicities)

    @property
    def emotion(self) -> str | None:
        """The one with the largest share."""
        return leading(self.emotions)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipAttributes:
    """What the frames of a clip say together; ``None`` = not measured.

    Attributes:
        frames: Frames that were looked at.
        frames_with_face: Those in which a face was found; only they vote.
        most_faces: Largest number of faces in a frame.
        age: Median of the frames, in years.
        age_spread: Standard deviation of two frames or more, in years.
        gender: The one that most frames say; of equally many, the one with the larger mean share.
        gender_agreement: Share of the frames that say so, 0-1; as of the others.
        tool: What estimated, with its version.
        refused: Why the clip could not be read; empty where it was.
    """

    video_path: str
    clip_id: str = ""
    frames: int = 0
    frames_with_face: int = 0
    most_faces: int = 0
    age: float | None = None
    age_spread: float | None = None
    gender: str | None = None
    gender_agreement: float | None = None
    ethnicity: str | None = None
    ethnicity_agreement: float | None = None
    emotion: str | None = None
    emotion_agreement: float | None = None
    tool: str = ""
    refused: str = ""


class Analyser(Protocol):
    """Whoever estimates; loaded once a process."""

    def __call__(self, frames: Sequence[tuple[int, NDArray[np.uint8]]]) -> list[FaceEstimate]:
        """Return the largest face of each frame in which there is one.

        Args:
            frames: Numbers and (H, W, 3) uint8 RGB pictures.
        """
        ...


def leading(shares: Mapping[str, float]) -> str | None:
    """Return the name with the largest share, the first of equal ones; of none, ``None``."""
    return max(shares, key=lambda name: shares[name]) if shares else None
