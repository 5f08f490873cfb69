"""Which frames of a clip a model sees, with labels, without an event, or at rest on purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from equime_builder.errors import MediaError
from equime_builder.sampling import frame_indices
from equime_evaluation.recordings import Recording

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from equime_builder.sampling import How
    from equime_evaluation.baselines.setup import Setup

Event = tuple[int, int, int]
_SEARCHED_FRAMES: Final = 160
_SEARCHED_PX: Final = 64


def event_of(recording: Recording, *, rest_frames: int | None = None) -> Event:
    """Return onset, apex and offset of a clip.

    Args:
        rest_frames: Return a span without the event instead, from its first frame to this many frames later, at the
            clip's beginning where it fits, else at its end. It is the same for all clips, for the length of an event
            tells of its emotion: several units in turn take longer than one.

    Raises:
        MediaError: The clip has no span at rest that is long enough.
    """
    onset, apex, offset = recording.onset_frame, recording.apex_frame, recording.offset_frame
    if onset is None or apex is None or offset is None:
        return spotted(recording)
    if rest_frames is None:
        return onset, apex, offset
    first = 0 if rest_frames < onset else recording.frames.count - 1 - rest_frames
    if first <= offset and onset <= first + rest_frames:
        raise MediaError(
            f"{recording.id}: has no {rest_frames + 1} frames at rest; use a set whose clips begin before it"
        )
    return first, first + rest_frames // 2, first + rest_frames


def usual_length(recordings: Sequence[Recording]) -> int:
    """Return the median of the frames from onset to offset; 2 where no clip has an event."""
    events = [(item.onset_frame, item.offset_frame) for item in recordings]
    known = [offset - onset for onset, offset in events if onset is not None and offset is not None]
    return max(2, int(np.median(known))) if known else 2


def spotted(recording: Recording) -> Event:
    """Return the span about the largest change in a clip that nobody labelled, found without a model.

    Each frame is compared with the one half a span before it, on a picture of 64 pixels; the largest mean change is
    taken as the apex. It finds blinks and turns of the head as readily as expressions.
    """
    from equime_evaluation.baselines.faces import whole

    count = recording.frames.count
    step = max(1, -(-count // _SEARCHED_FRAMES))
    places = list(range(0, count, step))
    small = np.stack([whole(grey(frame), _SEARCHED_PX) for frame in recording.frames.read(places)]).astype(np.float32)
    half = min(6, max(1, (len(places) - 1) // 2))
    change = np.abs(small[half:] - small[:-half]).mean((1, 2))
    apex = int(change.argmax()) + half
    last = min(len(places) - 1, apex + half)
    return places[apex - half], places[apex], places[last]


def shown_frames(recording: Recording, setup: Setup, event: Event) -> NDArray[np.int64]:
    """Return the frames that a model of frames sees; with differences, the one they are taken from comes first."""
    onset, apex, offset = event
    how: How = setup.sampling  # type: ignore[assignment]  # checked when the set-up was made
    count = setup.frames + setup.difference
    if how == "window":
        count = min(count, recording.frames.count)
    chosen = frame_indices(
        how,
        count,
        num_frames=recording.frames.count,
        onset_frame=onset,
        apex_frame=apex,
        offset_frame=offset,
    )
    # a window may be shorter than asked for: its last frame stands still
    return np.pad(chosen, (0, setup.frames + setup.difference - len(chosen)), mode="edge")


def grey(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return luma (H, W) of an RGB frame (ITU-R BT.601)."""
    import cv2

    return np.asarray(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), np.uint8)
