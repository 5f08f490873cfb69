from typing import TYPE_CHECKING

import numpy as np
import pytest

from equime_generation.renderers.warp import mesh
from equime_generation.renderers.warp.units import UNITS

if TYPE_CHECKING:
    from equime_generation.faces import Face


def test_the_mirror_is_its_own_inverse() -> None:
    assert all(mesh.MIRROR[mesh.MIRROR[point]] == point for point in mesh.POINTS)


def test_mirrored_landmarks_lie_opposite_each_other(default_faces: tuple["Face", ...]) -> None:
    shapes = []
    for face in default_faces:
        points = face.landmarks[:, :2]
        shapes.append((points - points[[468, 473]].mean(0)) / face.interocular_px)
    mean = np.mean(shapes, axis=0)
    away = [mean[point] * (-1, 1) - mean[mesh.MIRROR[point]] for point in mesh.POINTS]
    assert np.hypot(*np.transpose(away)).max() < 0.04


def test_the_right_side_stands_at_the_images_left(default_face: "Face") -> None:
    brow = default_face.landmarks[list(mesh.BROW_UPPER), 0]
    assert brow.max() < default_face.landmarks[168, 0]
    assert (np.diff(brow) > 0).all()  # outer to inner


def test_the_oval_goes_once_around_the_face(default_face: "Face") -> None:
    x, y = default_face.landmarks[list(mesh.OVAL), :2].T
    angles = np.unwrap(np.arctan2(y - y.mean(), x - x.mean()))
    assert len(set(mesh.OVAL)) == 36
    assert (np.diff(angles) > 0).all()
    assert angles[-1] - angles[0] < 2 * np.pi


@pytest.mark.parametrize("au", UNITS)
def test_controls_are_written_for_the_right_side_with_landmarks_of_the_mesh(au: int, default_face: "Face") -> None:
    points = list(UNITS[au].controls)
    assert set(points) <= set(mesh.POINTS)
    own = [point for point in points if mesh.MIRROR[point] != point]
    assert (default_face.landmarks[own, 0] < default_face.landmarks[168, 0] + 2).all()
