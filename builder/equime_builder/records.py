"""One frozen record per stage of the pipeline, checked at birth.

A photo becomes a `Subject`; the causal model gives it a `Plan`; a renderer makes frames that become `Media`; they are
`Measured` and screened; what is kept becomes a row (see `schema`), what is not becomes a `Reject`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final, Literal

from equime_builder.facs import AUS, EMOTIONS, SIDES, Side, level_of, objective_class_of

SplitName = Literal["train", "validation", "test"]
SPLITS: Final[tuple[SplitName, SplitName, SplitName]] = ("train", "validation", "test")

SPOTTING: Final = "spotting"
"""Stands in the place of the emotion on clips of several events."""

NegativeKind = Literal["rest", "blink", "head"]
NEGATIVE_KINDS: Final[tuple[NegativeKind, NegativeKind, NegativeKind]] = ("rest", "blink", "head")

FRAMES: Final = 144
FPS: Final = 24
SIZE_PX: Final = 512
DURATION_S: Final = FRAMES / FPS


@dataclass(frozen=True, slots=True, kw_only=True)
class Demographics:
    """What somebody *declared* about a person; ``None`` where nobody did. Estimates never stand here.

    Attributes:
        gender: ``"female"``, ``"male"`` or another declared word, lower case.
        age: Years.
        age_group: As declared, for example ``"35-45"``.
        ethnicity: As declared; text such as ``"45% Middle Eastern, 55% North African"`` stays text.
        ethnicity_distribution: The same in numbers: group and share (0-1) pairs.
        skin_tone: Fitzpatrick type in Roman numerals, ``"I"`` to ``"VI"``, as declared.
        source: Who declared it, for example ``"openpeople 0.1.2 metadata"``.
    """

    gender: str | None = None
    age: float | None = None
    age_group: str | None = None
    ethnicity: str | None = None
    ethnicity_distribution: tuple[tuple[str, float], ...] = ()
    skin_tone: str | None = None
    source: str = "undeclared"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A person whose photo passed the gate.

    Attributes:
        id: Lower-case name made of letters, digits and hyphens; unique in a dataset.
        source: Where the photo came from, for example ``"openpeople"``; never a path of the user's machine.
        source_sha256: Hash of the photo file's bytes.
        source_license: Licence of the photo as its source states it.
        skin_ita: Individual typology angle measured on the aligned photo, in degrees; ``None`` = not measured.
    """

    id: str
    demographics: Demographics
    source: str
    source_sha256: str
    source_license: str
    skin_ita: float | None = None

    def __post_init__(self) -> None:
        if not self.id or self.id.strip("abcdefghijklmnopqrstuvwxyz0123456789-"):
            raise ValueError(f"a subject id is made of a-z, 0-9 and '-', got {self.id!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where a subject's clips go: one split, and one of five folds for cross-validation."""

    split: SplitName
    fold: int

    def __post_init__(self) -> None:
        if self.split not in SPLITS:
            raise ValueError(f"split must be one of {SPLITS}, got {self.split!r}")
        if not 0 <= self.fold <= 4:
            raise ValueError(f"fold must lie in 0-4, got {self.fold}")


def _check_frames(onset: int, apex: int, offset: int) -> None:
    if not 0 <= onset < apex < offset < FRAMES:
        raise ValueError(f"frames must satisfy 0 <= onset < apex < offset < {FRAMES}, got {onset}, {apex}, {offset}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedAU:
    """One Action Unit on one side of the face, with its true intensity over time.

    Attributes:
        intensity: Peak, 0-1 of the full-range motion.
        onset_frame: Last frame at rest before the movement.
        apex_frame: Frame of the largest intensity.
        offset_frame: First frame at rest after the movement.
        curve: Intensity at each frame from ``onset_frame`` to ``offset_frame``, both included; 0 at both ends.
    """

    au: int
    side: Side
    intensity: float
    onset_frame: int
    apex_frame: int
    offset_frame: int
    curve: tuple[float, ...]

    def __post_init__(self) -> None:
        if self.au not in AUS or self.side not in SIDES:
            raise ValueError(f"AU {self.au} {self.side} is not in the vocabulary")
        _check_frames(self.onset_frame, self.apex_frame, self.offset_frame)
        if len(self.curve) != self.offset_frame - self.onset_frame + 1:
            raise ValueError(f"curve must hold one value a frame, got {len(self.curve)}")
        if not all(0.0 <= value <= 1.0 for value in self.curve):
            raise ValueError("curve values must lie in 0-1")

    @property
    def level(self) -> str:
        """FACS letter of the peak intensity."""
        return level_of(self.intensity)

    def at(self, frame: int) -> float:
        """Return the intensity at ``frame``; 0 outside the movement."""
        inside = self.onset_frame <= frame <= self.offset_frame
        return self.curve[frame - self.onset_frame] if inside else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Nuisance:
    """What moves and flickers without meaning; drawn independently of the emotion and of the person.

    Attributes:
        key: Names the random stream of sway and noise.
        sway_px: Largest rigid displacement of the head, in pixels.
        noise_sigma: Standard deviation of the sensor noise, in grey levels of 255.
    """

    key: str
    sway_px: float
    noise_sigma: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadMotion:
    """The head leaves its place and comes back, as one rigid piece; its peaks are reached at ``apex_frame``.

    Attributes:
        onset_frame: Last frame at rest before the motion.
        apex_frame: Frame of the largest motion.
        offset_frame: First frame at rest after the motion.
        shift_x_px: Shift to the right of the picture, in pixels.
        shift_y_px: Shift downwards, in pixels.
        turn_deg: Turn in the picture's plane about its centre, clockwise, in degrees.
        zoom: Growth as a share of the size; negative = the head moves away.
    """

    onset_frame: int
    apex_frame: int
    offset_frame: int
    shift_x_px: float
    shift_y_px: float
    turn_deg: float
    zoom: float

    def __post_init__(self) -> None:
        _check_frames(self.onset_frame, self.apex_frame, self.offset_frame)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One micro-expression of a clip that holds several; its AUs are those of the plan that move within its frames.

    Attributes:
        onset_frame: Last frame at rest before it.
        apex_frame: Frame where its summed intensity is largest.
        offset_frame: First frame at rest after it.
    """

    emotion: str
    onset_frame: int
    apex_frame: int
    offset_frame: int

    def __post_init__(self) -> None:
        if self.emotion not in EMOTIONS:
            raise ValueError(f"emotion must be one of {EMOTIONS}, got {self.emotion!r}")
        _check_frames(self.onset_frame, self.apex_frame, self.offset_frame)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All that decides a clip, before any pixel is made.

    Attributes:
        clip_id: Unique in a dataset; keys every random number of the clip.
        plan_id: Shared by the clips that carry the same AU programme on different people.
        aus: Empty on negatives; left and right are separate entries.
        onset_frame: Last frame at rest; ``None`` on negatives, as the apex and the offset.
        apex_frame: Frame where the summed intensity is largest.
        offset_frame: First frame at rest again.
        attempt: 0 for the first try; each retry draws its nuisance anew and keeps the programme.
        blinks: Closures of the eyes (AU43, both sides of each); they are no part of the expression.
        head_motions: Motions of the head beyond the sway.
        events: On a clip of several micro-expressions these, in order of time, apart from each other; its ``emotion``
            is `SPOTTING`, and ``aus``, onset, apex and offset are those of all together. Empty on all other clips.
    """

    clip_id: str
    plan_id: str
    subject_id: str
    emotion: str
    aus: tuple[PlannedAU, ...]
    onset_frame: int | None
    apex_frame: int | None
    offset_frame: int | None
    nuisance: Nuisance
    prompt: str
    negative_prompt: str
    caption: str
    seed: int
    attempt: int = 0
    blinks: tuple[PlannedAU, ...] = ()
    head_motions: tuple[HeadMotion, ...] = ()
    events: tuple[Event, ...] = ()

    def __post_init__(self) -> None:
        if self.emotion not in (*EMOTIONS, SPOTTING):
            raise ValueError(f"emotion must be one of {(*EMOTIONS, SPOTTING)}, got {self.emotion!r}")
        if bool(self.events) != (self.emotion == SPOTTING):
            raise ValueError(f"a plan has events if and only if its emotion is {SPOTTING!r}, got {self.emotion!r}")
        if any(later.onset_frame <= earlier.offset_frame for earlier, later in pairwise(self.events)):
            raise ValueError("events must stand in order of time and apart from each other")
        timed = [frame is not None for frame in (self.onset_frame, self.apex_frame, self.offset_frame)]
        if any(timed) != bool(self.aus) or any(timed) != all(timed):
            raise ValueError("a plan with AUs has onset, apex and offset; a negative has none of them")

    @property
    def negative_kind(self) -> NegativeKind | None:
        """What moves on a negative: nothing (``rest``), the lids or the head; ``None`` on expressions."""
        if self.aus:
            return None
        if self.blinks:
            return "blink"
        return "head" if self.head_motions else "rest"

    @property
    def blink_spans(self) -> tuple[tuple[int, int, int], ...]:
        """Onset, apex and offset frame of each blink, in order of time."""
        return tuple(sorted({(lid.onset_frame, lid.apex_frame, lid.offset_frame) for lid in self.blinks}))

    def of_event(self, event: Event) -> Plan:
        """Return the plan of one event of a clip of several, as if nothing else happened in the clip."""
        inside = range(event.onset_frame, event.offset_frame + 1)
        return replace(
            self,
            emotion=event.emotion,
            aus=tuple(au for au in self.aus if au.onset_frame in inside and au.offset_frame in inside),
            onset_frame=event.onset_frame,
            apex_frame=event.apex_frame,
            offset_frame=event.offset_frame,
            events=(),
            blinks=(),
            head_motions=(),
        )

    @property
    def objective_class(self) -> str | None:
        """Class I-VII of the planned AUs; ``None`` on negatives."""
        return objective_class_of(frozenset(planned.au for planned in self.aus))


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
