import numpy as np
import pytest

from equime_builder.records import Nuisance
from equime_evaluation.shortcuts import regions_of
from equime_generation.renderers.warp.frame import MovedFrame, still
from equime_generation.renderers.warp.metering import relight
from equime_generation.renderers.warp.nuisance import Sensor
from equime_generation.renderers.warp.rig import Rig
from tests.generation.warp.programme import both


def lights(rig: Rig, picture: np.ndarray) -> list[float]:
    """Mean brightness of the upper and the lower face."""
    points = rig.face.landmarks[:, :2] - (rig.region.left, rig.region.top)
    left, right = points[:, 0].min().astype(int), points[:, 0].max().astype(int)
    top, nose, bottom = points[:, 1].min().astype(int), int(points[1, 1]), points[:, 1].max().astype(int)
    grey = picture @ (0.299, 0.587, 0.114)
    return [
        float(grey[max(rows.start, 0) : rows.stop, left:right].mean())
        for rows in (slice(top, nose), slice(nose, bottom))
    ]


@pytest.mark.parametrize("aus", [(1, 2), (4, 7), (12,), (20,)])
def test_a_moved_face_keeps_its_light(rigs: tuple[Rig, Rig], aus: tuple[int, ...]) -> None:
    for rig in rigs:
        head = np.eye(2, 3)
        rest = still(rig, head)[rig.region.window]
        moved = MovedFrame(rig, {key: value for au in aus for key, value in both(au, 0.3).items()}, head).paint()
        added = relight(rig, rest, moved)[rig.region.window]
        before = np.abs(np.log(lights(rig, moved)) - np.log(lights(rig, rest))).max()
        after = np.abs(np.log(lights(rig, moved + added[..., None])) - np.log(lights(rig, rest))).max()
        assert after < max(0.7 * before, 0.002)
        assert after < 0.007


def test_light_changes_smoothly_and_only_on_the_face(rigs: tuple[Rig, Rig]) -> None:
    rig, head = rigs[0], np.eye(2, 3)
    rest = still(rig, head)[rig.region.window]
    added = relight(rig, rest, MovedFrame(rig, {**both(1, 0.3), **both(2, 0.3)}, head).paint())
    assert np.abs(added).max() < 8
    assert np.abs(np.diff(added, axis=0)[rig.region.window]).max() < 0.2
    assert np.abs(np.diff(added, axis=1)).max() < 0.2
    outside = np.ones_like(added, bool)
    outside[rig.region.window] = False
    assert (added[outside] == 0).all()


def test_a_face_at_rest_gets_no_light(rigs: tuple[Rig, Rig]) -> None:
    rest = still(rigs[1], np.eye(2, 3))[rigs[1].region.window]
    assert (relight(rigs[1], rest, rest) == 0).all()


def test_what_an_expression_changes_is_lost_in_the_sensors_drift(rigs: tuple[Rig, Rig]) -> None:
    """Encoded and judged by a classifier, the same is benchmarks/shortcuts.py, which takes minutes."""
    for rig in rigs:
        head, sensor = np.eye(2, 3), Sensor(Nuisance(key="drift", sway_px=0.5, noise_sigma=1.1))
        rest = still(rig, head)
        drifting = []
        for frame in range(0, 144, 6):
            exposed = rest.copy()
            sensor.expose(exposed, frame)
            drifting.append(figures(rig, exposed))
        moved = []
        for aus in ((1, 2), (4, 7), (6, 12), (15, 17), (20,), (5,), (1, 4)):
            picture = rest.astype(float)
            face = MovedFrame(rig, {key: value for au in aus for key, value in both(au, 0.25).items()}, head).paint()
            picture[rig.region.window] = face
            picture += relight(rig, rest[rig.region.window], face)[..., None]
            moved.append(figures(rig, picture) - figures(rig, rest))
        assert (np.sqrt((np.array(moved) ** 2).mean(0)) < np.std(drifting, axis=0)).all()


def figures(rig: Rig, picture: np.ndarray) -> np.ndarray:
    """Logarithms of brightness and contrast of the upper and the lower face."""
    grey = picture @ (0.299, 0.587, 0.114)
    parts = regions_of(rig.face.landmarks).parts
    return np.log(
        [value for name in ("upper", "lower") for value in (grey[parts[name][0]].mean(), grey[parts[name][0]].std())]
    )
