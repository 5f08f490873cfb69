"""Records of finished clips: the file, what moved, what was measured, how it was made, and why one was dropped."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final, Literal

REJECTED_BY_PEOPLE: Final = "rejected_by_people"
INCOMPLETE_SET: Final = "incomplete_set"
"""Reason of a clip that its reviewers rejected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """An encoded clip and what its container says of it.

    Attributes:
        data: A whole MP4 file.
        bitrate_kbps: 8 x size / duration / 1000.
    """

    data: bytes
    num_frames: int
    fps: float
    width: int
    height: int
    codec: str
    encoder_profile: str

    def __post_init__(self) -> None:
        if not self.data:
            raise ValueError("an encoded clip must hold bytes")
        if self.num_frames < 1 or self.fps <= 0:
            raise ValueError(f"need frames and a rate, got {self.num_frames} frames at {self.fps} a second")

    @property
    def sha256(self) -> str:
        """Hash of the file's bytes."""
        return hashlib.sha256(self.data).hexdigest()

    @property
    def duration_s(self) -> float:
        """Frames over rate."""
        return self.num_frames / self.fps

    @property
    def bitrate_kbps(self) -> float:
        """Mean bit rate of the file, container included."""
        return 8 * len(self.data) / self.duration_s / 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueMotion:
    """Motion that a clip holds by construction, told by its renderer before any pixel was encoded.

    Attributes:
        motion_px: Largest displacement of skin at the planned apex, head sway left out, in pixels; 0 on negatives,
            whose blinks and motions of the head are none of an expression.
        motion_iod: The same in interocular distances (iris centre to iris centre).
        smallest_jacobian: Least determinant of the warp over all frames; 1 without motion.
        scaled: Factor by which intensities were weakened to keep skin from folding; 1 = not at all.
    """

    motion_px: float
    motion_iod: float
    smallest_jacobian: float
    scaled: float = 1.0

    def __post_init__(self) -> None:
        if self.motion_px < 0 or self.motion_iod < 0:
            raise ValueError(f"a largest displacement cannot be negative, got {self.motion_px} px")
        if not 0 < self.scaled <= 1:
            raise ValueError(f"scaled must lie in (0, 1], got {self.scaled}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Motion found in the decoded clip; every ``None`` means not measured or not found.

    Attributes:
        onset_frame: Last frame at rest before the found peak, as the apex and offset on the amplitude curve.
        motion_px: Largest head-compensated displacement at the found apex, in pixels of the clip.
        motion_iod: The same in interocular distances.
        correlation: Pearson correlation of measured and planned displacement vectors; ``None`` on negatives.
        slope: Least-squares factor from planned to measured displacement; ``None`` on negatives.
        peaks: Number of movements found: 1 on an expression, 0 on a negative; a blink counts as one.
        outside_px: Root mean square of the motion that the plan does not explain, in pixels.
        measured_by: Tool and version.
    """

    onset_frame: int | None
    apex_frame: int | None
    offset_frame: int | None
    motion_px: float | None
    motion_iod: float | None
    correlation: float | None
    slope: float | None
    peaks: int
    outside_px: float | None
    measured_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """How a clip was made; with the photo it is enough to make it again."""

    renderer: str
    model: str | None
    model_revision: str | None
    recipe: dict[str, object]
    generated_with: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """Something dropped, and why.

    Attributes:
        kind: ``"photo"`` or ``"clip"``.
        id: Clip id, or the photo's name within its source.
        reason: Short name of the rule, for tallies: ``"smile"``, ``"weak_motion"``.
        detail: The rule, the value and the limit in one line.
        final: Whether the clip was given up; ``False`` = a later attempt was made.
    """

    kind: Literal["photo", "clip"]
    id: str
    reason: str
    detail: str
    subject_id: str | None = None
    emotion: str | None = None
    attempt: int = 0
    final: bool = True
