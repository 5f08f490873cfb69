from typing import TYPE_CHECKING

import numpy as np
import pytest

from equime_builder.facs import SIDES, Side
from equime_generation.renderers.warp import mesh
from equime_generation.renderers.warp.programme import smallest_jacobian
from equime_generation.renderers.warp.truth import displacement
from equime_generation.renderers.warp.units import UNITS
from tests.generation.warp.programme import both, plan_of, size

if TYPE_CHECKING:
    from equime_generation.renderers.warp.rig import Rig

# Right-side landmark, offset in pixels from it, and the direction that FACS describes: (outward, down).
DIRECTIONS = [
    (1, 107, (0, 0), (-0.1, -1)),  # inner brow up
    (1, 108, (0, 0), (0, -1)),  # forehead above it up
    (2, 63, (0, 0), (0.1, -1)),  # outer brow up
    (2, 70, (0, 0), (0.1, -1)),
    (4, 55, (0, 0), (-0.6, 0.8)),  # inner brow down and together
    (4, 107, (0, 0), (-0.6, 0.8)),
    (5, 159, (0, -3), (0, -1)),  # upper lid up
    (6, 117, (0, 0), (-0.1, -1)),  # cheek up
    (6, 230, (0, 0), (0, -1)),  # skin under the eye up
    (7, 145, (0, 3), (0, -1)),  # lower lid up
    (7, 159, (0, -3), (0, 1)),  # upper lid down
    (9, 129, (0, 0), (0, -1)),  # wing of the nose up
    (9, 55, (0, 0), (-0.6, 0.8)),  # brow down and together
    (10, 39, (0, 0), (0, -1)),  # upper lip up
    (10, 203, (0, 0), (0.1, -1)),  # upper nasolabial fold up
    (12, 61, (0, 0), (0.75, -0.66)),  # corner out and up
    (12, 205, (0, 0), (0.2, -1)),  # cheek up
    (14, 61, (0, 0), (1, 0)),  # corner out
    (14, 214, (0, 0), (-1, 0)),  # skin beside it in: the dimple
    (14, 216, (0, 0), (0, 1)),  # from above
    (14, 43, (0, 0), (0.7, -0.7)),  # and from below
    (15, 61, (0, 0), (0.15, 1)),  # corner down
    (17, 200, (0, 0), (0, -1)),  # chin up
    (17, 17, (0, 0), (0, -1)),  # lower lip up
    (20, 61, (0, 0), (1, 0.2)),  # corner out
    (23, 61, (0, 0), (-1, 0)),  # corner in
    (23, 37, (0, 0), (0, 1)),  # upper red part thinner
    (23, 84, (0, 0), (0, -1)),  # lower red part thinner
    (24, 37, (0, 0), (0, 1)),  # lips against each other
    (24, 84, (0, 0), (0, -1)),
    (25, 84, (0, 0), (0, 1)),  # lower lip down
    (25, 37, (0, 0), (0, -1)),  # upper lip a little up
    (26, 199, (0, 0), (0, 1)),  # chin down
    (26, 84, (0, 0), (0, 1)),
    (43, 159, (0, -3), (0, 1)),  # lid down
]


def at(field: np.ndarray, rig: "Rig", point: int, side: Side, offset: tuple[float, float]) -> np.ndarray:
    """Return (outward, down) in interocular distances at a landmark's mirror on one side."""
    x, y = rig.face.landmarks[mesh.on(side, (point,))[0], :2] + offset
    vector = field[round(y), round(x)] / rig.face.interocular_px
    return np.asarray(vector * (1 if side == "left" else -1, 1))


@pytest.mark.parametrize(("au", "point", "offset", "direction"), DIRECTIONS)
@pytest.mark.parametrize("side", SIDES)
def test_each_unit_moves_its_region_as_facs_says(
    rigs: tuple["Rig", "Rig"],
    au: int,
    point: int,
    offset: tuple[float, float],
    direction: tuple[float, float],
    side: Side,
) -> None:
    for rig in rigs:
        vector = at(displacement(rig, {(au, side): 1.0}), rig, point, side, offset)
        cosine = vector @ direction / (np.hypot(*vector) * np.hypot(*direction))
        assert cosine > np.cos(np.deg2rad(35))
        assert np.hypot(*vector) > 0.008


