"""Frames are where they are said to be, whatever the seed, the epoch and the clip."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equime_builder.errors import UsageError
from equime_builder.sampling import HOWS, SURROGATE_FRAMES, How, frame_indices

EVENT: dict[str, Any] = {"onset_frame": 60, "apex_frame": 64, "offset_frame": 69}


@st.composite
def requests(draw: st.DrawFn) -> tuple[How, int | None, dict[str, Any]]:
    num_frames = draw(st.integers(1, 200))
    how = draw(st.sampled_from(HOWS))
    count = None if how == "all" else draw(st.integers(1, num_frames if how == "window" else 64))
    options: dict[str, Any] = {"num_frames": num_frames, "jitter": draw(st.booleans())}
    if draw(st.booleans()):
        places = sorted(draw(st.lists(st.integers(0, num_frames - 1), min_size=3, max_size=3)))
        options |= dict(zip(EVENT, places, strict=True))
    options |= {"seed": draw(st.integers(0, 9)), "epoch": draw(st.integers(0, 9)), "clip_id": draw(st.text(max_size=3))}
    return how, count, options


@given(request=requests())
def test_always_as_many_as_asked_ascending_and_inside(request: tuple[How, int | None, dict[str, Any]]) -> None:
    how, count, options = request
    indices = frame_indices(how, count, **options)
    assert indices.dtype == np.int64
    assert indices.shape == (options["num_frames"] if count is None else count,)
    assert (np.diff(indices) >= 0).all()
    assert indices[0] >= 0
    assert indices[-1] < options["num_frames"]
    np.testing.assert_array_equal(indices, frame_indices(how, count, **options), "the same again")
    if how == "window":
        np.testing.assert_array_equal(np.diff(indices), 1)


@given(request=requests())
def test_frames_are_distinct_where_there_are_enough(request: tuple[How, int | None, dict[str, Any]]) -> None:
    how, count, options = request
    indices = frame_indices(how, count, **options)
    if how != "onset-apex-offset" and (count or 0) <= options["num_frames"]:
        assert len(set(indices.tolist())) == len(indices)


@given(request=requests(), epoch=st.integers(0, 9))
def test_without_jitter_no_epoch_matters(request: tuple[How, int | None, dict[str, Any]], epoch: int) -> None:
    how, count, options = request
    options["jitter"] = False
    first = frame_indices(how, count, **options)
    np.testing.assert_array_equal(first, frame_indices(how, count, **options | {"epoch": epoch}))


def test_uniform_is_linspace() -> None:
    np.testing.assert_array_equal(frame_indices("uniform", 8, num_frames=144), [0, 20, 41, 61, 82, 102, 123, 143])
    np.testing.assert_array_equal(frame_indices("uniform", 1, num_frames=145), [72])


def test_event_by_hand() -> None:
    # 9 frames from onset to offset: 5 before and 4 after make 18, which 7 steps of 18/7 cross: 55, 58, 60, 63, 65, 68,
    # 70, 73; then the apex takes the place of 63, and the offset that of 68.
    indices = frame_indices("event", 8, num_frames=144, **EVENT)
    np.testing.assert_array_equal(indices, [55, 58, 60, 64, 65, 69, 70, 73])
    short: dict[str, Any] = {"onset_frame": 60, "apex_frame": 62, "offset_frame": 65}
    assert 62 in frame_indices("event", 8, num_frames=144, **short)
    few = [frame_indices("event", count, num_frames=144, **short).tolist() for count in (1, 2, 3)]
    assert few == [[62], [60, 62], [60, 62, 65]]
    dense = frame_indices("event", 32, num_frames=144, **EVENT)
    np.testing.assert_array_equal(np.diff(dense), 1)
    assert dense[0] < 60
    assert dense[-1] > 69
    at_the_end = frame_indices("event", 30, num_frames=144, onset_frame=130, apex_frame=139, offset_frame=143)
    np.testing.assert_array_equal(at_the_end, np.arange(114, 144))


def test_onset_apex_offset_by_hand() -> None:
    def course(count: int) -> list[int]:
        indices: list[int] = frame_indices("onset-apex-offset", count, num_frames=144, **EVENT).tolist()
        return indices

    assert course(1) == [64]
    assert course(2) == [60, 64]
    assert course(3) == [60, 64, 69]
    assert course(5) == [60, 62, 64, 66, 69]
    assert course(10) == list(range(60, 70))


@given(request=requests())
def test_the_apex_is_always_seen_and_onset_and_offset_where_there_is_room(
    request: tuple[How, int | None, dict[str, Any]],
) -> None:
    how, count, options = request
    if how in ("uniform", "all") or "apex_frame" not in options:
        return
    onset, apex, offset = (options[name] for name in EVENT)
    indices = frame_indices(how, count, **options).tolist()
    assert apex in indices
    room = {"event": 3, "window": offset - onset + 1, "onset-apex-offset": 3}[how]
    if (count or 0) >= room and not (how == "onset-apex-offset" and options["jitter"]):
        assert {onset, offset} <= set(indices)
    if how == "onset-apex-offset":
        assert onset <= indices[0]
        assert indices[-1] <= offset


def test_a_short_window_reaches_every_place_that_holds_the_apex() -> None:
    late: dict[str, Any] = {"onset_frame": 60, "apex_frame": 68, "offset_frame": 69}
    np.testing.assert_array_equal(frame_indices("window", 3, num_frames=144, **late), [66, 67, 68])
    starts = {
        int(frame_indices("window", 3, num_frames=144, jitter=True, epoch=epoch, **late)[0]) for epoch in range(60)
    }
    assert starts == {66, 67}, "68 would leave the event"


@given(count=st.integers(1, 144), seed=st.integers(0, 99), jitter=st.booleans())
def test_a_window_holds_the_event_or_lies_in_it(count: int, seed: int, jitter: bool) -> None:
    window = set(frame_indices("window", count, num_frames=144, seed=seed, jitter=jitter, **EVENT).tolist())
    event = set(range(60, 70))
    assert event <= window or window <= event


def test_jitter_stays_in_its_cell_and_reaches_all_of_it() -> None:
    places = frame_indices("uniform", 8, num_frames=144)
    edges = [0, *(np.ceil((places[:-1] + places[1:]) / 2)), 144]
    drawn = np.stack([frame_indices("uniform", 8, num_frames=144, jitter=True, epoch=epoch) for epoch in range(800)])
    for column, (low, high) in enumerate(pairwise(edges)):
        assert set(drawn[:, column].tolist()) == set(range(int(low), int(high)))


def test_clips_seeds_and_epochs_jitter_apart() -> None:
    base: dict[str, Any] = {"num_frames": 144, "seed": 1, "epoch": 2, "clip_id": "a", "jitter": True}
    first = frame_indices("uniform", 16, **base).tolist()
    for change in ({"seed": 2}, {"epoch": 3}, {"clip_id": "b"}):
        assert frame_indices("uniform", 16, **base | change).tolist() != first


def test_negatives_get_a_surrogate_like_an_event() -> None:
    spans, starts = Counter[int](), Counter[int]()
    for number in range(400):
        onset, apex, offset = frame_indices("onset-apex-offset", 3, num_frames=144, clip_id=f"neutral-{number}")
        assert onset < apex < offset
        spans[int(offset - onset)] += 1
        starts[int(onset) // 24] += 1
    assert set(spans) == set(range(SURROGATE_FRAMES[0], SURROGATE_FRAMES[1] + 1))
    assert set(starts) >= {0, 1, 2, 3, 4}, "they lie everywhere but near the ends"
    assert min(spans.values()) > 400 / 9 / 2, "lengths are drawn evenly"


@pytest.mark.parametrize(
    ("how", "count", "options", "message"),
    [
        ("apex", 8, {}, "how 'apex' is unknown; choose from: uniform, event, onset-apex-offset, window, all"),
        ("uniform", 0, {}, "count must be 1 or more for 'uniform', got 0"),
        ("event", None, {}, "count must be 1 or more for 'event', got None"),
        ("all", 8, {}, "'all' gives all 144 frames, got count 8; leave count out"),
        ("window", 145, {}, "a window of 145 frames does not fit into 144"),
        ("uniform", 8, {"num_frames": 0}, "num_frames must be 1 or more, got 0"),
        ("event", 8, {"apex_frame": 3}, "come together or not at all"),
        ("event", 8, {**EVENT, "offset_frame": 144}, r"must ascend within 0 to 143, got \(60, 64, 144\)"),
        ("event", 8, {**EVENT, "onset_frame": 65}, "must ascend"),
    ],
)
def test_what_cannot_be_is_refused(how: Any, count: int | None, options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        frame_indices(how, count, **{"num_frames": 144, **options})
