from typing import TYPE_CHECKING

import numpy as np
import pytest

from equime_builder.facs import SIDES
from equime_generation.renderers.warp import eyeball
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


def test_a_rising_lid_stretches_neither_iris_nor_highlight(rigs: tuple["Rig", "Rig"]) -> None:
    for rig in rigs:
        field = displacement(rig, both(5, 1.0))
        rest = still(rig, UPRIGHT)[rig.region.window].astype(int)
        moved = MovedFrame(rig, both(5, 1.0), UPRIGHT).paint().astype(int)
        for eye in rig.eyes.values():
            rows = np.arange(eye.aperture.shape[0])[:, None]
            seen = (eye.aperture > 0.99) & (rows > eye.margin + 0.022 * rig.face.interocular_px)
            assert seen.sum() > 100
            assert np.abs(moved - rest)[eye.window][seen].max() <= 3
            assert not field[rig.region.window][eye.window][seen].any()


def test_what_a_rising_lid_uncovers_is_eyeball_and_no_lid(rig: "Rig") -> None:
    for eye in rig.eyes.values():
        y, x = np.mgrid[0 : eye.aperture.shape[0], 0 : eye.aperture.shape[1]].astype(np.float32)
        middle = slice(len(eye.margin) // 2 - 5, len(eye.margin) // 2 + 5)
        source = eyeball.mirrored(eye, x, y)[1][:, middle]
        assert (source > eye.margin[middle]).all()
        assert (source < eye.under[middle]).all()
        still_lid = eyeball.share_new(eye, x, y, np.zeros_like(x))
        raised = eyeball.share_new(eye, x, y, np.full_like(x, 3.0))
        assert not still_lid.any()
        behind = y < eye.margin
        assert (raised[behind] == 1).all()
        assert not raised[y > eye.margin + 0.022 * rig.face.interocular_px + 1].any()


def test_the_iris_closes_to_a_circle_behind_the_lid(rig: "Rig") -> None:
    for eye in rig.eyes.values():
        column, row, radius = eye.iris
        assert radius == pytest.approx(0.098 * rig.face.interocular_px, rel=0.15)
        for angle in np.deg2rad([200, 235, 265, 305, 340]):
            rim = (column + np.cos(angle) * radius, row + np.sin(angle) * radius)
            source_x, source_y = eyeball.mirrored(eye, *(np.full((1, 1), value, np.float32) for value in rim))
            assert np.hypot(source_x - column, source_y - row) == pytest.approx(radius, rel=0.03)


def test_lashes_keep_their_length_under_a_raised_brow(rigs: tuple["Rig", "Rig"]) -> None:
    for rig in rigs:
        field = displacement(rig, both(1, 1.0) | both(2, 1.0))
        for point in (159, 386):
            x, y = rig.face.landmarks[point, :2].round().astype(int)
            lashes = round(0.04 * rig.face.interocular_px)
            assert abs(field[y - lashes, x, 1] - field[y - 1, x, 1]) < 0.75 * lashes


def test_a_shut_lid_is_smooth_and_an_open_one_untouched(rig: "Rig") -> None:
    for eye in rig.eyes.values():
        y, x = np.mgrid[eye.window].astype(np.float32)
        noise = np.random.default_rng(0).integers(60, 200, (*x.shape, 3)).astype(np.uint8)
        np.testing.assert_array_equal(eye.without_streaks(noise, x, y, 0.0), noise)
        shut = eye.without_streaks(noise, x, y, 1.0)
        middle = x.shape[1] // 2
        drawn_out = slice(int((eye.fold[middle] + eye.hem[middle]) / 2) + 10, int(eye.hem[middle]) + 10)
        assert shut[drawn_out, middle].std() < 0.7 * noise[drawn_out, middle].std()


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
