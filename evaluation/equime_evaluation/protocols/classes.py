"""The sets of classes that recognition is scored on, and which emotions each takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from equime_builder.facs import EMOTIONS_3CLASS


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassSet:
    """Classes in their order, and the class of each emotion that takes part.

    Attributes:
        of_emotion: An emotion that is not in it is left out of the protocol; nothing is made to fit.
    """

    name: str
    classes: tuple[str, ...]
    of_emotion: Mapping[str, str]

    def label_of(self, emotion: str | None) -> int | None:
        """Return the number of an emotion's class, or ``None`` where it takes no part."""
        found = None if emotion is None else self.of_emotion.get(emotion)
        return None if found is None else self.classes.index(found)


_COARSE: Final = {emotion: coarse for emotion, coarse in EMOTIONS_3CLASS.items() if coarse is not None}
# See et al., MEGC 2019: negative is repression, anger, contempt, disgust, fear and sadness; others take no part.
_REPRESSION: Final = {"repression": "negative"}


def _of_names(name: str, *emotions: str) -> ClassSet:
    return ClassSet(name=name, classes=emotions, of_emotion={emotion: emotion for emotion in emotions})


CLASS_SETS: Final[dict[str, ClassSet]] = {
    # a set that is labelled coarsely, as SMIC is, has nothing but these words
    "3class": ClassSet(
        name="3class",
        classes=("negative", "positive", "surprise"),
        of_emotion={**_COARSE, **_REPRESSION, "negative": "negative", "positive": "positive"},
    ),
    "5class": _of_names("5class", "happiness", "sadness", "surprise", "fear", "anger"),
    "5class-published": _of_names("5class-published", "anger", "happiness", "disgust", "sadness", "surprise"),
}
"""By name.

``3class``: negative, positive, surprise in the order of the MEGC 2019 composite set. ``5class``: what EquiME renders.
``5class-published``: the five of the published configuration, which has disgust and no fear; EquiME renders no disgust.
"""
