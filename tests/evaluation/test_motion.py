"""The motion of clips whose motion is known in closed form."""

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from equime_builder.errors import MediaError, UsageError
from equime_builder.streams import stream
from equime_evaluation.motion import FlatPictureError, amplitude_curve, find_movements, measure
from equime_evaluation.motion.dense import covered
from equime_evaluation.motion.peaks import robust_noise
from equime_evaluation.motion.region import Region
from equime_evaluation.motion.scene import Scene, align, rigid_field
from equime_generation.encode import encode
from tests.moving import Field, bump, course, picture, render

SIZE = 192
FRAMES = 60
IOD_PX = 44.0
EVENT = (26, 31, 37)


@cache
def still() -> NDArray[np.float32]:
    return picture(SIZE)


@cache
def smile() -> Field:
    """Two corners that go up and apart, 3.1 px at most."""
    return bump(SIZE, (75, 115), (-2.0, -2.4), 15) + bump(SIZE, (121, 115), (2.0, -2.4), 15)


@cache
def clip(*events: tuple[int, int, int], sign: float = 1.0) -> bytes:
    amplitudes = sign * course(FRAMES, *events)
    return encode(render(still(), smile(), amplitudes, sway_px=0.6, noise_sigma=1.2)).data


def luma_of(frames: NDArray[np.uint8]) -> NDArray[np.uint8]:
    limited = np.rint(16 + 219 / 255 * frames[..., 0].astype(np.float32))
    return np.asarray(limited, dtype=np.uint8)


def test_known_motion_is_found() -> None:
    measured = measure(clip(EVENT), smile()[None], interocular_px=IOD_PX, negative=False)
    assert measured.peaks == 1
    assert measured.apex_frame == 31
    assert measured.onset_frame is not None
    assert measured.offset_frame is not None
    assert 25 <= measured.onset_frame <= 27
    assert 36 <= measured.offset_frame <= 40
    assert measured.correlation is not None
    assert measured.correlation >= 0.97
    assert measured.slope == pytest.approx(1.0, abs=0.1)
    assert measured.motion_px == pytest.approx(3.12, rel=0.1)
    assert measured.motion_iod == pytest.approx(3.12 / IOD_PX, rel=0.1)
    assert measured.outside_px is not None
    assert measured.outside_px < 0.2


def test_slope_is_relative_to_the_plan() -> None:
    whole = measure(clip(EVENT), smile()[None], interocular_px=IOD_PX, negative=False)
    half = measure(clip(EVENT), 2 * smile()[None], interocular_px=IOD_PX, negative=False)
    assert whole.slope is not None
    assert half.slope == pytest.approx(whole.slope / 2, rel=0.02)
    assert half.motion_px == pytest.approx(whole.motion_px, rel=0.02)
    assert half.correlation == pytest.approx(whole.correlation, abs=0.005)


def test_reversed_motion_has_reversed_slope() -> None:
    measured = measure(clip(EVENT, sign=-1.0), smile()[None], interocular_px=IOD_PX, negative=False)
    assert measured.correlation is not None
    assert measured.correlation < -0.95
    assert measured.slope == pytest.approx(-1.0, abs=0.15)


def test_sway_and_noise_are_no_movement() -> None:
    fields = np.stack([smile(), bump(SIZE, (96, 60), (0.0, 6.0), 12), bump(SIZE, (96, 140), (4.0, 0.0), 12)])
    expression = measure(clip(), smile()[None], interocular_px=IOD_PX, negative=False)
    negative = measure(clip(), fields, interocular_px=IOD_PX, negative=True)
    assert (expression.peaks, expression.apex_frame, expression.slope) == (0, None, None)
    assert (negative.peaks, negative.apex_frame, negative.correlation) == (0, None, None)
    assert negative.motion_px is not None
    assert negative.motion_px < 0.3


def test_head_that_moves_far_is_no_movement() -> None:
    frames = render(still(), smile(), np.zeros(FRAMES), sway_px=4.0, noise_sigma=1.2)
    curve = amplitude_curve(luma_of(frames), smile()[None], interocular_px=IOD_PX)
    assert curve.movements == []


def test_negative_that_moves_is_told() -> None:
    fields = np.stack([bump(SIZE, (96, 60), (0.0, 6.0), 12), smile()])
    measured = measure(clip(EVENT), fields, interocular_px=IOD_PX, negative=True)
    assert (measured.peaks, measured.correlation, measured.slope) == (1, None, None)
    assert measured.apex_frame is not None
    assert abs(measured.apex_frame - 31) <= 1


def test_two_events_are_two_movements() -> None:
    measured = measure(clip((8, 12, 17), (35, 40, 44)), smile()[None], interocular_px=IOD_PX, negative=False)
    assert measured.peaks == 2
    assert measured.apex_frame in (12, 40)


def test_same_bytes_give_the_same_numbers() -> None:
    first, second = (measure(clip(EVENT), smile()[None], interocular_px=IOD_PX, negative=False) for _ in range(2))
    assert first == second


def test_curve_is_the_course_without_encoding() -> None:
    amplitudes = course(FRAMES, EVENT)
    frames = render(still(), smile(), amplitudes, sway_px=0.8, noise_sigma=0.8)
    curve = amplitude_curve(luma_of(frames), smile()[None], interocular_px=IOD_PX)
    assert np.abs(curve.values[:, 0] - amplitudes).max() < 0.06
    (movement,) = curve.movements
    assert (movement.apex_frame, abs(movement.onset_frame - 26) <= 1) == (31, True)


