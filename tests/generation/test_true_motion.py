from dataclasses import dataclass

import numpy as np

from equime_builder.records import Plan
from equime_generation.renderers import Clip
from equime_generation.true_motion import true_motion_of
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
    assert (found.motion_px, found.motion_iod, found.smallest_jacobian, found.scaled) == (5.0, 0.04, 0.8, 0.5)


def test_a_negative_moves_not_at_all_whatever_is_looked_for() -> None:
    fields = np.full((18, 4, 4, 2), 9, np.float32)
    found = true_motion_of(clip(plan(person(1), "neutral"), smallest_jacobian=1.0), fields, interocular_px=125)
    assert (found.motion_px, found.motion_iod) == (0, 0)
