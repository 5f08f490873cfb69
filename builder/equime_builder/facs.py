"""The Facial Action Coding System as EquiME uses it: units, sides, levels, emotions.

Source: Ekman, Friesen, Hager, "Facial Action Coding System" (2002) for numbers and names; objective classes after
Davison et al., "Objective classes for micro-facial expression recognition" (2018), J. Imaging 4(10):119.
"""

from __future__ import annotations

from typing import Final, Literal

Side = Literal["left", "right"]
SIDES: Final[tuple[Side, Side]] = ("left", "right")

AU_NAMES: Final[dict[int, str]] = {
    1: "inner brow raiser",
    2: "outer brow raiser",
    4: "brow lowerer",
    5: "upper lid raiser",
    6: "cheek raiser",
    7: "lid tightener",
    9: "nose wrinkler",
    10: "upper lip raiser",
    12: "lip corner puller",
    14: "dimpler",
    15: "lip corner depressor",
    17: "chin raiser",
    20: "lip stretcher",
    23: "lip tightener",
    24: "lip pressor",
    25: "lips part",
    26: "jaw drop",
    43: "eyes closed",
}
AUS: Final[tuple[int, ...]] = tuple(AU_NAMES)

SLOTS: Final[tuple[tuple[int, Side], ...]] = tuple((au, side) for au in AUS for side in SIDES)
"""The 36 places of the intensity vector: 18 units, left before right."""

# Lower bound of each level on the intensity scale 0-1; FACS letters are ordinal, so the bounds are our definition.
LEVELS: Final[dict[str, tuple[float, float]]] = {
    "A": (0.05, 0.15),
    "B": (0.15, 0.30),
    "C": (0.30, 0.60),
    "D": (0.60, 0.85),
    "E": (0.85, 1.00),
}

EMOTIONS: Final[tuple[str, ...]] = ("happiness", "sadness", "surprise", "fear", "anger", "neutral")
"""What can be rendered; each is a configuration of the dataset."""

EMOTION_LABELS: Final[tuple[str, ...]] = (*EMOTIONS, "disgust", "contempt")
"""Names of the ``emotion`` class label; the last two are reserved so that the schema need not change."""

EMOTIONS_3CLASS: Final[dict[str, str | None]] = {
    "happiness": "positive",
    "surprise": "surprise",
    "sadness": "negative",
    "fear": "negative",
    "anger": "negative",
    "disgust": "negative",
    "contempt": "negative",
    "neutral": None,
}

_OBJECTIVE_CLASSES: Final[dict[str, tuple[frozenset[int], ...]]] = {
    "I": (frozenset({6}), frozenset({12}), frozenset({6, 12})),
    "II": (frozenset({1, 2}), frozenset({5}), frozenset({25}), frozenset({25, 26})),
    "III": (frozenset({4}), frozenset({4, 7}), frozenset({23})),
    "IV": (frozenset({9}), frozenset({10}), frozenset({4, 9})),
    "V": (frozenset({1}), frozenset({15}), frozenset({1, 4}), frozenset({15, 17})),
    "VI": (frozenset({20}), frozenset({1, 2, 4})),
}


def level_of(intensity: float) -> str:
    """Return the FACS letter A-E of an intensity.

    Args:
        intensity: 0-1, as a share of the full-range motion; under .05 counts as A, the trace level.

    Raises:
        ValueError: The intensity lies outside 0-1.
    """
    if not 0.0 <= intensity <= 1.0:
        raise ValueError(f"intensity must lie in 0-1, got {intensity}")
    return next((letter for letter in "EDCB" if intensity >= LEVELS[letter][0]), "A")


def objective_class_of(aus: frozenset[int]) -> str | None:
    """Return the objective class I-VII of a set of AUs, or None where no AU moves.

    Source: Davison et al. 2018, table 2; combinations that it does not name are class VII.
    """
    if not aus:
        return None
    return next((name for name, sets in _OBJECTIVE_CLASSES.items() if aus in sets), "VII")


def slot_of(au: int, side: Side) -> int:
    """Return the place of one AU and side in the 36-slot intensity vector.

    Raises:
        ValueError: The AU or side is not in the vocabulary.
    """
    try:
        return SLOTS.index((au, side))
    except ValueError:
        raise ValueError(f"AU {au} {side} is not in the vocabulary; AUs: {', '.join(map(str, AUS))}") from None
