"""Motion in a decoded clip, measured against the planned displacement and without knowledge of its timing."""

from equime_evaluation.motion.curve import AmplitudeCurve, FlatPictureError, amplitude_curve
from equime_evaluation.motion.events import FoundEvents, measure_events
from equime_evaluation.motion.measure import measure
from equime_evaluation.motion.peaks import Movement, find_movements

__all__ = [
    "AmplitudeCurve",
    "FlatPictureError",
    "FoundEvents",
    "Movement",
    "amplitude_curve",
    "find_movements",
    "measure",
    "measure_events",
]
