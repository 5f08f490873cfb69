"""The two questions: is this frame the apex, and which emotion is this clip?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from equime_builder.streams import stream
from equime_evaluation.shortcuts.frames import FEATURES

if TYPE_CHECKING:
    from numpy.typing import NDArray

CLIP_FEATURES: Final[tuple[str, ...]] = (
    "file bytes",
    *(f"{name}, {what}" for name in FEATURES for what in ("least", "mean", "most", "apex")),
)
"""Columns of `emotion_task`."""

REST_FRAMES: Final = 8
_FAR: Final = 6
# The first frame is coded by itself and the last ones serve no later frame: their bytes tell the place in the clip.
_EDGE: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WatchedClip:
    """A clip with one event, as the classifier may see it.

    Attributes:
        frames: As `equime_evaluation.shortcuts.frame_features` gives them.
        onset_frame: Last frame at rest.
        offset_frame: First frame at rest again.
    """

    clip_id: str
    person: str
    emotion: str
    size_bytes: int
    frames: NDArray[np.float64]
    onset_frame: int
    apex_frame: int
    offset_frame: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Samples:
    """What `shortcut_auc` takes: (n, F) features, (n,) labels, (n,) people."""

    features: NDArray[np.float64]
    labels: NDArray[np.bool_]
    groups: tuple[str, ...]


def apex_task(clips: Sequence[WatchedClip]) -> Samples:
    """Set the apex of each clip against 8 of its frames at rest, at least 6 frames away from its event."""
    features, labels, groups = [], [], []
    for clip in clips:
        chosen = [clip.apex_frame, *_rest_frames(clip)]
        features.append(clip.frames[chosen])
        labels += [True, *[False] * (len(chosen) - 1)]
        groups += [clip.person] * len(chosen)
    return Samples(features=np.concatenate(features), labels=np.array(labels), groups=tuple(groups))


def emotion_task(clips: Sequence[WatchedClip], emotion: str) -> Samples:
    """Set one emotion's clips against those of the others, by what the whole clip and its apex show.

    The file's size is a logarithm against the median of the same person's files: faces differ by more than emotions.
    """
    people = [clip.person for clip in clips]
    sizes = np.log([clip.size_bytes for clip in clips])
    usual = {
        person: np.median([size for size, who in zip(sizes, people, strict=True) if who == person])
        for person in set(people)
    }
    features = [[size - usual[clip.person], *_clip_features(clip)] for size, clip in zip(sizes, clips, strict=True)]
    labels = np.array([clip.emotion == emotion for clip in clips])
    return Samples(features=np.array(features), labels=labels, groups=tuple(people))


def _rest_frames(clip: WatchedClip) -> list[int]:
    far = [
        frame
        for frame in range(_EDGE, len(clip.frames) - _EDGE)
        if not clip.onset_frame - _FAR < frame < clip.offset_frame + _FAR
    ]
    return sorted(int(frame) for frame in stream("shortcuts", clip.clip_id).choice(far, REST_FRAMES, replace=False))


def _clip_features(clip: WatchedClip) -> NDArray[np.float64]:
    inner = clip.frames[_EDGE:-_EDGE]
    shown = (inner.min(0), inner.mean(0), inner.max(0), clip.frames[clip.apex_frame])
    return np.stack(shown, axis=1).ravel()
