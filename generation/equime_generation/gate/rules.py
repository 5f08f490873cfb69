"""The table of rules: what each measures on a candidate, and the limits it must keep."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from equime_generation.alignment import LEFT_EYE, RIGHT_EYE, invented_share
from equime_generation.gate.candidate import Candidate


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One measurement and its limits.

    Attributes:
        reason: Short name, for tallies; several rules may share one.
        what: What is measured, in words, with its unit.
        measure: The number; ``None`` = cannot be measured on this photo, which passes.
        least: Smallest value that passes.
        most: Largest value that passes.
    """

    reason: str
    what: str
    measure: Callable[[Candidate], float | None]
    least: float = -np.inf
    most: float = np.inf

    def complaint(self, candidate: Candidate) -> str | None:
        """Return rule, value and limit in one line; None where the candidate passes."""
        value = self.measure(candidate)
        if value is None or self.least <= value <= self.most:
            return None
        limit = f"at most {self.most:g}" if value > self.most else f"at least {self.least:g}"
        return f"{self.what} must be {limit}, got {value:.3g}"


def face_count(candidate: Candidate) -> float:
    """Return the number of faces on the photo that are at least a third as wide as the widest."""
    widths = [float(np.ptp(found.landmarks[:, 0])) for found in candidate.found]
    return float(sum(width >= widths[0] / 3 for width in widths))


def eye_distance_px(candidate: Candidate) -> float:
    """Return the distance of the eye centres on the photo, in photo pixels."""
    points = candidate.found[0].landmarks[:, :2]
    return float(np.hypot(*(points[list(LEFT_EYE)].mean(0) - points[list(RIGHT_EYE)].mean(0))))


def _blendshapes(*names: str) -> Callable[[Candidate], float]:
    """Return a measurement: the mean activation of the named blendshapes."""
    return lambda candidate: float(np.mean([candidate.face.blendshapes[name] for name in names]))


RULES: Final[tuple[Rule, ...]] = (
    Rule(reason="several_faces", what="number of faces", measure=face_count, most=1),
    Rule(reason="small_face", what="distance of the eyes on the photo (px)", measure=eye_distance_px, least=64),
    Rule(reason="upscaled", what="enlargement", measure=lambda candidate: candidate.upscale, most=1.5),
    Rule(
        reason="cut_off",
        what="share of the crop outside the photo",
        measure=lambda candidate: invented_share(candidate.transform, candidate.photo_shape),
        most=0.1,
    ),
    Rule(
        reason="eyes_closed",
        what="closing of the eyes",
        measure=_blendshapes("eyeBlinkLeft", "eyeBlinkRight"),
        most=0.5,
    ),
    Rule(reason="smile", what="smile", measure=_blendshapes("mouthSmileLeft", "mouthSmileRight"), most=0.75),
)


def rules_named(*reasons: str) -> tuple[Rule, ...]:
    """Return the rules with these reasons alone."""
    return tuple(rule for rule in RULES if rule.reason in reasons)


def rules_without(*reasons: str) -> tuple[Rule, ...]:
    """Return all rules but those with these reasons."""
    return tuple(rule for rule in RULES if rule.reason not in reasons)
