"""Which frames of a clip to look at: few frames lose a micro-expression unless they are chosen around it.

A clip of 6 s holds an event of 4 to 12 frames. Eight frames spread over 144 hit it once or never; the ways below that
follow the event see its course. Everything is a function of the arguments: no generator is shared or advanced.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from equime_builder.errors import UsageError, choose
from equime_builder.streams import stream

if TYPE_CHECKING:
    from numpy.typing import NDArray

How = Literal["uniform", "event", "onset-apex-offset", "window", "all"]
HOWS: Final[tuple[How, ...]] = ("uniform", "event", "onset-apex-offset", "window", "all")

SURROGATE_FRAMES: Final = (4, 12)
"""Shortest and longest surrogate of an event: those of planned events, so that length tells no negative."""
RISE_SHARE: Final = 0.44
"""Share of an event before its apex. Source: SAMM's micro-expressions (Davison et al. 2018)."""


def frame_indices(
    how: How,
    count: int | None = None,
    *,
    num_frames: int,
    onset_frame: int | None = None,
    apex_frame: int | None = None,
    offset_frame: int | None = None,
    seed: int = 0,
    epoch: int = 0,
    clip_id: str = "",
    jitter: bool = False,
) -> NDArray[np.int64]:
    """Choose frames of a clip.

    On a clip without an event (all three frames ``None``) a surrogate stands in wherever the event is asked for: 4 to
    12 frames long and anywhere in the clip, drawn by seed and clip id, so that neither the place nor the spacing of
    the frames tells negatives from others.

    Args:
        how: One of

            - ``"uniform"``: evenly spaced, from the first frame of the clip to the last.
            - ``"event"``: evenly spaced, from half the event's length before its onset to half after its offset; more
              where ``count`` would otherwise repeat frames. Onset, apex and offset are among them, each in the place of
              the frame nearest to it; of two frames onset and apex, of one the apex.
            - ``"onset-apex-offset"``: these three, and further frames evenly between them; of two frames onset and
              apex, of one the apex.
            - ``"window"``: consecutive frames with the event in their middle, moved to lie inside the clip; with the
              apex among them where they are fewer than the event's.
            - ``"all"``: every frame.
        count: How many; for ``"all"`` it must be ``None`` or ``num_frames``. Where the frames to choose from are
            fewer, some are repeated (``"window"`` refuses).
        num_frames: Frames in the clip.
        onset_frame: First frame of the event; with ``apex_frame`` and ``offset_frame`` all given or all ``None``.
        apex_frame: Frame of the strongest motion.
        offset_frame: Last frame of the event.
        seed: Of the run; with ``epoch`` and ``clip_id`` it names the random numbers.
        epoch: Changes the random numbers of ``jitter``, and nothing else.
        clip_id: The row's ``id``.
        jitter: Draw each frame from the neighbourhood of its place instead of taking the place itself: up to half-way
            to the next place, in order still. Onset, apex and offset of ``"event"`` and the apex of
            ``"onset-apex-offset"`` stay. A ``"window"`` is shifted whole, the event staying in it where it fits, and
            its apex always; ``"all"`` stays.

    Returns:
        (count,) int64, ascending, each in 0 to ``num_frames`` - 1.

    Raises:
        UsageError: An option is unknown or out of range, or the event lies outside the clip.
    """
    choose("how", how, HOWS)
    count = _checked_count(how, count, num_frames)
    if how == "all":
        return np.arange(num_frames)
    event = _checked_event((onset_frame, apex_frame, offset_frame), num_frames)
    draws = stream("sampling", seed, clip_id, epoch) if jitter else None
    if how == "uniform":
        return _spread(0, num_frames - 1, count, draws)
    onset, apex, offset = event or _surrogate(num_frames, stream("sampling/surrogate", seed, clip_id))
    if how == "event":
        places = _spread(*_around(onset, offset, count, num_frames), count, draws)
        return _with_landmarks(places, onset, apex, offset)
    if how == "window":
        return _window(onset, apex, offset, count, num_frames, draws)
    return _course(onset, apex, offset, count, draws)


def _checked_count(how: How, count: int | None, num_frames: int) -> int:
    if num_frames < 1:
        raise UsageError(f"num_frames must be 1 or more, got {num_frames}")
    if how == "all":
        if count not in (None, num_frames):
            raise UsageError(f"'all' gives all {num_frames} frames, got count {count}; leave count out")
        return num_frames
    if count is None or count < 1:
        raise UsageError(f"count must be 1 or more for {how!r}, got {count}")
    if how == "window" and count > num_frames:
        raise UsageError(f"a window of {count} frames does not fit into {num_frames}; ask for at most {num_frames}")
    return count


