from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equime_builder.records import HeadMotion, Nuisance
from equime_generation.renderers.warp.nuisance import Sensor, heads_of, sway
from tests.generation.warp.programme import plan_of


def nuisance(key: str = "k", sway_px: float = 0.5, noise_sigma: float = 1.2) -> Nuisance:
    return Nuisance(key=key, sway_px=sway_px, noise_sigma=noise_sigma)


def travel(heads: np.ndarray) -> np.ndarray:
    corners = np.array([(0, 0, 1), (511, 0, 1), (0, 511, 1), (511, 511, 1), (255.5, 255.5, 1)])
    moved = np.einsum("tij,cj->tci", heads, corners) - corners[:, :2]
    return np.asarray(np.hypot(moved[..., 0], moved[..., 1]))


@given(key=st.text(max_size=8), sway_px=st.floats(0.05, 0.99))
@settings(deadline=None, max_examples=30)
def test_sway_reaches_its_size_and_no_further(key: str, sway_px: float) -> None:
    heads = sway(nuisance(key, sway_px))
    assert heads.shape == (144, 2, 3)
    assert travel(heads).max() == pytest.approx(sway_px, rel=0.01)


def test_sway_is_rigid_up_to_a_slight_zoom() -> None:
    for head in sway(nuisance()):
        turn, skew = head[:, 0], head[:, 1]
        assert turn @ skew == pytest.approx(0, abs=1e-9)
        assert np.hypot(*turn) == pytest.approx(np.hypot(*skew), abs=1e-9)
        assert abs(np.hypot(*turn) - 1) < 0.004


def centre_px(key: str, sway_px: float = 0.7) -> np.ndarray:
    return np.asarray(sway(nuisance(key, sway_px)) @ (255.5, 255.5, 1)) - 255.5


def test_sway_is_slow_under_its_tremor() -> None:
    for key in "abcde":
        course = centre_px(key)
        slow = np.array([np.convolve(axis, np.hanning(19)[1:-1] / 9, "valid") for axis in course.T])
        assert np.abs(np.diff(slow)).max() < 0.08
        assert np.abs(slow).max() > 0.1


def test_no_two_frames_lie_alike() -> None:
    steps = np.array([np.hypot(*np.diff(centre_px(key), axis=0).T) for key in "abcdefghij"])
    assert (steps > 0).all()
    assert 0.1 < steps.mean() < 0.25, "of a size with the quarter pixels of H.264's motion"
    quarters = steps[:, :140].reshape(10, 5, 28).mean(-1)
    assert np.median(quarters.max(1) / quarters.min(1)) > 2, "it comes and goes"


def test_the_key_alone_decides() -> None:
    np.testing.assert_array_equal(sway(nuisance("a")), sway(nuisance("a")))
    assert not np.array_equal(sway(nuisance("a")), sway(nuisance("b")))
    np.testing.assert_allclose(sway(nuisance("a", 0.8)) - np.eye(2, 3), 2 * (sway(nuisance("a", 0.4)) - np.eye(2, 3)))


def test_no_sway_is_the_identity() -> None:
    np.testing.assert_array_equal(sway(nuisance(sway_px=0.0)), np.broadcast_to(np.eye(2, 3), (144, 2, 3)))


def test_a_planned_head_motion_is_reached_at_its_apex_and_undone() -> None:
    motion = HeadMotion(
        onset_frame=40, apex_frame=60, offset_frame=90, shift_x_px=3.0, shift_y_px=-1.0, turn_deg=0.3, zoom=0.01
    )
    plan = replace(plan_of({}, sway_px=0.0), head_motions=(motion,))
    heads = heads_of(plan)
    still = [frame for frame in range(144) if not 40 < frame < 90]
    np.testing.assert_array_equal(heads[still], np.broadcast_to(np.eye(2, 3), (len(still), 2, 3)))
    centre = heads[60] @ (255.5, 255.5, 1)
    np.testing.assert_allclose(centre, (258.5, 254.5))
    right = heads[60] @ (355.5, 255.5, 1) - centre
    np.testing.assert_allclose(right, (101.0, 100 * np.radians(0.3)))
    steps = np.abs(np.diff(travel(heads)[:, 4]))
    assert steps.max() < 0.4, "no faster than a slow head"
    with_sway = heads_of(replace(plan, nuisance=nuisance()))
    np.testing.assert_allclose(with_sway - sway(nuisance()), heads - np.eye(2, 3), atol=1e-12)


