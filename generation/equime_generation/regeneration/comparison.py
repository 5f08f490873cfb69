"""A clip that was made again against the one that was there: the same bytes, equal as far as it shows, or different.

Other versions of the libraries that decide pixels, and other processors, give other bytes. Such a clip is equal where
its plan is the same to the last digit, and picture and measured motion stay within the bounds below.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from equime_builder.digests import canonical_json
from equime_builder.rows import Row

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEAST_PSNR_DB: Final = 40.0
"""Of the frame that differs most. Frames brighter by a tenth of a grey level give 42 after encoding, the same plan
under other sway and noise 34, a shift by one pixel 34; a clip has 39 against its own frames before encoding."""
MOST_MOTION_PX: Final = 0.1
"""Difference of the largest measured motion."""
MOST_CORRELATION: Final = 0.02
"""Difference of the correlation with the planned motion."""
MOST_APEX_FRAMES: Final = 1
"""Difference of the measured apex."""

Verdict = Literal["identical", "equal", "different"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A clip made again.

    Attributes:
        psnr_db: Of the frame that differs most; ``None`` = not measured, for there is no other video, or nothing
            differs.
        differences: What is not the same, one line each; versions of packages and settings of the renderer among them.
        faults: Those of them that break a bound.
    """

    clip_id: str
    psnr_db: float | None = None
    differences: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """Whether it is the same clip."""
        return "different" if self.faults else "equal" if self.differences else "identical"


def compare(before: Mapping[str, Any], after: Row) -> Compared:
    """Hold a row that was made again against the one that was there.

    Args:
        before: Its row, with or without ``video``: a recipe release has the labels alone.
        after: The whole row.

    Raises:
        MediaError: A video cannot be decoded.
    """
    shown = {name: value for name, value in after.items() if name in before and name not in ("video", "recipe")}
    recipes = before["recipe"], after["recipe"]
    differences = [f"column {name}" for name, value in shown.items() if _text(before[name]) != _text(value)]
    differences += _version_changes(*recipes)
    differences += _setting_changes(*recipes)
    psnr_db = None
    measured = zip(measured_in(before), measured_in(after), strict=True)
    faults = [*_plan_faults(*recipes), *(fault for then, now in measured for fault in motion_faults(then, now))]
    if before["sha256"] != after["sha256"] and before.get("video"):
        psnr_db = _least_psnr(before["video"]["bytes"], after["video"]["bytes"])
        if psnr_db < LEAST_PSNR_DB:
            faults.append(f"a frame differs by a PSNR of {psnr_db:.1f} dB, at least {LEAST_PSNR_DB:g} is equal")
    return Compared(clip_id=after["id"], psnr_db=psnr_db, differences=(*differences, *faults), faults=tuple(faults))


def _version_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    then, now = before.get("versions", {}), after.get("versions", {})
    for name in sorted({*then, *now}):
        if then.get(name) != now.get(name):
            yield f"{name} {then.get(name, 'absent')} then, {now.get(name, 'absent')} now"


def _setting_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the renderer used otherwise: where a GPU's memory ran out, smaller batches than were asked for."""
    then, now = (recipe.get(str(recipe.get("renderer")), {}) for recipe in (before, after))
    for name in sorted({*then, *now}):
        if then.get(name) != now.get(name):
            yield f"{name} {then.get(name, 'absent')!r} then, {now.get(name, 'absent')!r} now"


def _plan_faults(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for name in ("plan", "photo", "renderer", "profile"):
        if _text(before.get(name)) != _text(after.get(name)):
            yield f"another {name} in its recipe"


def motion_faults(then: Mapping[str, Any] | None, now: Mapping[str, Any] | None) -> Iterator[str]:
    """Yield how two measurements of one movement differ beyond the bounds.

    Args:
        then: Fields of `equime_builder.records.Measured`; ``None`` = not measured, as for ``now``.
    """
    if (then is None) != (now is None):
        yield "measured in one of the two only"
    if then is None or now is None:
        return
    for name, most, unit in (
        ("motion_px", MOST_MOTION_PX, "px"),
        ("correlation", MOST_CORRELATION, ""),
        ("apex_frame", MOST_APEX_FRAMES, "frames"),
    ):
        if not _near(then[name], now[name], most):
            yield f"measured {name} {then[name]} then, {now[name]} now; at most {most} {unit}".rstrip() + " apart"


def _near(then: float | None, now: float | None, most: float) -> bool:
    return then is now if then is None or now is None else abs(then - now) <= most


def measured_in(row: Mapping[str, Any]) -> list[Mapping[str, Any] | None]:
    """Return what was measured in the clip of a row: of each event where it holds several, ``None`` = not measured."""
    if "events" in row:
        return [event["measured"] for event in row["events"]]
    return [row["measured"]]


def _least_psnr(before: bytes, after: bytes) -> float:
    """Return the PSNR of the frame that differs most; of videos of unlike shape 0.

    Source: ITU-T J.340, 10 log10(255^2 / MSE) over all samples of a frame.
    """
    import numpy as np

    from equime_builder.decode import decode_frames

    then, now = decode_frames(before), decode_frames(after)
    if then.shape != now.shape:
        return 0.0
    largest = max(_mse(one, other) for one, other in zip(then, now, strict=True))
    return float("inf") if largest == 0 else float(10 * np.log10(255**2 / largest))


def _mse(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    import numpy as np

    return float(np.mean((one.astype(np.float32) - other.astype(np.float32)) ** 2))


def _text(value: object) -> str:
    return canonical_json(value)
