"""The sliders of a clip: strength, timing, and each Action Unit on either side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import gradio as gr

from equime_builder.facs import AU_NAMES, SIDES, Side
from equime_builder.records import FRAMES
from equime_generation.app.wishes import MOVABLE, RELEASE, RISE, STRONGEST, USUAL, Strengths, Wish, usual_strengths
from equime_generation.programmes import FLOOR
from equime_generation.prompts import MOVEMENTS
from equime_generation.timeline import MARGIN_FRAMES, MOST_FRAMES

KEYS: Final[tuple[tuple[int, Side], ...]] = tuple((au, side) for au in MOVABLE for side in SIDES)
"""Units and sides in the order of their sliders."""

FIRST_EMOTION: Final = "happiness"
_FIRST: Final = usual_strengths(FIRST_EMOTION, USUAL)
_ONSET: Final = 60
_RISE: Final = 4
_RELEASE: Final = 5
_STEP: Final = 0.01
_UPPER: Final = 8
"""Units below this number move the upper face."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sliders:
    """The components.

    Attributes:
        onset: Last frame at rest.
        rise: Frames from onset to apex.
        release: Frames from apex to offset.
        units: One for each of `KEYS`.
    """

    onset: Any
    rise: Any
    release: Any
    units: tuple[Any, ...]

    @property
    def all(self) -> list[Any]:
        """Timing first, then the units; the order that `wish_of` takes."""
        return [self.onset, self.rise, self.release, *self.units]


def strength_slider() -> Any:
    """Return the slider that scales all units together."""
    return gr.Slider(
        FLOOR,
        STRONGEST,
        USUAL,
        step=_STEP,
        label="Strength",
        info=f"How far the strongest muscle moves; 1 would be all it can, over {STRONGEST:g} is no micro-expression.",
        buttons=[],
    )


def timing_sliders() -> tuple[Any, Any, Any]:
    """Return the sliders of onset, rise and release."""
    last = FRAMES - MARGIN_FRAMES - MOST_FRAMES - 1
    info = "24 frames are a second; from onset to offset at most 12."
    return (
        gr.Slider(MARGIN_FRAMES, last, _ONSET, step=1, label="Onset: last frame at rest", info=info, buttons=[]),
        gr.Slider(*RISE, _RISE, step=1, label="Frames from onset to apex", buttons=[]),
        gr.Slider(*RELEASE, _RELEASE, step=1, label="Frames from apex to offset", buttons=[]),
    )


def unit_sliders() -> tuple[Any, ...]:
    """Return the sliders of the Action Units, in the order of `KEYS`; left and right are the person's own."""
    made = []
    for title, aus in (
        ("Brows, lids and cheeks", [au for au in MOVABLE if au < _UPPER]),
        ("Nose, mouth and chin", [au for au in MOVABLE if au >= _UPPER]),
    ):
        gr.HTML(f"<h3>{title}</h3>")
        for au in aus:
            with gr.Row(equal_height=True):
                made += [_unit_slider(au, side) for side in SIDES]
    return tuple(made)


def _unit_slider(au: int, side: Side) -> Any:
    return gr.Slider(
        0,
        STRONGEST,
        _FIRST.get((au, side), 0.0),
        step=_STEP,
        label=f"AU{au} {AU_NAMES[au]}, {side}",
        info=MOVEMENTS[au] if side == SIDES[0] else "on the person's right",
        buttons=[],
    )


def wish_of(emotion: str, values: Sequence[float]) -> Wish:
    """Return what the sliders ask for.

    Args:
        values: As `Sliders.all` orders them.

    Raises:
        UsageError: The sliders contradict each other, or the emotion.
    """
    onset, rise, release = (int(value) for value in values[:3])
    return Wish(
        emotion=emotion,
        strengths={key: float(value) for key, value in zip(KEYS, values[3:], strict=True) if value},
        onset_frame=onset,
        rise_frames=rise,
        release_frames=release,
    )


def values_of(strengths: Strengths) -> list[float]:
    """Return the positions of the unit sliders."""
    return [strengths.get(key, 0.0) for key in KEYS]
