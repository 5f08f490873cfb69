from typing import TYPE_CHECKING

import numpy as np
import pytest

from equime_generation.renderers.warp.units import UNITS
from tests.generation.warp.programme import both

if TYPE_CHECKING:
    from equime_generation.renderers.warp.rig import Rig


@pytest.mark.parametrize("au", UNITS)
def test_skin_darkens_and_brightens_within_the_limits(rig: "Rig", au: int) -> None:
    gain = rig.shading.gain(both(au, 1.0))
    assert gain.shape == (rig.region.height, rig.region.width)
    assert gain.min() >= np.exp(-0.40) - 1e-6
    assert gain.max() <= np.exp(0.06) + 1e-6
    assert abs(np.log(gain)).max() > 0.02


def test_shading_grows_in_proportion(rig: "Rig") -> None:
    small, large = (np.log(rig.shading.gain(both(14, value))) for value in (0.1, 0.2))
    free = large > -0.3
    np.testing.assert_allclose(large[free], 2 * small[free], atol=1e-4)


def test_the_dimple_lies_beside_the_corner_of_the_mouth(rig: "Rig") -> None:
    log_gain = np.log(rig.shading.gain({(14, "right"): 1.0}))
    row, column = np.unravel_index(log_gain.argmin(), log_gain.shape)
    corner = rig.face.landmarks[61, :2] - (rig.region.left, rig.region.top)
    away = (np.array([column, row]) - corner) / rig.face.interocular_px
    assert -0.25 < away[0] < 0
    assert abs(away[1]) < 0.2


def test_the_bridge_of_the_nose_wrinkles_without_turning_grey(rigs: tuple["Rig", "Rig"]) -> None:
    for rig in rigs:
        x, y = (rig.face.landmarks[[6, 5], :2].mean(0) - (rig.region.left, rig.region.top)).astype(int)
        bridge = rig.shading.gain(both(9, 1.0))[y - 25 : y + 25, x - 10 : x + 10]
        assert 0.88 < bridge.min() < 0.98


@pytest.mark.parametrize("au", [1, 2])
def test_no_lines_are_drawn_on_a_forehead(rigs: tuple["Rig", "Rig"], au: int) -> None:
    for rig in rigs:
        x, y = (rig.face.landmarks[151, :2] - (rig.region.left, rig.region.top)).astype(int)
        patch = np.log(rig.shading.gain(both(au, 0.4)))[y - 15 : y + 15, x - 25 : x + 25]
        smooth = patch - np.median(patch)
        assert np.percentile(np.abs(np.diff(smooth, axis=0)), 99) < 0.03


def test_lips_eyes_and_brows_keep_their_colour(rig: "Rig") -> None:
    gain = rig.shading.gain({key: 1.0 for au in (6, 12, 14) for key in both(au, 1.0)})
    for point in (17, 0, 468, 473, 105, 334):
        x, y = (rig.face.landmarks[point, :2] - (rig.region.left, rig.region.top)).round().astype(int)
        assert gain[y, x] == pytest.approx(1, abs=0.12)
