from typing import TYPE_CHECKING

import numpy as np

from equime_generation.renderers.warp.frame import MovedFrame, still
from tests.generation.warp.programme import both

if TYPE_CHECKING:
    from equime_generation.renderers.warp.rig import Rig

UPRIGHT = np.eye(2, 3)


def pushed(rig: "Rig", down_px: float) -> np.ndarray:
    moves = np.zeros((rig.region.height, rig.region.width, 2), np.float32)
    moves[..., 1] = down_px
    return moves


def test_the_line_lies_between_the_lips_landmarks(rigs: tuple["Rig", "Rig"]) -> None:
    for rig in rigs:
        seam = rig.mouth.line(rig.mouth.columns)
        corners = rig.face.landmarks[[78, 308], :2] - (rig.region.left, rig.region.top)
        level = np.interp(rig.mouth.columns, *corners.T)
        assert np.abs(seam - level).max() < 0.12 * rig.face.interocular_px
        grey = rig.face.image[rig.region.window].mean(-1)
        middle = slice(len(seam) // 4, -len(seam) // 4)
        on_line = grey[seam.round().astype(int), rig.mouth.columns.astype(int)][middle]
        above = grey[seam.round().astype(int) - 6, rig.mouth.columns.astype(int)][middle]
        assert (on_line < above).mean() > 0.9


def test_parted_lips_show_dark_exactly_in_the_gap(rig: "Rig") -> None:
    x = np.arange(rig.region.width, dtype=np.float32)
    y = np.repeat(np.arange(rig.region.height, dtype=np.float32)[:, None], rig.region.width, axis=1)
    parting = rig.mouth.parted(pushed(rig, -2), pushed(rig, 4), x)
    found = parting.dark(x, y)
    assert found is not None
    opacity, depth = found
    column = int(rig.mouth.columns.mean())
    line = rig.mouth.line(np.array([column], np.float32))[0]
    assert opacity[int(line) + 1, column] > 0.9
    assert opacity[int(line) + 8, column] < 0.05
    assert opacity[int(line) - 6, column] < 0.05
    assert depth[int(line) + 3, column] > depth[int(line), column]


def test_closed_lips_show_no_dark_and_pressed_lips_a_thin_line(rig: "Rig") -> None:
    x = np.arange(rig.region.width, dtype=np.float32)
    y = np.repeat(np.arange(rig.region.height, dtype=np.float32)[:, None], rig.region.width, axis=1)
    assert rig.mouth.parted(pushed(rig, 0), pushed(rig, 0), x).dark(x, y) is None
    found = rig.mouth.parted(pushed(rig, 3), pushed(rig, -3), x).dark(x, y)
    assert found is not None
    opacity = found[0][:, int(rig.mouth.columns.mean())]
    assert 0.25 < opacity.max() < 0.5
    assert (opacity > 0.1).sum() <= 4


def test_pressed_lips_meet_halfway(rig: "Rig") -> None:
    x = np.arange(rig.region.width, dtype=np.float32)
    y = np.repeat(np.arange(rig.region.height, dtype=np.float32)[:, None], rig.region.width, axis=1)
    share = rig.mouth.parted(pushed(rig, 3), pushed(rig, -3), x).share_below(x, y)
    column = int(rig.mouth.columns.mean())
    line = rig.mouth.line(np.array([column], np.float32))[0]
    np.testing.assert_allclose(np.interp(line, y[:, column], share[:, column]), 0.5, atol=0.1)


def test_lips_part_darker_and_the_chin_keeps_its_brightness(rigs: tuple["Rig", "Rig"]) -> None:
    for rig in rigs:
        rest = still(rig, UPRIGHT)[rig.region.window].astype(float)
        moved = MovedFrame(rig, both(25, 1.0), UPRIGHT).paint().astype(float)
        column = int(rig.mouth.columns.mean())
        row = int(rig.mouth.line(np.array([column], np.float32))[0]) + 4
        assert moved[row, column].mean() < 0.6 * rest[row, column].mean()
        chin = int(rig.face.landmarks[199, 1]) - rig.region.top
        assert abs(moved[chin, column].mean() - rest[chin, column].mean()) < 6


def test_pressed_lips_meet_in_an_unbroken_line(rigs: tuple["Rig", "Rig"]) -> None:
    # Mixed in place instead of in colour, the lips would show their hidden dark edges as dots along the line.
    for rig in rigs:
        moved = MovedFrame(rig, both(24, 1.0), UPRIGHT).paint().mean(-1)
        columns = rig.mouth.columns.astype(int)[len(rig.mouth.columns) // 4 : -len(rig.mouth.columns) // 4]
        rows = rig.mouth.line(columns.astype(np.float32)).round().astype(int)
        line = np.array([moved[row - 3 : row + 4, column].min() for row, column in zip(rows, columns, strict=True)])
        assert np.abs(np.diff(line)).max() < 20
