"""Wordings of the questions about a clip, and the few tables that their answers are made from.

The first kinds are those of the ME-VQA challenge, word for word (MEGC 2025, task 2: visual question answering on
micro-expressions). The others ask what only known truth can answer; each has several wordings.
"""

from __future__ import annotations

from typing import Final

CHALLENGE_KINDS: Final = ("coarse", "fine", "units", "shown", "side", "together")
"""Kinds of the ME-VQA challenge, in the order in which it asks them."""
TRUTH_KINDS: Final = ("present", "interval", "apex", "duration", "strength", "sides", "region")
"""Kinds that a recording cannot answer exactly, as its labels are somebody's estimate."""
KINDS: Final = (*CHALLENGE_KINDS, *TRUTH_KINDS)

RECORD_FIELDS: Final = ("id", "dataset", "image_id", "subject", "filename", "question", "answer", "kind")
"""Fields of a question: the seven of an ME-VQA record in its order, and ``kind``."""

COARSE: Final = "What is the coarse expression class?"
FINE: Final = "What is the fine-grained expression class?"
UNIT: Final = "What is the action unit?"
UNITS: Final = "What are the action units?"
SHOWN: Final = "Is the action unit {unit} shown on the face?"
SIDE: Final = "Is the action unit {unit} located on the left or right face?"
TOGETHER_ONE: Final = (
    "What is the action unit present, and based on it, what is the fine-grained expression and the coarse expression "
    "class?"
)
TOGETHER_MANY: Final = (
    "What are the action units present, and based on them, what is the fine-grained expression and the coarse "
    "expression class?"
)
TOGETHER_ONE_ANSWER: Final = (
    "The action unit present is: {units}. Therefore, the fine-grained expression class is {fine}, and the coarse "
    "expression class is {coarse}."
)
TOGETHER_MANY_ANSWER: Final = (
    "The action units present are: {units}. Therefore, the fine-grained expression class is {fine}, and the coarse "
    "expression class is {coarse}."
)

WORDINGS: Final[dict[str, tuple[str, ...]]] = {
    "present": (
        "Does the face show a micro-expression?",
        "Is there a micro-expression in this video?",
        "Does any facial muscle move in an expression, however briefly?",
    ),
    "interval": (
        "When does the micro-expression begin and end?",
        "From which frame to which frame does the face move?",
        "What are the onset and the offset of the micro-expression?",
    ),
    "apex": (
        "Which frame is the apex?",
        "In which frame, counted from 0, is the movement largest?",
        "When does the micro-expression reach its apex?",
    ),
    "duration": (
        "How long does the micro-expression last?",
        "How long is it from onset to offset?",
        "For how many frames does the micro-expression last?",
    ),
    "strength": (
        "How strong is the action unit {unit} at its peak, from A (trace) to E (maximum)?",
        "Which intensity level from A (trace) to E (maximum) does the action unit {unit} reach?",
        "What is the FACS intensity, A (trace) to E (maximum), of the action unit {unit}?",
    ),
    "sides": (
        "Does the action unit {unit} move the left side of the face, the right side, or both?",
        "On which side of the person's face does the action unit {unit} act: left, right or both?",
        "Is the action unit {unit} on the left, on the right, or on both sides?",
    ),
    "region": (
        "Which part of the face moves?",
        "Where on the face is the movement?",
        "Which regions of the face take part in the expression?",
    ),
}

LEVEL_WORDS: Final[dict[str, str]] = {"A": "trace", "B": "slight", "C": "marked", "D": "severe", "E": "maximum"}
"""Words of FACS for its intensity levels (Ekman, Friesen, Hager 2002)."""

REGIONS: Final[dict[str, frozenset[int]]] = {
    "brows": frozenset({1, 2, 4}),
    "eyelids": frozenset({5, 7, 43}),
    "cheeks": frozenset({6}),
    "nose": frozenset({9}),
    "mouth": frozenset({10, 12, 14, 15, 20, 23, 24, 25}),
    "chin": frozenset({17}),
    "jaw": frozenset({26}),
}
"""Where each Action Unit moves the face most, from top to bottom."""

ABSENT_WEIGHTS: Final[dict[int, int]] = {
    1: 23, 2: 11, 4: 19, 5: 6, 6: 2, 7: 7, 12: 13, 15: 5, 17: 2, 20: 6, 23: 2, 24: 1, 25: 2, 26: 1,
}  # fmt: skip
"""How often, out of 100, an AU is asked about that does not move.

Chosen so that each AU is asked about as often where it moves as where it does not: the question alone then tells
nothing about its answer (over the programmes of `equime_generation.programmes`, evenly over emotions; tested).
"""
