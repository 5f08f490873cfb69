"""What a model is shown of a plan: pictures at some frames, or the whole clip, painted by the warp renderer.

Pictures are painted clean: noise would cost the VAE bits that the motion needs, and a head that swayed between two
keyframes would be read as a motion to make. Rest and apex come out of the same resampling, so that sharpness does not
tell them apart.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from equime_builder.records import FRAMES
from equime_generation.renderers.warp.render import paint

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from equime_builder.records import Plan
    from equime_generation.renderers.warp.rig import Rig

ASKED_FRAMES: Final = 145
"""Frames that the model makes: 8 k + 1. Asked for 144, diffusers would make 137; the last one is dropped."""

Moment = tuple[int, int, int]
"""Onset, apex and offset frame of something that a plan moves."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Conditioning:
    """Pictures for one clip.

    Attributes:
        frames: Where each picture belongs: the first at 0, rising, each in 0-144.
        pictures: (K, 512, 512, 3) uint8 RGB; with ``guide`` all 145 frames of the clip.
        guide: Whether the pictures are the clip itself, to be followed loosely, rather than frames to be met.
    """

    frames: tuple[int, ...]
    pictures: NDArray[np.uint8]
    guide: bool = False

    def __post_init__(self) -> None:
        # diffusers accepts any index, far outside the clip too.
        rising = self.frames[:1] == (0,) and all(earlier < later for earlier, later in pairwise(self.frames))
        if not rising or self.frames[-1] >= ASKED_FRAMES or len(self.frames) != len(self.pictures):
            raise ValueError(f"pictures must rise from frame 0 and stay below {ASKED_FRAMES}, got {self.frames}")

    @property
    def later(self) -> int:
        """Number of pictures after frame 0 that stand alone; each is tokens of its own to the model."""
        return 0 if self.guide else len(self.frames) - 1


def frames_of(mode: str, plan: Plan) -> tuple[int, ...]:
    """Return where a plan's pictures belong; how many there are decides which clips can share a batch."""
    if mode == "guide":
        return tuple(range(ASKED_FRAMES))
    if mode == "text":
        return (0,)
    moments = moments_of(plan)
    return tuple(sorted({0, *(apex for _, apex, _ in moments), *_rests_between(moments), ASKED_FRAMES - 1}))


def conditioning_of(mode: str, rig: Rig, plan: Plan) -> Conditioning:
    """Return what a model is shown of a plan.

    Args:
        mode: One of `equime_generation.renderers.ltx.settings.CONDITIONINGS`.
        rig: The face.
        plan: What moves, as held back for this face.
    """
    frames = frames_of(mode, plan)
    if mode == "text":
        return Conditioning(frames=frames, pictures=rig.face.image[None])
    # A head that stands perfectly still for six seconds looks dead: the guide keeps its sway.
    sway_px = plan.nuisance.sway_px if mode == "guide" else 0.0
    clean = replace(plan, nuisance=replace(plan.nuisance, noise_sigma=0.0, sway_px=sway_px))
    pictures = paint(rig, clean, [min(frame, FRAMES - 1) for frame in frames])
    return Conditioning(frames=frames, pictures=pictures, guide=mode == "guide")


def moments_of(plan: Plan) -> list[Moment]:
    """Return all that a plan moves in order of the apexes: its expression or events, blinks, motions of the head."""
    found = {(event.onset_frame, event.apex_frame, event.offset_frame) for event in plan.events}
    found |= {(motion.onset_frame, motion.apex_frame, motion.offset_frame) for motion in plan.head_motions}
    found |= set(plan.blink_spans)
    if not plan.events and plan.onset_frame is not None:
        assert plan.apex_frame is not None
        assert plan.offset_frame is not None
        found.add((plan.onset_frame, plan.apex_frame, plan.offset_frame))
    return sorted(found, key=lambda moment: moment[1])


def _rests_between(moments: Sequence[Moment]) -> list[int]:
    gaps = [(earlier[2], later[0]) for earlier, later in pairwise(moments)]
    return [(offset + onset) // 2 for offset, onset in gaps if offset <= onset]
