from typing import TYPE_CHECKING

import pytest

from equime_generation.renderers import Job
from equime_generation.renderers.warp import WarpRenderer
from equime_generation.renderers.warp.programme import (
    SMALLEST_JACOBIAN,
    held_back,
    moving,
    moving_frames,
    scaled,
    smallest_jacobian,
)
from tests.generation.warp.programme import APEX, OFFSET, ONSET, plan_of

if TYPE_CHECKING:
    from equime_generation.faces import Face
    from equime_generation.renderers.warp.rig import Rig


def test_frames_at_rest_move_nothing() -> None:
    plan = plan_of({12: 0.3})
    assert moving_frames(plan) == list(range(ONSET + 1, OFFSET))
    assert moving(plan, APEX) == {(12, "left"): 0.3, (12, "right"): 0.3}


def test_micro_intensities_are_never_held_back(rigs: tuple["Rig", "Rig"]) -> None:
    for rig in rigs:
        for aus in ({1: 0.4, 2: 0.4, 4: 0.4}, {4: 0.4, 7: 0.4, 23: 0.4}, {4: 0.4, 7: 0.4, 24: 0.4}, {14: 0.4, 12: 0.4}):
            plan = plan_of(aus)
            assert held_back(rig, plan)[0] is plan
            assert smallest_jacobian(rig, plan) > 0.4


def test_a_plan_that_would_fold_is_weakened_and_says_so(rig: "Rig", faces: tuple["Face", "Face"]) -> None:
    plan = plan_of({4: 1.0, 7: 1.0, 9: 1.0, 23: 1.0, 24: 1.0})
    clip = next(WarpRenderer().render([Job(face=faces[1], plan=plan)]))
    assert clip.scaled < 1
    assert clip.smallest_jacobian == pytest.approx(SMALLEST_JACOBIAN, abs=0.01)
    assert [au.intensity for au in clip.plan.aus] == pytest.approx([clip.scaled] * len(plan.aus))
    assert smallest_jacobian(rig, clip.plan) == pytest.approx(clip.smallest_jacobian)
    assert clip.plan.aus[0].at(APEX) == pytest.approx(clip.scaled)


def test_stillness_keeps_every_area(rig: "Rig") -> None:
    assert smallest_jacobian(rig, plan_of({})) == 1


def test_scaling_keeps_times_and_shares() -> None:
    plan = plan_of({1: 0.4, 4: 0.2})
    half = scaled(plan, 0.5)
    assert [au.intensity for au in half.aus] == pytest.approx([0.2, 0.2, 0.1, 0.1])
    assert [au.apex_frame for au in half.aus] == [APEX] * 4
    assert half.aus[0].curve == pytest.approx([value / 2 for value in plan.aus[0].curve])