def exposed(given: Nuisance, level: int, frames: range) -> np.ndarray:
    sensor = Sensor(given)
    images = np.full((len(frames), 512, 512, 3), level, np.uint8)
    for image, frame in zip(images, frames, strict=True):
        sensor.expose(image, frame)
    return images


@pytest.mark.parametrize("sigma", [0.8, 1.2, 3.0])
def test_noise_has_the_planned_size(sigma: float) -> None:
    images = exposed(nuisance(noise_sigma=sigma), 128, range(144))[:, ::4, ::4, 0].astype(float)
    images -= images.mean(axis=(1, 2), keepdims=True)  # the drift of the light
    slopes = images.mean(axis=2, keepdims=True)  # that of the top against the bottom
    # Rounding to whole grey levels adds a twelfth to the variance (Bennett 1948).
    sizes = np.sqrt((images - slopes).var(axis=(1, 2)) - 1 / 12)
    assert np.sqrt((sizes**2).mean()) == pytest.approx(sigma, rel=0.08)
    assert np.log(sizes).std() == pytest.approx(np.hypot(0.12, 0.32), rel=0.2)


def test_light_drifts_slowly_and_averages_out() -> None:
    images = exposed(nuisance(), 128, range(144))[:, ::4, ::4].astype(float)
    level = images.mean(axis=(1, 2, 3)) - 128
    assert abs(level.mean()) < 0.1
    assert level.std() == pytest.approx(0.6 * 1.2, rel=0.1)
    assert np.abs(np.diff(level)).max() < 0.5


def test_top_and_bottom_drift_apart() -> None:
    images = exposed(nuisance(), 128, range(144))[:, ::4, ::4].astype(float)
    top, bottom = images[:, :43].mean((1, 2, 3)), images[:, 85:].mean((1, 2, 3))
    # At two thirds from the centre to the edge the slope is 1; thirds have their middle there.
    assert (top - bottom).std() / 2 == pytest.approx(0.6 * 1.2, rel=0.1)
    assert abs(np.corrcoef(top - bottom, top + bottom)[0, 1]) < 0.8


def test_contrast_and_focus_drift_apart_from_light() -> None:
    sensor = Sensor(nuisance(noise_sigma=1.0))
    columns = np.arange(512)
    coarse, fine = (128 + 60 * np.sign(np.sin(2 * np.pi * (columns + 0.5) / period)) for period in (128, 4))
    seen: dict[str, list[float]] = {"coarse": [], "fine": []}
    for name, pattern in (("coarse", coarse), ("fine", fine)):
        for frame in range(0, 144, 4):
            image = np.broadcast_to(pattern[:, None], (512, 512, 3)).astype(np.uint8)
            sensor.expose(image, frame)
            seen[name].append(float(np.log(image[256].astype(float).std())))
    contrast, both = np.array(seen["coarse"]), np.array(seen["fine"])
    assert 0.005 < contrast.std() < 0.03
    assert 0.016 < (both - contrast).std() < 0.06


def test_added_light_is_added() -> None:
    added = np.linspace(-3, 3, 512, dtype=np.float32)[:, None] * np.ones(512, np.float32)
    image = np.full((512, 512, 3), 100, np.uint8)
    Sensor(nuisance(noise_sigma=0.0)).expose(image, 0, added)
    np.testing.assert_array_equal(image[..., 1], np.rint(100 + added))


def test_noise_is_grey_and_saturates() -> None:
    dark, bright = exposed(nuisance(), 0, range(1))[0], exposed(nuisance(), 255, range(1))[0]
    assert (dark == dark[..., :1]).all()
    assert dark.max() < 18
    assert bright.min() > 237


def test_frames_carry_different_noise() -> None:
    images = exposed(nuisance(), 128, range(2)).astype(float)
    first, second = images - images.mean(axis=(2, 3), keepdims=True)
    assert abs(np.corrcoef(first.ravel(), second.ravel())[0, 1]) < 0.02


def test_no_noise_leaves_the_image() -> None:
    assert (exposed(nuisance(noise_sigma=0.0), 77, range(3)) == 77).all()
