"""Records of plans: all that decides a clip before any pixel is made."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final, Literal

from equime_builder.facs import AUS, EMOTIONS, SIDES, Side, level_of, objective_class_of

SPOTTING: Final = "spotting"
"""Stands in the place of the emotion on clips of several events."""

NegativeKind = Literal["rest", "blink", "head"]
NEGATIVE_KINDS: Final[tuple[NegativeKind, NegativeKind, NegativeKind]] = ("rest", "blink", "head")

FRAMES: Final = 144
FPS: Final = 24
SIZE_PX: Final = 512
DURATION_S: Final = FRAMES / FPS


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
        apex_frame: Frame where its summed intensity is largest; the middle one where the peak is held.
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
        apex_frame: Frame where the summed intensity is largest; the middle one where the peak is held.
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


def _check_frames(onset: int, apex: int, offset: int) -> None:
    if not 0 <= onset < apex < offset < FRAMES:
        raise ValueError(f"frames must satisfy 0 <= onset < apex < offset < {FRAMES}, got {onset}, {apex}, {offset}")
