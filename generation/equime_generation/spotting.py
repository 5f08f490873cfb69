"""Scenes for spotting: several micro-expressions in one clip, apart from each other, among blinks and head motions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from equime_builder.facs import EMOTIONS
from equime_builder.records import FPS, FRAMES, Event, HeadMotion, PlannedAU
from equime_builder.streams import stream
from equime_generation.distractors import (
    Distraction,
    draw_blink,
    draw_blink_frames,
    draw_head_frames,
    draw_head_motion,
)
from equime_generation.placing import place
from equime_generation.programmes import draw_programme
from equime_generation.prompts import spotting_caption_of, spotting_prompt_of
from equime_generation.timeline import apex_of

if TYPE_CHECKING:
    import numpy as np

EXPRESSIONS: Final[tuple[str, ...]] = tuple(emotion for emotion in EMOTIONS if emotion != "neutral")
EVENT_SHARES: Final[dict[int, float]] = {1: 0.3, 2: 0.4, 3: 0.3}
"""Shares of clips by the number of their events."""
BLINK_SHARE: Final = 0.5
"""Share of the clips with a blink."""
HEAD_SHARE: Final = 0.25
"""Share of the clips with a head motion."""
MARGIN_FRAMES: Final = 8
"""Frames at rest at either end of the clip, at least."""
GAP_FRAMES: Final = 8
"""Frames at rest between any two events or distractors, at least: a third of a second."""
Programme = tuple[PlannedAU, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What happens in one clip; fields as in `equime_builder.records.Plan`.

    Attributes:
        aus: Those of all events.
        words: Prompt and caption.
    """

    events: tuple[Event, ...]
    aus: Programme
    distraction: Distraction
    words: tuple[str, str]


def draw_scene(*, seed: int, plan_id: str) -> Scene:
    """Draw what happens in a clip for spotting: emotions, AU programmes, distractors and their places in time.

    Each event is drawn as that of a clip of its own, under do(its emotion), and moved to its place. No stream knows
    the person.

    Args:
        seed: The run's seed.
        plan_id: Keys the streams; clips that share it share the scene.
    """
    generator = stream(seed, plan_id, "scene")
    emotions = _draw_emotions(generator)
    programmes = [
        draw_programme(emotion, seed=seed, plan_id=f"{plan_id}/event-{number}")
        for number, emotion in enumerate(emotions)
    ]
    blinks = [draw_blink_frames(generator)] if generator.random() < BLINK_SHARE else []
    heads = [draw_head_frames(generator)] if generator.random() < HEAD_SHARE else []
    starts = _draw_starts([*map(_frames, programmes), *blinks, *heads], generator)
    turns = iter(starts)
    events = [(emotion, _moved(aus, next(turns))) for emotion, aus in zip(emotions, programmes, strict=True)]
    lids = [draw_blink(next(turns), frames, generator) for frames in blinks]
    motions = [draw_head_motion(next(turns), frames, generator) for frames in heads]
    return _scene(sorted(events, key=lambda event: event[1][0].onset_frame), lids, motions)


def _draw_emotions(generator: np.random.Generator) -> list[str]:
    number = int(generator.choice(list(EVENT_SHARES), p=list(EVENT_SHARES.values())))
    return [EXPRESSIONS[int(place)] for place in generator.integers(0, len(EXPRESSIONS), number)]


def _frames(aus: Programme) -> int:
    return max(au.offset_frame for au in aus) - min(au.onset_frame for au in aus)


def _draw_starts(lengths: Sequence[int], generator: np.random.Generator) -> list[int]:
    """Return the start of each interval, whose order in time is drawn as well."""
    order = [int(item) for item in generator.permutation(len(lengths))]
    in_time = place(
        [lengths[item] for item in order], margin=MARGIN_FRAMES, gap=GAP_FRAMES, frames=FRAMES, generator=generator
    )
    starts = dict(zip(order, in_time, strict=True))
    return [starts[item] for item in range(len(lengths))]


def _moved(aus: Programme, onset_frame: int) -> Programme:
    """Return a programme that begins at another frame."""
    shift = onset_frame - min(au.onset_frame for au in aus)
    return tuple(
        replace(
            au,
            onset_frame=au.onset_frame + shift,
            apex_frame=au.apex_frame + shift,
            offset_frame=au.offset_frame + shift,
        )
        for au in aus
    )


def _scene(
    programmes: Sequence[tuple[str, Programme]], blinks: Sequence[Programme], head_motions: Sequence[HeadMotion]
) -> Scene:
    events = tuple(_event(emotion, aus) for emotion, aus in programmes)
    distraction = Distraction(blinks=tuple(lid for blink in blinks for lid in blink), head_motions=tuple(head_motions))
    told = [(emotion, aus, event.apex_frame / FPS) for (emotion, aus), event in zip(programmes, events, strict=True)]
    return Scene(
        events=events,
        aus=tuple(au for _, aus in programmes for au in aus),
        distraction=distraction,
        words=(spotting_prompt_of(told, distraction.kinds), spotting_caption_of(told, distraction.kinds)),
    )


def _event(emotion: str, aus: Programme) -> Event:
    apex_frame = apex_of(aus)
    if apex_frame is None:
        raise ValueError(f"an event moves something, {emotion} moves nothing")
    return Event(
        emotion=emotion,
        onset_frame=min(au.onset_frame for au in aus),
        apex_frame=apex_frame,
        offset_frame=max(au.offset_frame for au in aus),
    )
