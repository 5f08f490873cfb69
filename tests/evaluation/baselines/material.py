"""Clips made in memory: a bright square on a textured face-like picture that moves one way for each class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from equime_builder.streams import stream
from equime_evaluation.recordings import Recording

FRAMES = 24
SIZE_PX = 64
EMOTIONS = ("anger", "happiness", "surprise")
_WHERE = {"anger": (12, 32), "happiness": (50, 18), "surprise": (32, 50), "neutral": (12, 32)}


@dataclass(frozen=True)
class MadeFrames:
    """A square of the person's own texture that is brighter at the event."""

    person: int
    emotion: str
    onset: int
    length: int

    @property
    def count(self) -> int:
        return FRAMES

    @property
    def identity(self) -> str:
        return f"{self.person} {self.emotion} {self.onset} {self.length}"

    def read(self, indices: Sequence[int]) -> NDArray[np.uint8]:
        base = stream("tests/baselines", self.person).integers(60, 160, (SIZE_PX, SIZE_PX, 1))
        frames = np.repeat(np.repeat(base[None], len(indices), 0), 3, axis=-1).astype(np.float64)
        y, x = _WHERE[self.emotion]
        for place, index in enumerate(indices):
            phase = np.clip((index - self.onset) / self.length, 0, 1)
            amplitude = 0.0 if self.emotion == "neutral" else np.sin(np.pi * phase) ** 2
            frames[place, y - 8 : y + 8, x - 8 : x + 8] += 60 * amplitude
        return np.clip(frames, 0, 255).astype(np.uint8)


def recording(person: int, emotion: str, take: int = 0, *, labelled: bool = True) -> Recording:
    onset, length = 8 + take % 3, 6
    return Recording(
        dataset="made",
        subject=f"p{person}",
        name=f"{emotion}-{take}",
        emotion=emotion if labelled else None,
        frames=MadeFrames(person, emotion, onset, length),
        onset_frame=onset if labelled else None,
        apex_frame=onset + length // 2 if labelled else None,
        offset_frame=onset + length if labelled else None,
        groups={"gender": ("female", "male")[person % 2]},
        programme=f"{emotion}-{take}",
        level="B",
        split=("train", "train", "validation", "test")[person % 4],
        fold=person % 5,
    )


def recordings(people: int = 5, takes: int = 2) -> list[Recording]:
    return [recording(who, emotion, take) for who in range(people) for emotion in EMOTIONS for take in range(takes)]
