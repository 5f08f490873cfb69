"""What an expression does to what single frames show: the same clip with and without it, all else alike.

Sway, noise and light are those of the clip, so that what differs at the apex is the expression's doing, and the
encoder's. It is given in standard deviations of the frames at rest, for that is what hides it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.figures import Figure
from benchmarks.people import default_faces
from equime_builder.records import FRAMES

if TYPE_CHECKING:
    from equime_builder.records import Plan
    from equime_evaluation.shortcuts import Regions
    from equime_generation.renderers.warp.rig import Rig

LARGEST_SHIFT = 0.5
SEED = 3
# Frames painted around an apex; in the first of them the encoder settles.
BEFORE, AFTER, SETTLING = 40, 30, 12


def shift_figure(emotions: list[str]) -> Figure:
    """Return the largest mean shift of any feature, over one clip an emotion on every other person."""
    from equime_evaluation.shortcuts import FEATURES

    shifts = np.array(list(_shifts(emotions)))
    mean, error = shifts.mean(0), shifts.std(0, ddof=1) / np.sqrt(len(shifts))
    order = np.argsort(-np.abs(mean))
    told = ", ".join(f"{FEATURES[column]} {mean[column]:+.2f} ({error[column]:.2f})" for column in order[:5])
    return Figure(
        name="largest_shift_by_an_expression",
        value=float(np.abs(mean[order[0]])),
        unit="standard deviations of frames at rest",
        target=LARGEST_SHIFT,
        better="lower",
        detail=f"mean of {len(shifts)} clips (standard error): {told}",
        facts={
            "clips": len(shifts),
            **{name.replace(" ", "_"): float(value) for name, value in zip(FEATURES, mean, strict=True)},
        },
    )


def _shifts(emotions: list[str]) -> Iterator[np.ndarray]:
    from equime_evaluation.shortcuts import regions_of
    from equime_generation.causal import plan_clips
    from equime_generation.renderers.warp.rig import Rig

    for face in default_faces()[::2]:
        rig, regions = Rig(face), regions_of(face.landmarks)
        for plan in plan_clips({emotion: [face.subject.id] for emotion in emotions}, design="independent", seed=SEED):
            yield _shift(rig, plan, regions)


def _shift(rig: Rig, plan: Plan, regions: Regions) -> np.ndarray:
    from equime_evaluation.shortcuts import frame_features
    from equime_generation.encode import encode
    from equime_generation.renderers.warp.render import paint

    assert plan.apex_frame is not None
    rest = replace(plan, aus=(), onset_frame=None, apex_frame=None, offset_frame=None)
    shown = range(max(0, plan.apex_frame - BEFORE), min(FRAMES, plan.apex_frame + AFTER))
    moved, still = (frame_features(encode(paint(rig, which, shown)).data, regions) for which in (plan, rest))
    apex, spread = plan.apex_frame - shown.start, still[SETTLING:].std(0)
    return np.asarray((moved[apex] - still[apex]) / np.where(spread > 0, spread, 1))
