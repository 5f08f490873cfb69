from typing import TYPE_CHECKING

import numpy as np
import pytest

from equime_builder.facs import SIDES
from equime_generation.renderers.warp.frame import MovedFrame, still
from equime_generation.renderers.warp.truth import displacement
from tests.generation.warp.programme import both

if TYPE_CHECKING:
    from equime_generation.renderers.warp.rig import Rig

UPRIGHT = np.eye(2, 3)


def iris(rig: "Rig", radius: int = 3) -> list[tuple[slice, slice]]:
    centres = rig.face.landmarks[[473, 468], :2].round().astype(int)
    return [np.s_[y - radius : y + radius, x - radius : x + radius] for x, y in centres]


@pytest.mark.parametrize("au", [1, 2, 4, 5, 6, 7, 9])
def test_eyeballs_stay_under_moving_lids(rigs: tuple["Rig", "Rig"], au: int) -> None:
    for rig in rigs:
        field = displacement(rig, both(au, 0.4))
        rest = still(rig, UPRIGHT)
        moved = rest.copy()
        moved[rig.region.window] = MovedFrame(rig, both(au, 0.4), UPRIGHT).paint()
        for place in iris(rig):
            assert np.abs(field[place]).max() < 0.02
            assert np.abs(moved[place].astype(int) - rest[place]).max() <= 2


def test_a_lid_slides_without_folding_and_takes_its_lashes_along(rig: "Rig") -> None:
    for side in SIDES:
        eye = rig.eyes[side]
        slide = eye.slide(1.0)
        rows = np.arange(slide.shape[0])[:, None] + slide
        middle = slide.shape[1] // 2
        lid = rows[: int(eye.margin[middle]), middle]
        assert (np.diff(lid) > 0).all()
        assert lid[-1] == pytest.approx(int(eye.margin[middle]) - 1 + eye.travel[middle], abs=0.1)


def test_unslide_traces_back_what_slide_carried(rig: "Rig") -> None:
    for side, closure in zip(SIDES, (0.4, 1.0), strict=True):
        eye = rig.eyes[side]
        top, left = eye.window[0].start, eye.window[1].start
        for column in range(12, eye.aperture.shape[1] - 12, 9):
            rows = np.arange(int(eye.fold[column]) + 1, int(eye.margin[column]), dtype=np.float32)
            there = rows + eye.slide(closure)[rows.astype(int), column]
            x = np.full((1, len(rows)), column + left, np.float32)
            back, _ = eye.unslide(x, there[None] + np.float32(top), closure)
            np.testing.assert_allclose(back[0] - top, rows, atol=0.05)


def test_a_shut_eye_shows_no_eyeball(rig: "Rig") -> None:
    for side in SIDES:
        eye = rig.eyes[side]
        y, x = np.mgrid[eye.window].astype(np.float32)
        uncovered = eye.unslide(x, y, 1.0)[1] * eye.aperture
        assert uncovered.sum() < 0.05 * eye.aperture.sum()
