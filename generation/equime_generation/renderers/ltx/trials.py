"""Clips to try a model on before a campaign: each Action Unit alone, at each level, on a few people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from equime_builder.facs import SIDES
from equime_builder.records import Nuisance, Plan
from equime_builder.streams import key_of, stream
from equime_generation.programmes import COMBINATIONS, FLOOR, FLOOR_OF, LEVEL_RANGES
from equime_generation.prompts import caption_of, negative_prompt_of, prompt_of
from equime_generation.renderers import Job
from equime_generation.timeline import apex_of, draw_timing, move

if TYPE_CHECKING:
    from equime_generation.faces import Face

_KEY: Final = "survival"
_SWAY_PX: Final = 0.6
_NOISE_SIGMA: Final = 1.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One movement of one Action Unit, on both sides.

    Attributes:
        level: FACS letter that the campaign would plan: A, B or C.
    """

    face: Face
    plan: Plan
    au: int
    level: str

    @property
    def job(self) -> Job:
        """What a renderer is asked for."""
        return Job(face=self.face, plan=self.plan)

    @property
    def frames(self) -> int:
        """Frames from onset to offset."""
        return (self.plan.offset_frame or 0) - (self.plan.onset_frame or 0)


def draw_trials(faces: Sequence[Face], *, clips: int = 0) -> list[Trial]:
    """Return every unit that is warped, at the middle of each level that is planned for it, on every face.

    The timing is drawn as for a campaign, and alike for all units of a face and level.

    Args:
        clips: How many to return at most, spread over all; 0 = all.
    """
    from equime_generation.renderers.warp.units import UNITS

    found = [
        _trial(face, au, level, intensity)
        for face in faces
        for au in UNITS
        for level, intensity in intensities_of(au).items()
    ]
    if not clips or clips >= len(found):
        return found
    order = sorted((trial.plan.clip_id for trial in found), key=lambda clip_id: key_of(_KEY, "order", clip_id))
    first = set(order[:clips])
    return [trial for trial in found if trial.plan.clip_id in first]


def intensities_of(au: int) -> dict[str, float]:
    """Return the intensity to try at each level; a level that lies under the unit's floor is never planned."""
    floor = FLOOR_OF.get(au, FLOOR)
    middles = {level: (low + high) / 2 for level, (low, high) in LEVEL_RANGES.items()}
    return {level: middle for level, middle in middles.items() if middle >= floor}


def _trial(face: Face, au: int, level: str, intensity: float) -> Trial:
    who = face.subject.id
    timing = draw_timing(stream(_KEY, who, level))
    aus = tuple(move(au, side, intensity=intensity, timing=timing, lag_frames=0.0) for side in SIDES)
    name, emotion = f"AU{au}-{level}", _emotion_of(au)
    plan = Plan(
        clip_id=f"{_KEY}-{who}-{name}",
        plan_id=f"{_KEY}-{name}",
        subject_id=who,
        emotion=emotion,
        aus=aus,
        onset_frame=min(planned.onset_frame for planned in aus),
        apex_frame=apex_of(aus),
        offset_frame=max(planned.offset_frame for planned in aus),
        nuisance=Nuisance(key=f"{_KEY}/{who}/{name}", sway_px=_SWAY_PX, noise_sigma=_NOISE_SIGMA),
        prompt=prompt_of(emotion, aus),
        negative_prompt=negative_prompt_of(()),
        caption=caption_of(emotion, aus),
        seed=key_of(_KEY, who, name) % 2**63,
    )
    return Trial(face=face, plan=plan, au=au, level=level)


def _emotion_of(au: int) -> str:
    """Return the first emotion that moves a unit; anger for those that none does, whose prompt needs a word too."""
    for emotion, table in COMBINATIONS.items():
        if any(str(au) in name.removeprefix("U").split("+") for name in table):
            return emotion
    return "anger"
