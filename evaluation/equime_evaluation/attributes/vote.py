"""The frames of a clip vote."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import fmean, median, pstdev
from typing import TYPE_CHECKING

from equime_evaluation.attributes.estimate import ClipAttributes, FaceEstimate, leading

if TYPE_CHECKING:
    from equime_evaluation.clips import Clip

_DIGITS = 4


def vote(clip: Clip, estimates: Sequence[FaceEstimate], *, frames: int, tool: str) -> ClipAttributes:
    """Return what the frames say together.

    Args:
        estimates: Of the frames with a face.
        frames: Frames that were looked at.
        tool: What estimated.
    """
    ages = [estimate.age for estimate in estimates if estimate.age is not None]
    gender, gender_agreement = _majority([estimate.genders for estimate in estimates])
    ethnicity, ethnicity_agreement = _majority([estimate.ethnicities for estimate in estimates])
    emotion, emotion_agreement = _majority([estimate.emotions for estimate in estimates])
    return ClipAttributes(
        video_path=clip.name,
        clip_id=clip.clip_id,
        frames=frames,
        frames_with_face=len(estimates),
        most_faces=max((estimate.faces for estimate in estimates), default=0),
        age=round(median(ages), _DIGITS) if ages else None,
        age_spread=round(pstdev(ages), _DIGITS) if len(ages) > 1 else None,
        gender=gender,
        gender_agreement=gender_agreement,
        ethnicity=ethnicity,
        ethnicity_agreement=ethnicity_agreement,
        emotion=emotion,
        emotion_agreement=emotion_agreement,
        tool=tool,
    )


def _majority(shares: Sequence[Mapping[str, float]]) -> tuple[str | None, float | None]:
    """Return the name that leads most often, and the share of the votes that it got."""
    known = [item for item in shares if item]
    if not known:
        return None, None
    votes = Counter(leading(item) for item in known)
    most = max(votes.values())
    winners = {
        name: fmean(item.get(name, 0.0) for item in known)
        for name, count in votes.items()
        if name is not None and count == most
    }
    return leading(winners), round(most / len(known), _DIGITS)
