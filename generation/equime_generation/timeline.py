"""When a micro-expression happens: its frames, and the curve of each Action Unit.

Sources: duration and onset of SAMM's micro-expressions (Davison et al. 2018; median .39 s, onset share .44); limits of
Yan et al., J. Nonverbal Behav. 37 (2013), doi 10.1007/s10919-013-0159-8 (at most .5 s, onset at most .26 s);
minimum-jerk course after Flash & Hogan, J. Neurosci. 5 (1985).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from equime_builder.facs import Side
from equime_builder.records import FPS, FRAMES, PlannedAU

if TYPE_CHECKING:
    import numpy as np

TOTAL_S: Final = (0.37, 0.09)
"""Mean and standard deviation of the duration, truncated to `FEWEST_FRAMES`..`MOST_FRAMES`."""
FEWEST_FRAMES: Final = 4
MOST_FRAMES: Final = 12
MOST_ONSET_FRAMES: Final = 6
ONSET_SHARE_BETA: Final = (8.8, 11.2)
LAG_S: Final = 0.015
MOST_LAG_FRAMES: Final = 0.9
MARGIN_FRAMES: Final = 20
"""Frames at rest before the onset and after the offset, at least."""
_REST: Final = 2e-3
_HELD: Final = 0.01
"""By this share of the peak a frame may fall short of it and still belong to its hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Frames of one event: at rest up to ``onset_frame`` and again from ``offset_frame``.

    Attributes:
        apex_frame: First frame at the peak.
        hold_frames: Further frames at the peak.
    """

    onset_frame: int
    apex_frame: int
    hold_frames: int
    offset_frame: int


def draw_timing(generator: np.random.Generator) -> Timing:
    """Draw the timing of one micro-expression.

    Returns:
        Between 4 and 12 frames from onset to offset, at most 6 of them up to the apex, at least 20 frames from either
        end of the clip.
    """
    frames = 0
    while not FEWEST_FRAMES <= frames <= MOST_FRAMES:
        frames = round(generator.normal(*TOTAL_S) * FPS)
    rise = min(max(round(generator.beta(*ONSET_SHARE_BETA) * frames), 2), MOST_ONSET_FRAMES, frames - 2)
    hold = int(generator.integers(0, min(2, frames - rise - 2) + 1))
    onset = int(generator.integers(MARGIN_FRAMES, FRAMES - MARGIN_FRAMES - frames))
    return Timing(onset_frame=onset, apex_frame=onset + rise, hold_frames=hold, offset_frame=onset + frames)


def draw_lag_frames(generator: np.random.Generator) -> float:
    """Draw how much later than the event an AU moves, in frames (sd 15 ms, less than a frame)."""
    lag = generator.normal(0.0, LAG_S) * FPS
    return float(min(max(lag, -MOST_LAG_FRAMES), MOST_LAG_FRAMES))


def minimum_jerk(share: float) -> float:
    """Return the course 10 u^3 - 15 u^4 + 6 u^5 at ``share`` u of a movement, clipped to 0-1."""
    u = min(max(share, 0.0), 1.0)
    return u**3 * (10.0 - 15.0 * u + 6.0 * u * u)


def course(timing: Timing, frame: float) -> float:
    """Return the share of the peak (0-1) at a frame, which may lie between two frames."""
    rise = timing.apex_frame - timing.onset_frame
    release_start = timing.apex_frame + timing.hold_frames
    if frame <= timing.apex_frame:
        return minimum_jerk((frame - timing.onset_frame) / rise)
    return minimum_jerk((timing.offset_frame - frame) / (timing.offset_frame - release_start))


def move(au: int, side: Side, *, intensity: float, timing: Timing, lag_frames: float) -> PlannedAU:
    """Return one AU's movement within an event.

    Args:
        intensity: Peak, 0-1; the sampled curve reaches it exactly.
        lag_frames: Shift against the event, between -1 and 1.
    """
    first, last = timing.onset_frame - 1, timing.offset_frame + 1
    raw = [course(timing, frame - lag_frames) for frame in range(first, last + 1)]
    peak = max(raw)
    shares = [value / peak if value / peak > _REST else 0.0 for value in raw]
    moving = [index for index, value in enumerate(shares) if value > 0.0]
    start, stop = moving[0] - 1, moving[-1] + 1
    curve = tuple(round(intensity * value, 6) for value in shares[start : stop + 1])
    top = max(curve)
    peaks = [index for index, value in enumerate(curve) if value == top]
    return PlannedAU(
        au=au,
        side=side,
        intensity=top,
        onset_frame=first + start,
        apex_frame=first + start + peaks[(len(peaks) - 1) // 2],
        offset_frame=first + stop,
        curve=curve,
    )


def apex_of(aus: Sequence[PlannedAU]) -> int | None:
    """Return the middle of the frames whose summed intensity is largest, to 1 %; ``None`` where nothing moves.

    A peak may be held for up to three frames, which neither a coder nor a measurement tells apart. Of two middle
    frames the stronger counts, or else the first.
    """
    if not aus:
        return None
    frames = range(min(au.onset_frame for au in aus), max(au.offset_frame for au in aus) + 1)
    sums = {frame: sum(au.at(frame) for au in aus) for frame in frames}
    top = max(sums.values())
    held = [frame for frame, total in sums.items() if total >= top * (1.0 - _HELD)]
    middle = held[(len(held) - 1) // 2 : len(held) // 2 + 1]
    return max(middle, key=lambda frame: sums[frame])