def _checked_event(frames: tuple[int | None, int | None, int | None], num_frames: int) -> tuple[int, int, int] | None:
    onset, apex, offset = frames
    if onset is None or apex is None or offset is None:
        if frames != (None, None, None):
            raise UsageError(f"onset, apex and offset frames come together or not at all, got {frames}")
        return None
    if not 0 <= onset <= apex <= offset < num_frames:
        raise UsageError(f"onset, apex and offset must ascend within 0 to {num_frames - 1}, got {frames}")
    return onset, apex, offset


def _surrogate(num_frames: int, draws: np.random.Generator) -> tuple[int, int, int]:
    shortest, longest = SURROGATE_FRAMES
    length = min(int(draws.integers(shortest, longest + 1)), num_frames - 1)
    # Events keep away from either end of a clip, so that there is something to see before and after.
    margin = min(num_frames // 7, (num_frames - 1 - length) // 2)
    onset = int(draws.integers(margin, num_frames - length - margin))
    return onset, onset + round(RISE_SHARE * length), onset + length


def _around(onset: int, offset: int, count: int, num_frames: int) -> tuple[int, int]:
    spare = max(offset - onset, count - 1 - (offset - onset))
    before = (spare + 1) // 2
    first, last = onset - before, offset + spare - before
    # What does not fit on one side is taken on the other, so that short clips are not repeated frames either.
    shift = max(-first, 0) - max(last - num_frames + 1, 0)
    return max(first + shift, 0), min(last + shift, num_frames - 1)


def _with_landmarks(places: NDArray[np.int64], onset: int, apex: int, offset: int) -> NDArray[np.int64]:
    """Put onset, apex and offset, or as many as there is room for, in the place of the frame nearest to each.

    The nearest are looked for on either side of the apex's own place, so that places stay in order and distinct.
    """
    wanted = sorted(list(dict.fromkeys((apex, onset, offset)))[: len(places)])
    before, after = wanted.index(apex), len(wanted) - 1 - wanted.index(apex)
    middle = _nearest(places, apex, before, len(places) - after)
    places[middle] = apex
    if before:
        places[_nearest(places, onset, 0, middle)] = onset
    if after:
        places[_nearest(places, offset, middle + 1, len(places))] = offset
    return places


def _nearest(places: NDArray[np.int64], frame: int, start: int, stop: int) -> int:
    return start + int(np.abs(places[start:stop] - frame).argmin())


def _window(
    onset: int, apex: int, offset: int, count: int, num_frames: int, draws: np.random.Generator | None
) -> NDArray[np.int64]:
    flush = (onset, offset - count + 1)
    earliest, latest = max(min(flush), apex - count + 1), min(max(flush), apex)
    centred = min(max(sum(flush) // 2, earliest), latest)
    start = centred if draws is None else int(draws.integers(earliest, latest + 1))
    start = min(max(start, 0), num_frames - count)
    return np.arange(start, start + count)


def _course(onset: int, apex: int, offset: int, count: int, draws: np.random.Generator | None) -> NDArray[np.int64]:
    if count == 1:
        return np.array([apex])
    rise = max(2, min(round(1 + (count - 1) * (apex - onset) / max(offset - onset, 1)), count - 1))
    if count == 2:
        rise = 2
    up = np.rint(np.linspace(onset, apex, rise))
    down = np.rint(np.linspace(apex, offset, count - rise + 1))[1:]
    places = np.concatenate([up, down]).astype(np.int64)
    moved = _jittered(places, onset, offset if count > 2 else apex, draws)
    moved[rise - 1] = apex
    return moved


def _spread(first: int, last: int, count: int, draws: np.random.Generator | None) -> NDArray[np.int64]:
    places = np.linspace(first, last, count) if count > 1 else np.array([(first + last) / 2])
    return _jittered(np.rint(places).astype(np.int64), first, last, draws)


def _jittered(places: NDArray[np.int64], first: int, last: int, draws: np.random.Generator | None) -> NDArray[np.int64]:
    """Draw each place anew from its cell: from half-way to the place before, to half-way to the place after."""
    if draws is None:
        return places
    middles = -(-(places[:-1] + places[1:]) // 2)
    low = np.concatenate([[first], middles])
    high = np.maximum(np.concatenate([middles - 1, [last]]), low)
    return draws.integers(low, high + 1)
