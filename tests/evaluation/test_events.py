"""Several movements of known fields in one clip, with one that nobody planned."""

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from equime_builder.errors import UsageError
from equime_builder.streams import stream
from equime_evaluation.motion import FoundEvents, Movement, measure_events
from equime_evaluation.motion.events import find_in_turn
from equime_evaluation.motion.peaks import joined
from equime_generation.encode import encode
from tests.moving import Field, bump, course, picture, render

SIZE = 192
FRAMES = 80
IOD_PX = 44.0
SMILE, FROWN, BLINK = (12, 16, 22), (34, 38, 43), (58, 60, 64)


@cache
def fields() -> Field:
    """Lip corners that go up, brows that go down by less, lids that close by more."""
    lips = bump(SIZE, (75, 120), (-2.0, -2.4), 13) + bump(SIZE, (121, 120), (2.0, -2.4), 13)
    brows = bump(SIZE, (75, 60), (0.8, 1.3), 13) + bump(SIZE, (121, 60), (-0.8, 1.3), 13)
    lids = bump(SIZE, (75, 80), (0.0, 5.0), 6) + bump(SIZE, (121, 80), (0.0, 5.0), 6)
    return np.stack([lips, brows, lids])


@cache
def shown_alone(number: int) -> NDArray[np.uint8]:
    event = (SMILE, FROWN, BLINK)[number]
    return render(picture(SIZE), fields()[number], course(FRAMES, event), sway_px=0.5, noise_sigma=1.0)


@cache
def found(*shown: int) -> FoundEvents:
    """Render the numbered movements, and look for a smile and a frown."""
    frames: NDArray[np.uint8] | None = None
    for number, event in enumerate((SMILE, FROWN, BLINK)):
        if number not in shown:
            continue
        moved = shown_alone(number)
        inside = slice(event[0], event[2] + 1)
        frames = (
            moved if frames is None else np.concatenate([frames[: event[0]], moved[inside], frames[event[2] + 1 :]])
        )
    assert frames is not None
    spans = [(SMILE[0], SMILE[2]), (FROWN[0], FROWN[2])]
    return measure_events(encode(frames).data, fields(), spans, interocular_px=IOD_PX)


@pytest.mark.parametrize(("number", "event", "size_px"), [(0, SMILE, 3.12), (1, FROWN, 1.53)])
def test_each_event_is_found_at_its_time_and_in_its_size(
    number: int, event: tuple[int, int, int], size_px: float
) -> None:
    measured = found(0, 1, 2).events[number]
    assert measured.peaks == 1
    assert measured.onset_frame is not None
    assert measured.apex_frame is not None
    assert measured.offset_frame is not None
    assert abs(measured.onset_frame - event[0]) <= 1
    assert abs(measured.apex_frame - event[1]) <= 1
    assert -1 <= measured.offset_frame - event[2] <= 5, "coding leaves echoes"
    assert measured.correlation is not None
    assert measured.correlation > 0.94
    # coding keeps less of a movement of a pixel and a half: .90 of this one
    tolerance = 0.1 if size_px >= 2 else 0.15
    assert measured.slope == pytest.approx(1.0, abs=tolerance)
    assert measured.motion_px == pytest.approx(size_px, rel=tolerance)


def test_what_no_event_explains_is_told_apart() -> None:
    others = found(0, 1, 2).others
    assert others
    assert all(BLINK[0] - 1 <= movement.apex_frame <= BLINK[2] + 1 for movement in others)
    assert found(0, 1).others == ()


def test_an_event_that_is_missing_is_not_found() -> None:
    smile, frown = found(0).events
    assert (smile.peaks, frown.peaks) == (1, 0)
    assert frown.apex_frame is None
    assert frown.correlation is None


def test_a_weak_movement_shows_beside_a_strong_one() -> None:
    values = 0.01 * stream("tests/turn").standard_normal((200, 1))
    values[50:61, 0] += 10 * np.sin(np.linspace(0, np.pi, 11)) ** 2
    values[120:131, 0] += 0.8 * np.sin(np.linspace(0, np.pi, 11)) ** 2
    movements = find_in_turn(values - np.median(values), np.array([1.0]))
    assert [movement.apex_frame for movement in movements] == [55, 125]


def test_a_blinks_closing_and_opening_are_one_movement() -> None:
    closing, opening, later = (
        Movement(onset_frame=onset, apex_frame=onset + 1, offset_frame=onset + 3) for onset in (10, 16, 23)
    )
    both, other = joined([closing, opening, later])
    assert (both.onset_frame, both.apex_frame, both.offset_frame) == (10, 11, 19)
    assert other == later
    assert joined([]) == []


def test_each_event_needs_a_field() -> None:
    with pytest.raises(UsageError, match="each of 2 events needs a field, got 1"):
        measure_events(b"", fields()[:1], [(1, 4), (6, 9)], interocular_px=IOD_PX)
