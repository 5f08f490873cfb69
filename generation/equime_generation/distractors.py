"""What moves on a face and is no expression: blinks, and the head leaving its place.

Source: a blink lasts 150-400 ms and closes faster than it opens (VanderWerf et al., J. Neurophysiol. 89 (2003)). Sizes
of the head's motion are ours: well above the sway, and slow, so that head compensation has something to do.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from equime_builder.facs import SIDES
from equime_builder.records import FPS, FRAMES, HeadMotion, NegativeKind, PlannedAU
from equime_generation.placing import place
from equime_generation.timeline import Timing, move

if TYPE_CHECKING:
    import numpy as np

KIND_SHARES: Final[dict[NegativeKind, float]] = {"rest": 0.5, "blink": 0.25, "head": 0.25}
"""Shares of the negatives."""
BLINK_S: Final = (0.15, 0.40)
BLINK_FRAMES: Final = (4, 9)
"""The same at 24 frames a second, whole frames inside it."""
CLOSURE: Final = (0.9, 1.0)
CLOSING_SHARE: Final = 0.35
MOST_BLINKS: Final = 2
HEAD_FRAMES: Final = (24, 40)
SHIFT_PX: Final = (2.0, 4.0)
TURN_DEG: Final = 0.3
ZOOM: Final = 0.004
MARGIN_FRAMES: Final = 12
"""Frames at rest at either end of a clip and between two distractors, at least."""
_BLINK: Final = 43


@dataclass(frozen=True, slots=True, kw_only=True)
class Distraction:
    """What moves beside the expression; fields as in `equime_builder.records.Plan`."""

    blinks: tuple[PlannedAU, ...] = ()
    head_motions: tuple[HeadMotion, ...] = ()

    @property
    def kind(self) -> NegativeKind:
        """What moves."""
        if self.blinks:
            return "blink"
        return "head" if self.head_motions else "rest"

    @property
    def kinds(self) -> tuple[NegativeKind, ...]:
        """Everything that moves."""
        found: tuple[tuple[NegativeKind, bool], ...] = (
            ("blink", bool(self.blinks)),
            ("head", bool(self.head_motions)),
        )
        return tuple(kind for kind, moves in found if moves)


def draw_distraction(emotion: str, generator: np.random.Generator) -> Distraction:
    """Draw what moves beside the expression: nothing on an expression, one of `KIND_SHARES` on a negative.

    Args:
        emotion: An expression has no distractor, whichever it is, so that none can tell one from another.
        generator: The distractors' own random stream; nothing about a person enters.
    """
    if emotion != "neutral":
        return Distraction()
    kind = list(KIND_SHARES)[int(generator.choice(len(KIND_SHARES), p=list(KIND_SHARES.values())))]
    if kind == "rest":
        return Distraction()
    if kind == "head":
        length = draw_head_frames(generator)
        (start,) = place([length], margin=MARGIN_FRAMES, gap=MARGIN_FRAMES, frames=FRAMES, generator=generator)
        return Distraction(head_motions=(draw_head_motion(start, length, generator),))
    lengths = [draw_blink_frames(generator) for _ in range(int(generator.integers(1, MOST_BLINKS + 1)))]
    starts = place(lengths, margin=MARGIN_FRAMES, gap=MARGIN_FRAMES, frames=FRAMES, generator=generator)
    blinks = [draw_blink(start, length, generator) for start, length in zip(starts, lengths, strict=True)]
    return Distraction(blinks=tuple(lid for blink in blinks for lid in blink))


def draw_blink_frames(generator: np.random.Generator) -> int:
    """Draw how many frames a blink takes from onset to offset."""
    fewest, most = BLINK_FRAMES
    return min(max(round(generator.uniform(*BLINK_S) * FPS), fewest), most)


def draw_blink(onset_frame: int, frames: int, generator: np.random.Generator) -> tuple[PlannedAU, ...]:
    """Draw how far the eyes close; both lids move alike.

    Args:
        onset_frame: Last frame at rest.
        frames: From onset to offset, as `draw_blink_frames` gives them.
    """
    timing = Timing(
        onset_frame=onset_frame,
        apex_frame=onset_frame + max(round(CLOSING_SHARE * frames), 1),
        hold_frames=0,
        offset_frame=onset_frame + frames,
    )
    closure = float(generator.uniform(*CLOSURE))
    return tuple(move(_BLINK, side, intensity=closure, timing=timing, lag_frames=0.0) for side in SIDES)


def draw_head_frames(generator: np.random.Generator) -> int:
    """Draw how many frames the head takes to leave its place and come back."""
    fewest, most = HEAD_FRAMES
    return int(generator.integers(fewest, most + 1))


def draw_head_motion(onset_frame: int, frames: int, generator: np.random.Generator) -> HeadMotion:
    """Draw where the head goes: a few pixels to any side, turning and coming nearer a little.

    Args:
        onset_frame: Last frame at rest.
        frames: From onset to offset, as `draw_head_frames` gives them.
    """
    size_px, angle = generator.uniform(*SHIFT_PX), generator.uniform(0.0, 2 * math.pi)
    return HeadMotion(
        onset_frame=onset_frame,
        apex_frame=onset_frame + round(frames * generator.uniform(0.35, 0.65)),
        offset_frame=onset_frame + frames,
        shift_x_px=float(size_px * math.cos(angle)),
        shift_y_px=float(size_px * math.sin(angle)),
        turn_deg=float(generator.uniform(-TURN_DEG, TURN_DEG)),
        zoom=float(generator.uniform(-ZOOM, ZOOM)),
    )
