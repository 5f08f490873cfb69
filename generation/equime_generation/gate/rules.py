"""The table of rules: what each measures on a candidate, and the limits it must keep.

Brows and squinting are not gated: low brows and deep-set eyes are anatomy that a model takes for expression, and a
limit there would refuse some people more than others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from equime_builder.errors import choose
from equime_generation.alignment import invented_share
from equime_generation.gate import face_state
from equime_generation.gate.candidate import Candidate
from equime_generation.gate.glasses import rim_evidence
from equime_generation.gate.picture import blurredness, light_difference_stops


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One measurement and its limits.

    Attributes:
        reason: Short name, for tallies; several rules may share one.
        what: What is measured, in words, with its unit.
        measure: The number that is held against the limits.
        least: Smallest value that passes.
        most: Largest value that passes.
    """

    reason: str
    what: str
    measure: Callable[[Candidate], float]
    least: float = -np.inf
    most: float = np.inf

    def complaint(self, candidate: Candidate) -> str | None:
        """Return rule, value and limit in one line; None where the candidate passes."""
        value = self.measure(candidate)
        if self.least <= value <= self.most:
            return None
        limit = f"at least {self.least:g}" if value < self.least else f"at most {self.most:g}"
        return f"{self.what} must be {limit}, got {value:.3g}"


def _upscale(candidate: Candidate) -> float:
    return candidate.upscale


def _outside(candidate: Candidate) -> float:
    return invented_share(candidate.transform, candidate.photo_shape)


def _blurredness(candidate: Candidate) -> float:
    return blurredness(candidate.image, candidate.face.landmarks)


def _light_difference(candidate: Candidate) -> float:
    return light_difference_stops(candidate.image, candidate.face.landmarks)


def _rims(candidate: Candidate) -> float:
    return rim_evidence(candidate.image, candidate.face.landmarks)


_EYES_CLOSED: Final = face_state.mean_blendshape("eyeBlinkLeft", "eyeBlinkRight")
_SMILE: Final = face_state.mean_blendshape("mouthSmileLeft", "mouthSmileRight")

# Cheap before dear: the first rule broken is the reason, the rest is not measured. The ten synthetic people reach
# a smile of .59, a lip gap of .005, a pitch of 9 degrees, a blurredness of .51, .15 stops and .39 of a rim.
RULES: Final[tuple[Rule, ...]] = (
    Rule(reason="several_faces", what="faces on the photo", measure=face_state.face_count, most=1),
    Rule(reason="small_face", what="eye distance on the photo (px)", measure=face_state.eye_distance_px, least=64),
    Rule(reason="upscaled", what="enlargement of the face", measure=_upscale, most=1.5),
    Rule(reason="cut_off", what="share of the crop outside the photo", measure=_outside, most=0.1),
    Rule(reason="pose", what="roll (degrees)", measure=face_state.roll_deg, most=30),
    Rule(reason="pose", what="yaw (degrees)", measure=face_state.yaw_deg, most=15),
    Rule(reason="pose", what="pitch (degrees)", measure=face_state.pitch_deg, least=-10, most=20),
    Rule(reason="eyes_closed", what="closing of the eyes (0-1)", measure=_EYES_CLOSED, most=0.5),
    Rule(reason="smile", what="smile (0-1)", measure=_SMILE, most=0.75),
    Rule(reason="lips_parted", what="gap between the lips (eye distances)", measure=face_state.lip_gap, most=0.03),
    Rule(reason="posed_mouth", what="shape of the mouth (0-1)", measure=face_state.posed_mouth, most=0.7),
    Rule(reason="blurred", what="blurredness (0-1)", measure=_blurredness, most=0.68),
    Rule(reason="unevenly_lit", what="light between the cheeks (stops)", measure=_light_difference, most=1),
    Rule(reason="glasses", what="evidence of rims (1 = a rim)", measure=_rims, most=1),
)


REASONS: Final[tuple[str, ...]] = tuple(dict.fromkeys(rule.reason for rule in RULES))


def rules_named(*reasons: str) -> tuple[Rule, ...]:
    """Return the rules with these reasons alone.

    Raises:
        UsageError: A reason is not in the table.
    """
    named = {choose("rule", reason, REASONS) for reason in reasons}
    return tuple(rule for rule in RULES if rule.reason in named)


def rules_without(*reasons: str) -> tuple[Rule, ...]:
    """Return all rules but those with these reasons.

    Raises:
        UsageError: A reason is not in the table.
    """
    dropped = rules_named(*reasons)
    return tuple(rule for rule in RULES if rule not in dropped)
