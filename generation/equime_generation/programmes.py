"""AU programmes: which Action Units an emotion moves, how strongly, and on which side.

Sources: combinations weighted by what CASME II and SAMM show (157 and 133 clips, aggregates only) and the EMFACS
prototypes (Ekman, Friesen, Hager 2002); level frequencies of SAMM (Davison et al. 2018), cut at the top of level C's
lower third, since stronger movements are no longer micro; share of one-sided movements in SAMM and CASME II: a fifth.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from equime_builder.facs import SIDES, Side
from equime_builder.records import PlannedAU
from equime_builder.streams import stream
from equime_generation.timeline import draw_lag_frames, draw_timing, move

if TYPE_CHECKING:
    import numpy as np

# Numbers joined by "+"; a leading U moves one side only.
COMBINATIONS: Final[dict[str, dict[str, float]]] = {
    "happiness": {
        "12": 0.48,
        "6+12": 0.24,
        "7+12": 0.06,
        "U12": 0.06,
        "6+7+12": 0.04,
        "12+25": 0.04,
        "12+15": 0.04,
        "12+24": 0.04,
    },
    "sadness": {
        "1+4": 0.26,
        "1": 0.22,
        "15+17": 0.14,
        "15": 0.12,
        "1+4+15": 0.12,
        "17": 0.06,
        "1+15": 0.04,
        "4+15": 0.04,
    },
    "surprise": {
        "1+2": 0.46,
        "1+2+5": 0.18,
        "5": 0.12,
        "1+2+25": 0.07,
        "2": 0.06,
        "1+2+5+26": 0.05,
        "25+26": 0.03,
        "U2": 0.03,
    },
    "fear": {
        "20": 0.22,
        "1+2+4": 0.18,
        "1+2+4+5": 0.12,
        "1+2+4+20": 0.12,
        "20+25": 0.08,
        "5+20": 0.08,
        "1+4+5": 0.08,
        "20+26": 0.06,
        "4+5": 0.06,
    },
    "anger": {
        "4+7": 0.32,
        "4": 0.14,
        "7": 0.12,
        "4+5+7": 0.10,
        "4+7+23": 0.10,
        "4+7+24": 0.08,
        "4+23": 0.07,
        "23": 0.04,
        "24": 0.03,
    },
    "neutral": {"": 1.0},
}

LEVEL_SHARES: Final[dict[str, float]] = {"A": 0.35, "B": 0.42, "C": 0.23}
LEVEL_RANGES: Final[dict[str, tuple[float, float]]] = {
    "A": (0.12, 0.15),
    "B": (0.15, 0.30),
    "C": (0.30, 0.40),
}
FLOOR: Final = 0.12
"""Least peak: below it the movement drowns in sensor noise."""
FLOOR_OF: Final[dict[int, float]] = {5: 0.18, 6: 0.15, 7: 0.18, 23: 0.15, 24: 0.15}
"""Those of AUs whose motion is small or hard to see: the lids' (AU5, AU7) then move by 1.1 px or more."""
SECONDARY_SHARE: Final = (0.6, 1.0)
"""Range of the other AUs' peaks against the strongest one's."""
MOST_ASYMMETRY: Final = 0.10
ONE_SIDED_AUS: Final[frozenset[int]] = frozenset({2, 6, 7, 10, 12, 14, 15, 20})
"""AUs that people move on one side; the others have bilateral innervation or act on the midline."""
ONE_SIDED_SHARE: Final = 0.15
"""Of the programmes made of such AUs alone, beside those that the table marks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Strength:
    """Peak intensity (0-1) of one AU on one side."""

    au: int
    side: Side
    intensity: float


def draw_strengths(emotion: str, generator: np.random.Generator) -> tuple[Strength, ...]:
    """Draw which AUs move, on which sides, how strongly; empty for ``neutral``.

    Args:
        emotion: A key of `COMBINATIONS`.
        generator: The programme's own random stream; nothing about a person enters.
    """
    table = COMBINATIONS[emotion]
    name = list(table)[int(generator.choice(len(table), p=list(table.values())))]
    if not name:
        return ()
    aus = tuple(int(number) for number in name.removeprefix("U").split("+"))
    sides = _draw_sides(aus, marked=name.startswith("U"), generator=generator)
    strongest = _draw_peak(generator)
    leader = int(generator.integers(len(aus)))
    strengths = []
    for index, au in enumerate(aus):
        share = generator.uniform(*SECONDARY_SHARE)
        peak, floor = strongest * (1.0 if index == leader else share), FLOOR_OF.get(au, FLOOR)
        lean = generator.uniform(-MOST_ASYMMETRY / 2, MOST_ASYMMETRY / 2)
        for side, sign in zip(SIDES, (1.0, -1.0), strict=True):
            if side in sides:
                intensity = max(peak * (1.0 + sign * lean), floor)
                strengths.append(Strength(au=au, side=side, intensity=intensity))
    return tuple(strengths)


def _draw_sides(aus: tuple[int, ...], *, marked: bool, generator: np.random.Generator) -> tuple[Side, ...]:
    may_be_one_sided = ONE_SIDED_AUS.issuperset(aus)
    one_sided = generator.random() < ONE_SIDED_SHARE
    side = SIDES[int(generator.integers(2))]
    return (side,) if marked or (may_be_one_sided and one_sided) else SIDES


def _draw_peak(generator: np.random.Generator) -> float:
    level = list(LEVEL_SHARES)[int(generator.choice(len(LEVEL_SHARES), p=list(LEVEL_SHARES.values())))]
    return float(generator.uniform(*LEVEL_RANGES[level]))


def draw_programme(emotion: str, *, seed: int, plan_id: str) -> tuple[PlannedAU, ...]:
    """Draw A under do(E = ``emotion``): AUs with intensities and curves.

    Args:
        seed: The run's seed.
        plan_id: Keys the stream; clips that share it share the programme.

    Returns:
        Left and right as separate entries; empty for ``neutral``.
    """
    strengths = draw_strengths(emotion, stream(seed, plan_id, "strengths"))
    generator = stream(seed, plan_id, "timing")
    timing = draw_timing(generator)
    lags = {au: draw_lag_frames(generator) for au in sorted({strength.au for strength in strengths})}
    return tuple(
        move(item.au, item.side, intensity=item.intensity, timing=timing, lag_frames=lags[item.au])
        for item in strengths
    )
