"""Words for a plan: the caption, the generating prompt and the negative prompt, all from the planned muscles."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from equime_builder.facs import SIDES, Side
from equime_builder.records import NegativeKind, PlannedAU

MOVEMENTS: Final[dict[int, str]] = {
    1: "the inner ends of the brows rise",
    2: "the outer ends of the brows rise",
    4: "the brows draw down and together",
    5: "the upper eyelids lift",
    6: "the cheeks lift and the skin below the eyes gathers",
    7: "the lower eyelids tighten",
    9: "the nose wrinkles",
    10: "the upper lip lifts",
    12: "the lip corners pull up and outwards",
    14: "the lip corners tighten inwards",
    15: "the lip corners pull down",
    17: "the chin pushes the lower lip up",
    20: "the lips stretch sideways",
    23: "the lips tighten",
    24: "the lips press together",
    25: "the lips part",
    26: "the jaw drops",
    43: "the eyes close",
}
Happening = tuple[str, Sequence[PlannedAU], float]
"""Emotion, AUs and apex in seconds of one event."""

EXTENTS: Final[dict[str, str]] = {
    "A": "barely",
    "B": "slightly",
    "C": "visibly",
    "D": "strongly",
    "E": "as far as they can",
}

NEGATIVE_PROMPT: Final = (
    "blinking, closed eyes, head movement, camera movement, zoom, speech, exaggerated or lasting expression, "
    "blur, motion blur, flicker, distortion, artefacts, morphing, several faces, side view, glasses, hands, "
    "jewellery, text, watermark, drawing, illustration, changing light, hard shadows"
)

_OPENING: Final = "A static, front-facing studio portrait of a person with a neutral face; the camera does not move."
_MICRO: Final = "For less than half a second a micro-expression of {emotion} flashes across the face: {movements}."
_CLOSING: Final = (
    "Then every muscle relaxes and the face is neutral again. The head stays still and the eyes stay open."
)
_NEUTRAL: Final[dict[NegativeKind, str]] = {
    "rest": "Nothing on the face moves; the expression stays neutral throughout.",
    "blink": "The eyes blink and nothing else on the face moves; the expression stays neutral throughout.",
    "head": "The head moves a little and comes back; nothing on the face moves, and the expression stays neutral.",
}
_NEUTRAL_CAPTIONS: Final[dict[NegativeKind, str]] = {
    "rest": "A neutral face: no facial muscle moves.",
    "blink": "A neutral face that blinks: no other facial muscle moves.",
    "head": "A neutral face on a head that moves: no facial muscle moves.",
}
_BESIDE: Final[dict[NegativeKind, str]] = {
    "rest": "",
    "blink": "The eyes blink as well.",
    "head": "The head moves a little as well and comes back.",
}
_WANTED: Final[dict[NegativeKind, str]] = {"rest": "", "blink": "blinking, closed eyes, ", "head": "head movement, "}


def describe(aus: Sequence[PlannedAU]) -> str:
    """Return the movements in words, strongest first, such as "the brows draw down and together slightly".

    Args:
        aus: Planned AUs of one clip, each side an entry; a one-sided movement names the person's own side.

    Returns:
        Clauses joined by commas; "no facial muscle moves" where there are none.
    """
    if not aus:
        return "no facial muscle moves"
    strongest = {
        au: max((planned for planned in aus if planned.au == au), key=lambda planned: planned.intensity)
        for au in dict.fromkeys(planned.au for planned in aus)
    }
    ordered = sorted(strongest.values(), key=lambda planned: (-planned.intensity, planned.au))
    return ", ".join(_clause(planned, _sides(aus, planned.au)) for planned in ordered)


def _sides(aus: Sequence[PlannedAU], au: int) -> tuple[Side, ...]:
    return tuple(side for side in SIDES if any(planned.au == au and planned.side == side for planned in aus))


def _clause(planned: PlannedAU, sides: tuple[Side, ...]) -> str:
    clause = f"{MOVEMENTS[planned.au]} {EXTENTS[planned.level]}"
    return clause if len(sides) == 2 else f"{clause} on the person's {sides[0]} side"


def caption_of(emotion: str, aus: Sequence[PlannedAU], kind: NegativeKind = "rest") -> str:
    """Return one sentence about what the clip shows.

    Args:
        kind: What moves where no AU does; without effect on expressions.
    """
    return f"A micro-expression of {emotion}: {describe(aus)}." if aus else _NEUTRAL_CAPTIONS[kind]


def negative_prompt_of(distractors: Iterable[NegativeKind]) -> str:
    """Return what must be absent, less what the clip is meant to show beside the expression."""
    absent = NEGATIVE_PROMPT
    for kind in distractors:
        absent = absent.replace(_WANTED[kind], "")
    return absent


def spotting_caption_of(happenings: Sequence[Happening], distractors: Sequence[NegativeKind]) -> str:
    """Return one sentence about a clip of several events.

    Args:
        happenings: Emotion, AUs and apex in seconds of each event, in order of time.
        distractors: What moves besides.
    """
    events = "; ".join(f"{emotion} at {apex_s:.1f} s, {describe(aus)}" for emotion, aus, apex_s in happenings)
    number = "One micro-expression" if len(happenings) == 1 else f"{len(happenings)} micro-expressions"
    return f"{number}: {events}.{_beside(distractors)}"


def spotting_prompt_of(happenings: Sequence[Happening], distractors: Sequence[NegativeKind]) -> str:
    """Return the generating prompt of a clip of several events; arguments as for `spotting_caption_of`."""
    events = " ".join(
        f"At {apex_s:.1f} s, for less than half a second, a micro-expression of {emotion} flashes across the face: "
        f"{describe(aus)}; then every muscle relaxes."
        for emotion, aus, apex_s in happenings
    )
    return f"{_OPENING} {events}{_beside(distractors)}"


def _beside(distractors: Sequence[NegativeKind]) -> str:
    return "".join(f" {_BESIDE[kind]}" for kind in distractors)


def prompt_of(emotion: str, aus: Sequence[PlannedAU], kind: NegativeKind = "rest") -> str:
    """Return the generating prompt; it names the planned movements and nothing about the person.

    Args:
        kind: What moves where no AU does; without effect on expressions.
    """
    if not aus:
        return f"{_OPENING} {_NEUTRAL[kind]}"
    return f"{_OPENING} {_MICRO.format(emotion=emotion, movements=describe(aus))} {_CLOSING}"
