"""What of a planned motion is left of it after a model had it: measured in the clip as it would be shipped.

A clip of the warp renderer is measured as it is and after the model, both encoded and decoded as a campaign would, so
that what the encoder and the measurement lose is not the model's fault: survival is the ratio of both slopes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from equime_builder.records import Measured
from equime_generation.renderers import Renderer

if TYPE_CHECKING:
    from equime_generation.renderers import Clip
    from equime_generation.renderers.ltx.trials import Trial


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What was found in one clip.

    Attributes:
        reason: The first rule of `equime_generation.screen` that it breaks; ``None`` = it passes.
    """

    measured: Measured
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Survival:
    """One movement before and after a model.

    Attributes:
        au: Action Unit.
        level: FACS letter.
        frames: From onset to offset.
        apex_frame: As planned.
        before: In the clip as the warp renderer made it.
        after: In the clip as the model gave it back.
    """

    clip_id: str
    au: int
    level: str
    frames: int
    apex_frame: int
    before: Reading
    after: Reading

    @property
    def survival(self) -> float | None:
        """Slope after over slope before; ``None`` where the movement was not found in both."""
        before, after = self.before.measured.slope, self.after.measured.slope
        return None if before is None or after is None or before <= 0 else after / before

    @property
    def apex_error(self) -> int | None:
        """Frames from the planned to the found apex; ``None`` where no movement was found."""
        found = self.after.measured.apex_frame
        return None if found is None else found - self.apex_frame

    @property
    def passes(self) -> bool:
        """Whether the clip after the model would be kept."""
        return self.after.reason is None

    def as_json(self) -> dict[str, Any]:
        """Return the movement for programs."""
        before, after = self.before.measured, self.after.measured
        return {
            "clip": self.clip_id,
            "au": self.au,
            "level": self.level,
            "frames": self.frames,
            "survival": self.survival,
            "slope_before": before.slope,
            "slope_after": after.slope,
            "correlation_before": before.correlation,
            "correlation_after": after.correlation,
            "apex_error": self.apex_error,
            "reason": self.after.reason,
        }


Told = Callable[[str], None]
"""Told the id of each clip that was measured."""


def readings(
    trials: Sequence[Trial], renderer: Renderer, *, profile: str = "default", workers: int = 1, told: Told
) -> dict[str, Reading]:
    """Render trials and measure each clip as the screen would.

    Args:
        renderer: Makes the clips; only it uses the GPU.
        profile: Name in `equime_generation.encode.PROFILES`.
        workers: Threads that encode and measure beside it.
        told: Called as clips are done.

    Returns:
        Clip id to what was found.
    """
    by_id = {trial.plan.clip_id: trial for trial in trials}
    waiting: deque[tuple[str, Future[Reading]]] = deque()
    found: dict[str, Reading] = {}

    def collect() -> None:
        clip_id, reading = waiting.popleft()
        found[clip_id] = reading.result()
        told(clip_id)

    with ThreadPoolExecutor(workers, thread_name_prefix="survival") as pool:
        for clip in renderer.render([trial.job for trial in trials]):
            waiting.append((clip.plan.clip_id, pool.submit(_read, clip, by_id[clip.plan.clip_id], profile)))
            while len(waiting) > workers:
                collect()
        while waiting:
            collect()
    return found


def _read(clip: Clip, trial: Trial, profile: str) -> Reading:
    from equime_evaluation.motion import measure
    from equime_generation.encode import encode
    from equime_generation.screen import screen
    from equime_generation.true_motion import motion_to_find

    fields = motion_to_find(clip, trial.face).probe()
    media = encode(clip.frames, profile=profile)
    measured = measure(media.data, fields, interocular_px=trial.face.interocular_px, negative=False)
    faults = screen(clip.plan, media, measured, smallest_jacobian=clip.smallest_jacobian)
    return Reading(measured=measured, reason=faults[0].reason if faults else None)


def survivals(
    trials: Sequence[Trial], before: Mapping[str, Reading], after: Mapping[str, Reading]
) -> Iterator[Survival]:
    """Yield each movement before and after, in the order of the trials."""
    for trial in trials:
        clip_id = trial.plan.clip_id
        yield Survival(
            clip_id=clip_id,
            au=trial.au,
            level=trial.level,
            frames=trial.frames,
            apex_frame=trial.plan.apex_frame or 0,
            before=before[clip_id],
            after=after[clip_id],
        )
