"""What a visitor asks for, and the plan that it makes; the same wish is the same clip, byte for byte."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Final

from equime_builder.digests import canonical_json
from equime_builder.errors import UsageError
from equime_builder.facs import AUS, SIDES, Side
from equime_builder.records import FPS, Nuisance, Plan
from equime_builder.streams import key_of, stream
from equime_generation.causal import draw_nuisance
from equime_generation.programmes import COMBINATIONS, FLOOR, FLOOR_OF, LEVEL_RANGES, draw_strengths
from equime_generation.prompts import caption_of, negative_prompt_of, prompt_of
from equime_generation.timeline import FEWEST_FRAMES, MOST_FRAMES, MOST_ONSET_FRAMES, Timing, apex_of, draw_timing, move

BLINK: Final = 43
MOVABLE: Final = tuple(au for au in AUS if au != BLINK)
"""Action Units of expressions; closed eyes are none."""
STRONGEST: Final = LEVEL_RANGES["C"][1]
"""Stronger movements are no longer micro."""
USUAL: Final = 0.3
RISE: Final = (2, MOST_ONSET_FRAMES)
"""Frames from onset to apex: fewest and most."""
RELEASE: Final = (2, MOST_FRAMES - 2)
"""Frames from apex to offset: fewest and most."""
_SEED: Final = 0

Strengths = Mapping[tuple[int, Side], float]
"""Peak (0-1) of each Action Unit and side; units that are missing or 0 rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One clip as asked for.

    Attributes:
        emotion: One of `equime_builder.facs.EMOTIONS`.
        strengths: Of what moves.
        onset_frame: Last frame at rest.
        rise_frames: From onset to apex.
        release_frames: From apex to offset.
    """

    emotion: str
    strengths: Strengths
    onset_frame: int
    rise_frames: int
    release_frames: int

    def __post_init__(self) -> None:
        moves = any(self.strengths.values())
        if self.emotion == "neutral" and moves:
            raise UsageError("on a neutral clip nothing moves; choose an emotion, or set every Action Unit to 0")
        if self.emotion != "neutral" and not moves:
            raise UsageError(f"a clip of {self.emotion} needs a movement; raise one Action Unit, or choose neutral")
        frames = self.rise_frames + self.release_frames
        if not FEWEST_FRAMES <= frames <= MOST_FRAMES:
            raise UsageError(
                f"a micro-expression lasts {FEWEST_FRAMES} to {MOST_FRAMES} frames ({MOST_FRAMES / FPS:g} s), "
                f"this one {frames}; shorten the way to the apex or the way back"
            )

    @property
    def timing(self) -> Timing:
        """Frames of the event."""
        apex = self.onset_frame + self.rise_frames
        offset = apex + self.release_frames
        return Timing(onset_frame=self.onset_frame, apex_frame=apex, hold_frames=0, offset_frame=offset)


def usual_strengths(emotion: str, strongest: float) -> Strengths:
    """Return the combination that people show most often for an emotion, the same on both sides.

    Args:
        strongest: Peak, 0-1; units that need more to be seen get their floor.
    """
    name = max(COMBINATIONS[emotion], key=COMBINATIONS[emotion].__getitem__)
    aus = [int(number) for number in name.split("+") if number]
    return {(au, side): max(strongest, FLOOR_OF.get(au, FLOOR)) for au in aus for side in SIDES}


def drawn_strengths(emotion: str, number: int) -> Strengths:
    """Return a draw of the causal model's programme of an emotion.

    Args:
        number: Another one gives another draw.
    """
    drawn = draw_strengths(emotion, stream(_SEED, f"app-{emotion}-{number}", "strengths"))
    return {(item.au, item.side): round(item.intensity, 2) for item in drawn}


def drawn_timing(emotion: str, number: int) -> Timing:
    """Return a draw of the model's timing, arguments as for `drawn_strengths`."""
    return draw_timing(stream(_SEED, f"app-{emotion}-{number}", "timing"))


def scaled(strengths: Strengths, strongest: float) -> Strengths:
    """Return strengths in the same proportions, of which the largest is ``strongest``; as they are where none moves."""
    peak = max(strengths.values(), default=0.0)
    return {key: round(value * strongest / peak, 2) for key, value in strengths.items()} if peak else strengths


def plan_of(wish: Wish, subject_id: str) -> Plan:
    """Return the plan of a wish on a person, named after both, so that it is keyed by what was asked for."""
    moving = {key: value for key, value in wish.strengths.items() if value}
    aus = tuple(
        move(au, side, intensity=moving[au, side], timing=wish.timing, lag_frames=0.0)
        for au in MOVABLE
        for side in SIDES
        if (au, side) in moving
    )
    asked = {**asdict(wish), "strengths": sorted([au, side, value] for (au, side), value in moving.items())}
    plan_id = f"{wish.emotion}-{key_of(_SEED, canonical_json(asked)) % 16**10:010x}"
    return Plan(
        clip_id=f"{subject_id}-{plan_id}",
        plan_id=plan_id,
        subject_id=subject_id,
        emotion=wish.emotion,
        aus=aus,
        onset_frame=min((planned.onset_frame for planned in aus), default=None),
        apex_frame=apex_of(aus),
        offset_frame=max((planned.offset_frame for planned in aus), default=None),
        nuisance=draw_nuisance(seed=_SEED, plan_id=plan_id, attempt=0),
        prompt=prompt_of(wish.emotion, aus),
        negative_prompt=negative_prompt_of(()),
        caption=caption_of(wish.emotion, aus),
        seed=key_of(_SEED, f"{subject_id}-{plan_id}") % 2**63,
    )


STILL: Final = Nuisance(key="still", sway_px=0.0, noise_sigma=0.0)
"""Neither sway nor noise, for pictures of the expression alone."""
