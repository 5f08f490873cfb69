"""The same intensity moves everybody alike, in the face's own measure."""

from typing import TYPE_CHECKING

import numpy as np
import pytest

from equime_builder.facs import AUS
from equime_generation.renderers.warp.reach import level_px, reach_iod, smallest_jacobian_of
from equime_generation.renderers.warp.units import UNITS

if TYPE_CHECKING:
    from equime_generation.faces import Face
    from equime_generation.renderers.warp.rig import Rig


@pytest.fixture(scope="module")
def women(default_faces: tuple["Face", ...]) -> np.ndarray:
    return np.array([face.subject.demographics.gender == "female" for face in default_faces])


@pytest.mark.parametrize("au", UNITS)
def test_women_and_men_move_alike(reaches: dict[int, np.ndarray], women: np.ndarray, au: int) -> None:
    reach = reaches[au]
    assert len(reach) == 10
    assert abs(reach[women].mean() / reach[~women].mean() - 1) <= 0.05


@pytest.mark.parametrize("au", UNITS)
def test_no_face_moves_much_more_than_another(reaches: dict[int, np.ndarray], au: int) -> None:
    assert reaches[au].max() / reaches[au].min() < 1.075


def test_light_and_dark_skin_move_alike(reaches: dict[int, np.ndarray], default_faces: tuple["Face", ...]) -> None:
    dark = np.array([face.subject.demographics.skin_tone in ("IV", "V", "VI") for face in default_faces])
    assert 0 < dark.sum() < len(dark)
    for reach in reaches.values():
        assert abs(reach[dark].mean() / reach[~dark].mean() - 1) <= 0.05


def test_lids_lips_and_brows_follow_the_face(default_faces: tuple["Face", ...], reaches: dict[int, np.ndarray]) -> None:
    def drop(face: "Face", above: int, below: int) -> float:
        return float(face.landmarks[below, 1] - face.landmarks[above, 1]) / face.interocular_px

    aperture = [drop(face, 159, 145) for face in default_faces]
    lips = [drop(face, 0, 13) + drop(face, 14, 17) for face in default_faces]
    brow = [drop(face, 52, 159) for face in default_faces]
    for measure, units in ((aperture, (5, 7)), (lips, (23, 24, 25)), (brow, (1, 2, 4))):
        for au in units:
            assert np.corrcoef(measure, reaches[au])[0, 1] > 0.5


@pytest.mark.parametrize("au", UNITS)
def test_reach_is_what_the_table_says(reaches: dict[int, np.ndarray], au: int) -> None:
    assert reaches[au].mean() == pytest.approx(UNITS[au].reach_iod, rel=0.06)


def test_a_blink_goes_as_far_as_the_eye_is_open(rig: "Rig") -> None:
    aperture = max(rig.face.landmarks[145, 1] - rig.face.landmarks[159, 1], 1.0) / rig.face.interocular_px
    assert reach_iod(rig, 43) == pytest.approx(aperture, rel=0.15)
    assert smallest_jacobian_of(rig, 43) == 1


def test_levels_are_shares_of_the_reach() -> None:
    assert level_px(0.1, "B", 130.0) == pytest.approx((1.95, 3.9))
    assert level_px(0.1, "E", 100.0) == pytest.approx((8.5, 10.0))
    assert all(level_px(1.0, level)[1] == level_px(1.0, after)[0] for level, after in zip("ABCD", "BCDE", strict=True))


def test_every_unit_shows_at_the_least_intensity_that_is_planned(rig: "Rig") -> None:
    weak = {5, 6, 7, 23, 24}
    for au in set(AUS) - {43}:
        floor = 0.15 if au in weak else 0.12
        assert floor * reach_iod(rig, au) * rig.face.interocular_px > 0.85, au