def test_light_that_flickers_is_no_movement() -> None:
    steady = render(still(), smile(), np.zeros(FRAMES), noise_sigma=0.8)
    gain = 1 + 0.04 * course(FRAMES, EVENT)
    flickering = np.clip(steady * gain[:, None, None, None] + 3 * course(FRAMES, EVENT)[:, None, None, None], 0, 255)
    curve = amplitude_curve(luma_of(flickering.astype(np.uint8)), smile()[None], interocular_px=IOD_PX)
    assert curve.movements == []


def test_fields_must_fit() -> None:
    with pytest.raises(UsageError, match="must be"):
        measure(clip(), smile()[None, :100], interocular_px=IOD_PX, negative=False)
    with pytest.raises(UsageError, match="must move something"):
        measure(clip(), 0 * smile()[None], interocular_px=IOD_PX, negative=False)


def test_what_presses_together_is_covered_and_what_parts_is_not() -> None:
    field = np.zeros((40, 30, 2), np.float32)
    field[:20, 10:20, 1], field[20:, 10:20, 1] = 2.0, -2.0
    hidden = covered(field)
    # The last row above the seam goes over the first below it; what lies within the reach of 2 px may be under it.
    assert hidden[17:22, 10:20].all()
    assert not hidden[:17].any()
    assert not hidden[22:].any()
    assert not covered(-field)[:, 12:18].any()
    assert not covered(smile()).any()


def test_no_video() -> None:
    with pytest.raises(MediaError):
        measure(b"text", smile()[None], interocular_px=IOD_PX, negative=False)


def test_head_motion_comes_back() -> None:
    # What `align` undoes is what `Scene.heads` found: shift, turn and zoom, each by itself and together.
    head = np.array([0.3, -0.2, 0.5, 0.4])
    moved = align(still(), -head)
    mask = np.zeros((SIZE, SIZE), np.bool_)
    mask[30:-30, 30:-30] = True
    scene = Scene(still(), smile()[None], mask)
    assert scene.heads(moved[None])[0] == pytest.approx(head, abs=0.07)
    assert scene.amplitudes(moved[None])[0] == pytest.approx([0.0], abs=0.03)


def test_rigid_field_of_a_turn() -> None:
    field = rigid_field((3, 3), np.array([0.0, 0.0, 3.0, 0.0]))
    # A turn of one radian-pixel a pixel: (x, y) from the centre goes to (-y, x).
    np.testing.assert_allclose(field[0, 2], (1.0, 1.0))
    np.testing.assert_allclose(field[1, 1], (0.0, 0.0))


def test_robust_noise_of_a_normal_sample() -> None:
    sample = stream("test_motion").normal(3.0, 0.5, (20000, 1))
    sample[:1000] = 100.0
    assert robust_noise(sample)[0] == pytest.approx(0.5, rel=0.1)


@pytest.mark.parametrize(
    ("events", "found"),
    [
        ((), []),
        (((20, 25, 30),), [25]),
        (((20, 25, 30), (50, 54, 60)), [25, 54]),
    ],
)
def test_movements_of_a_clean_curve(events: tuple[tuple[int, int, int], ...], found: list[int]) -> None:
    values = course(80, *events) + stream("test_motion", "curve").normal(0, 0.01, 80)
    movements = find_movements((values - np.median(values))[:, None], np.array([2.0]))
    assert [movement.apex_frame for movement in movements] == found
    assert all(abs(m.onset_frame - event[0]) <= 1 for m, event in zip(movements, events, strict=True))
    assert all(abs(m.offset_frame - event[2]) <= 1 for m, event in zip(movements, events, strict=True))


def test_motion_under_the_floor_does_not_count() -> None:
    curve = course(60, (20, 25, 30))[:, None]
    assert find_movements(curve, np.array([0.25])) == []
    assert len(find_movements(curve, np.array([0.5]))) == 1


def test_plateau_has_its_apex_in_the_middle() -> None:
    curve = np.zeros((40, 1))
    curve[18:25, 0] = [0.5, 1.0, 1.0, 1.0, 1.0, 1.0, 0.5]
    assert find_movements(curve, np.array([3.0]))[0].apex_frame == 21


def test_region_reaches_half_an_interocular_distance() -> None:
    field = np.zeros((1, 100, 120, 2), np.float32)
    field[0, 50, 60] = (0.0, 3.0)
    region = Region.around(field, 20.0)
    rows, columns = region.box
    assert (rows.start, rows.stop, columns.start, columns.stop) == (40, 62, 50, 72)
    assert region.mask.sum() == pytest.approx(np.pi * 10**2, rel=0.05)


@pytest.mark.parametrize("negative", [True, False])
def test_a_clip_without_detail_is_told_apart_from_one_at_rest(negative: bool) -> None:
    black = encode(np.zeros((FRAMES, SIZE, SIZE, 3), np.uint8)).data
    with pytest.raises(FlatPictureError, match="no detail where motion was planned"):
        measure(black, smile()[None], interocular_px=IOD_PX, negative=negative)
