from dataclasses import dataclass, replace

import numpy as np

from equime_builder.records import Plan
from equime_generation.causal import plan_clips
from equime_generation.faces import Face
from equime_generation.renderers import Clip, Job
from equime_generation.renderers.warp import WarpRenderer
from equime_generation.true_motion import motion_to_find, true_motion_of
from tests.samples import person, plan


@dataclass
class NoTruth:
    """Stands where fields are given apart."""

    def field(self, frame: int) -> np.ndarray:
        raise NotImplementedError

    def head(self, frame: int) -> np.ndarray:
        raise NotImplementedError

    def probe(self) -> np.ndarray:
        raise NotImplementedError


def clip(plan: Plan, **fields: float) -> Clip:
    frames = np.zeros((1, 4, 4, 3), np.uint8)
    return Clip(plan=plan, frames=frames, truth=NoTruth(), **{"smallest_jacobian": 0.8, **fields})


def test_the_longest_arrow_counts_in_pixels_and_in_interocular_distances() -> None:
    fields = np.zeros((1, 4, 4, 2), np.float32)
    fields[0, 1, 2] = 3, -4
    fields[0, 3, 3] = 4.5, 0
    found = true_motion_of(clip(plan(person(1), "fear"), scaled=0.5), fields, interocular_px=125)
    assert found is not None
    assert (found.motion_px, found.motion_iod, found.smallest_jacobian, found.scaled) == (5.0, 0.04, 0.8, 0.5)


def test_a_negative_moves_not_at_all_whatever_is_looked_for() -> None:
    fields = np.full((18, 4, 4, 2), 9, np.float32)
    found = true_motion_of(clip(plan(person(1), "neutral"), smallest_jacobian=1.0), fields, interocular_px=125)
    assert found is not None
    assert (found.motion_px, found.motion_iod) == (0, 0)


def test_nobody_knows_what_a_clip_without_truth_moves() -> None:
    unknown = replace(clip(plan(person(1), "fear")), truth=None, smallest_jacobian=None)
    assert true_motion_of(unknown, np.ones((1, 4, 4, 2), np.float32), interocular_px=125) is None


def test_a_clip_without_truth_is_held_against_its_plan(default_face: Face) -> None:
    (planned,) = plan_clips({"fear": [default_face.subject.id]}, design="independent", seed=3)
    warped = next(WarpRenderer().render([Job(face=default_face, plan=planned)]))
    unknown = replace(warped, truth=None)
    np.testing.assert_array_equal(
        motion_to_find(unknown, default_face).probe(), motion_to_find(warped, default_face).probe()
    )