@pytest.mark.parametrize("au", UNITS)
def test_reach_is_what_the_table_says(rigs: tuple["Rig", "Rig"], au: int) -> None:
    for rig in rigs:
        largest = size(displacement(rig, both(au, 1.0))).max() / rig.face.interocular_px
        assert 0.8 * UNITS[au].reach_iod < largest < 1.16 * UNITS[au].reach_iod


@pytest.mark.parametrize("au", [*UNITS, 43])
def test_one_side_leaves_the_other_half_alone(rig: "Rig", au: int) -> None:
    field = displacement(rig, {(au, "left"): 1.0})
    x, y = rig.face.landmarks[list(mesh.POINTS), :2].T.round().astype(int)
    moved = size(field)[y, x]
    depth = (x - rig.face.landmarks[168, 0]) / rig.face.interocular_px
    assert moved[depth < -0.3].max() < 0.15 * moved.max()
    assert moved[depth > 0].max() > 0.85 * moved.max()


@pytest.mark.parametrize("au", UNITS)
def test_the_two_sides_mirror_each_other(rig: "Rig", au: int) -> None:
    left, right = (displacement(rig, {(au, side): 1.0}) for side in SIDES)
    pairs = [point for point in UNITS[au].controls if mesh.MIRROR[point] != point and point not in mesh.LIDS]
    ours = np.array([at(right, rig, point, "right", (0, 0)) for point in pairs])
    theirs = np.array([at(left, rig, point, "left", (0, 0)) for point in pairs])
    assert np.hypot(*(ours - theirs).T).mean() < 0.2 * np.hypot(*ours.T).max()


@pytest.mark.parametrize("au", [*UNITS, 43])
def test_motion_grows_with_intensity(rig: "Rig", au: int) -> None:
    energy = [float((displacement(rig, both(au, value)) ** 2).sum()) for value in (0.12, 0.3, 0.6, 1.0)]
    assert (np.diff(energy) > 0).all()


@pytest.mark.parametrize("au", UNITS)
def test_hair_ears_and_background_stay(rig: "Rig", au: int) -> None:
    moved = size(displacement(rig, both(au, 1.0)))
    x, y = rig.face.landmarks[sorted(mesh.SILHOUETTE), :2].T.round().astype(int)
    assert moved[y, x].max() < 0.3 * moved.max()
    assert moved[:40].max() == 0
    assert moved[:, :40].max() == 0


def test_skin_does_not_fold_at_full_intensity(rigs: tuple["Rig", "Rig"]) -> None:
    for rig in rigs:
        assert all(smallest_jacobian(rig, plan_of({au: 1.0})) > 0.15 for au in UNITS)
        assert all(smallest_jacobian(rig, plan_of({au: 0.4})) > 0.55 for au in UNITS)


@pytest.mark.parametrize("au", [*UNITS, 43])
def test_left_and_right_add_up_and_do_not_disturb_each_other(rig: "Rig", au: int) -> None:
    left, right = (displacement(rig, {(au, side): 0.5}) for side in SIDES)
    np.testing.assert_allclose(left + right, displacement(rig, both(au, 0.5)), atol=0.02)


def test_both_lids_shut_alike(rigs: tuple["Rig", "Rig"]) -> None:
    for rig in rigs:
        left, right = (size(displacement(rig, {(43, side): 1.0})).max() for side in SIDES)
        assert left == pytest.approx(right, rel=0.2)


@pytest.mark.parametrize("side", SIDES)
def test_a_dimple_is_no_smile(rigs: tuple["Rig", "Rig"], side: Side) -> None:
    for rig in rigs:
        dimple, smile = (at(displacement(rig, {(au, side): 1.0}), rig, 61, side, (0, 0)) for au in (14, 12))
        assert dimple[1] > -0.005
        assert dimple[0] < 0.6 * smile[0]


@pytest.mark.parametrize("side", SIDES)
def test_fear_draws_raised_brows_together_and_surprise_does_not(rigs: tuple["Rig", "Rig"], side: Side) -> None:
    for rig in rigs:
        fear, surprise = (
            at(displacement(rig, {(au, each): 1.0 for au in aus for each in SIDES}), rig, 107, side, (0, 0))
            for aus in ((1, 2, 4, 5, 20), (1, 2, 5, 26))
        )
        assert fear[1] < -0.02
        assert fear[0] < -0.05
        assert abs(surprise[0]) < 0.02
