import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equime_builder.records import FRAMES, PlannedAU
from equime_builder.streams import stream
from equime_generation.timeline import Timing, apex_of, course, draw_lag_frames, draw_timing, minimum_jerk, move


def test_minimum_jerk_solves_the_boundary_problem() -> None:
    # The minimum-jerk course is the one quintic with rest (zero speed and acceleration) at both ends.
    coefficients = np.linalg.solve(
        [
            [1, 0, 0, 0, 0, 0],
            [0, 1, 0, 0, 0, 0],
            [0, 0, 2, 0, 0, 0],
            [1, 1, 1, 1, 1, 1],
            [0, 1, 2, 3, 4, 5],
            [0, 0, 2, 6, 12, 20],
        ],
        [0, 0, 0, 1, 0, 0],
    )
    for share in np.linspace(0, 1, 11):
        assert minimum_jerk(share) == pytest.approx(np.polyval(coefficients[::-1], share), abs=1e-12)


@pytest.mark.parametrize(("share", "value"), [(-3.0, 0.0), (0.5, 0.5), (7.0, 1.0)])
def test_minimum_jerk_is_clipped_and_symmetric(share: float, value: float) -> None:
    assert minimum_jerk(share) == value


def test_course_rises_holds_and_releases() -> None:
    timing = Timing(onset_frame=10, apex_frame=12, hold_frames=1, offset_frame=17)
    assert [course(timing, frame) for frame in (9, 10, 11, 12, 13, 15, 17, 18)] == [0, 0, 0.5, 1, 1, 0.5, 0, 0]


@given(st.integers(0, 10**6))
def test_drawn_timings_are_micro(key: int) -> None:
    timing = draw_timing(stream(key))
    frames = timing.offset_frame - timing.onset_frame
    rise = timing.apex_frame - timing.onset_frame
    assert 4 <= frames <= 12
    assert 2 <= rise <= 6
    assert timing.offset_frame - timing.apex_frame - timing.hold_frames >= 2
    assert timing.onset_frame >= 20
    assert timing.offset_frame < FRAMES - 20


def test_durations_follow_samm() -> None:
    timings = [draw_timing(stream("durations", number)) for number in range(2000)]
    durations_s = np.array([timing.offset_frame - timing.onset_frame for timing in timings]) / 24
    assert np.mean(durations_s) == pytest.approx(0.37, abs=0.015)
    assert np.std(durations_s) == pytest.approx(0.085, abs=0.015)


@given(st.integers(0, 10**6), st.floats(0.05, 1.0))
def test_a_move_is_true_to_its_peak(key: int, intensity: float) -> None:
    generator = stream(key)
    timing = draw_timing(generator)
    planned = move(12, "left", intensity=intensity, timing=timing, lag_frames=draw_lag_frames(generator))
    assert planned.curve[0] == planned.curve[-1] == 0.0
    assert all(value > 0 for value in planned.curve[1:-1])
    assert planned.at(planned.apex_frame) == max(planned.curve) == planned.intensity
    assert planned.intensity == pytest.approx(intensity, abs=1e-6)
    assert abs(planned.onset_frame - timing.onset_frame) <= 1
    assert abs(planned.offset_frame - timing.offset_frame) <= 1
    steps = np.sign(np.diff(planned.curve))
    assert np.all(np.diff(steps[steps != 0]) <= 0), "one rise, then one fall"


def test_a_move_without_lag_has_the_events_frames() -> None:
    timing = Timing(onset_frame=30, apex_frame=32, hold_frames=0, offset_frame=36)
    planned = move(4, "right", intensity=0.4, timing=timing, lag_frames=0.0)
    assert (planned.onset_frame, planned.apex_frame, planned.offset_frame) == (30, 32, 36)
    falling = [0.4 * minimum_jerk(share) for share in (0.75, 0.5, 0.25, 0.0)]
    assert planned.curve == pytest.approx([0, 0.2, 0.4, *falling], abs=1e-6)


@pytest.mark.parametrize(
    ("curve", "apex_frame"),
    [
        ((0.0, 0.2, 0.4, 0.4, 0.4, 0.1, 0.0), 13),
        ((0.0, 0.2, 0.4, 0.4, 0.1, 0.0), 12),
        ((0.0, 0.2, 0.398, 0.4, 0.398, 0.1, 0.0), 13),
        ((0.0, 0.2, 0.398, 0.4, 0.1, 0.0), 13),
        ((0.0, 0.2, 0.39, 0.4, 0.1, 0.0), 13),
    ],
    ids=["held for three", "held for two", "all but held for three", "all but held for two", "a plain peak"],
)
def test_the_apex_is_the_middle_of_a_held_peak(curve: tuple[float, ...], apex_frame: int) -> None:
    stop = 10 + len(curve) - 1
    sides = [
        PlannedAU(au=12, side=side, intensity=0.4, onset_frame=10, apex_frame=12, offset_frame=stop, curve=curve)
        for side in ("left", "right")
    ]
    assert apex_of(sides) == apex_frame


def test_nothing_that_moves_has_no_apex() -> None:
    assert apex_of([]) is None
