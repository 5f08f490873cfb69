"""One call from a clip's bytes to what was found in it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

from equime_builder.decode import decode_luma
from equime_builder.records import Measured
from equime_evaluation.motion.curve import AmplitudeCurve, amplitude_curve
from equime_evaluation.motion.dense import compare, motion_rms
from equime_evaluation.motion.peaks import joined

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from equime_evaluation.motion.peaks import Movement

MEASURED_BY: Final = f"equime_evaluation.motion 2, OpenCV {cv2.__version__}"
# Results are rounded so that the last bits of a processor's sums cannot show in a dataset.
_DIGITS: Final = 4


def measure(data: bytes, fields: NDArray[np.float32], *, interocular_px: float, negative: bool) -> Measured:
    """Measure the motion in a decoded clip, knowing the directions that were planned but not when.

    Args:
        data: A whole video file.
        fields: (K, H, W, 2) float32 in pixels: the field planned for the apex (K = 1), or on a negative the fields
            of all AUs at intensity 1, none of which should be found.
        interocular_px: Distance of the iris centres in pixels of the clip.
        negative: Whether nothing was planned.

    Returns:
        On an expression: everything that can be said of the largest movement; without a movement only `peaks` = 0.
        On a negative: the same of the largest movement, without correlation and slope; without a movement
        `motion_px` and `outside_px` are of the frame where the amplitude is largest. Movements at most three frames
        apart, such as a blink's closing and opening, count as one.

    Raises:
        MediaError: The bytes cannot be decoded, or show nothing to measure (`FlatPictureError`).
        UsageError: The fields do not fit the clip.
    """
    luma = decode_luma(data)
    curve = amplitude_curve(luma, fields, interocular_px=interocular_px)
    sizes_px = np.abs(curve.values) * np.hypot(fields[..., 0], fields[..., 1]).max((1, 2))
    movement = max(curve.movements, key=lambda found: float(sizes_px[found.apex_frame].max()), default=None)
    if negative:
        return _of_negative(luma, curve, movement, sizes_px, interocular_px)
    return measured_expression(luma, fields[0], curve, movement, interocular_px=interocular_px)


def measured_expression(
    luma: NDArray[np.uint8],
    field: NDArray[np.float32],
    curve: AmplitudeCurve,
    movement: Movement | None,
    *,
    interocular_px: float,
) -> Measured:
    """Hold one found movement against its planned field.

    Args:
        luma: (T, H, W) uint8, the decoded clip.
        field: (H, W, 2) float32 in pixels.
        curve: Of this field alone.
        movement: ``None`` = none was found.
        interocular_px: Distance of the iris centres.
    """
    if movement is None:
        return _measured(curve, None, None, interocular_px, outside_px=None)
    agreement = compare(luma, field, curve, movement.apex_frame)
    motion_px = abs(agreement.slope) * float(np.hypot(field[..., 0], field[..., 1]).max())
    return _measured(
        curve,
        movement,
        motion_px,
        interocular_px,
        outside_px=agreement.outside_px,
        correlation=round(agreement.correlation, _DIGITS),
        slope=round(agreement.slope, _DIGITS),
    )


def _of_negative(
    luma: NDArray[np.uint8],
    curve: AmplitudeCurve,
    movement: Movement | None,
    sizes_px: NDArray[np.float64],
    interocular_px: float,
) -> Measured:
    frame = int(sizes_px.max(1).argmax()) if movement is None else movement.apex_frame
    motion_px = float(sizes_px[frame].max())
    apart = replace(curve, movements=joined(curve.movements))
    return _measured(apart, movement, motion_px, interocular_px, outside_px=motion_rms(luma, curve, frame))


def _measured(
    curve: AmplitudeCurve,
    movement: Movement | None,
    motion_px: float | None,
    interocular_px: float,
    *,
    outside_px: float | None,
    correlation: float | None = None,
    slope: float | None = None,
) -> Measured:
    return Measured(
        onset_frame=movement.onset_frame if movement else None,
        apex_frame=movement.apex_frame if movement else None,
        offset_frame=movement.offset_frame if movement else None,
        motion_px=None if motion_px is None else round(motion_px, _DIGITS),
        motion_iod=None if motion_px is None else round(motion_px / interocular_px, _DIGITS),
        correlation=correlation,
        slope=slope,
        peaks=len(curve.movements),
        outside_px=None if outside_px is None else round(outside_px, _DIGITS),
        measured_by=MEASURED_BY,
    )
