"""Spotting: found intervals against true ones, and spot-then-recognize.

Source: Li et al., "MEGC 2022" and Fan et al., "MEGC 2025" (arXiv 2506.15298): an interval is found where intersection
over union reaches .5; F1 over all videos together; STRS is the F1 of spotting times the F1 of recognition.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from equime_builder.errors import UsageError
from equime_evaluation.protocols.recognition import score_recognition

FOUND_IOU: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Frames from the first to the last, both included.

    Attributes:
        label: What expression it is, where somebody says so.

    Raises:
        UsageError: It ends before it begins.
    """

    first_frame: int
    last_frame: int
    label: str | None = None

    def __post_init__(self) -> None:
        if self.last_frame < self.first_frame:
            raise UsageError(f"an interval ends before it begins: {self.first_frame} to {self.last_frame}")

    @property
    def frames(self) -> int:
        """How many frames it has."""
        return self.last_frame - self.first_frame + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Spotting:
    """What a spotter reached over all videos; ``None`` where a figure would divide by nothing.

    Attributes:
        pairs: Video, true interval and the interval found for it.
    """

    hits: int
    false_alarms: int
    misses: int
    precision: float | None
    recall: float | None
    f1: float | None
    pairs: tuple[tuple[str, Interval, Interval], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpotThenRecognize:
    """Spotting and recognition together.

    Attributes:
        recognition_uf1: Over intervals that were found, over the classes that these have; 0 where none was.
        strs: ``spotting.f1`` times ``recognition_uf1``.
    """

    spotting: Spotting
    recognition_uf1: float
    strs: float


def overlap(first: Interval, second: Interval) -> float:
    """Return intersection over union, in frames.

    Example:
        Frames 10 to 19 and 15 to 24 share 5 of 15: 1/3.
    """
    shared = min(first.last_frame, second.last_frame) - max(first.first_frame, second.first_frame) + 1
    return 0.0 if shared <= 0 else shared / (first.frames + second.frames - shared)


def score_spotting(
    true: Mapping[str, Sequence[Interval]], found: Mapping[str, Sequence[Interval]], *, at_least: float = FOUND_IOU
) -> Spotting:
    """Score found intervals; each belongs to one true interval at most, and the other way round.

    Args:
        true: Intervals of each video; a video without any has an empty list.
        found: The same for what was found; videos that are missing have no intervals.
        at_least: Intersection over union from which an interval counts as found.

    Raises:
        UsageError: Something was found in a video that is not among the true ones.
    """
    strangers = sorted(set(found) - set(true))
    if strangers:
        raise UsageError(f"intervals were found in {strangers[0]!r}, which has no truth; name all videos in the truth")
    pairs = [
        (video, *pair) for video, own in sorted(true.items()) for pair in _paired(own, found.get(video, ()), at_least)
    ]
    hits, real, said = len(pairs), sum(map(len, true.values())), sum(map(len, found.values()))
    return Spotting(
        hits=hits,
        false_alarms=said - hits,
        misses=real - hits,
        precision=hits / said if said else None,
        recall=hits / real if real else None,
        f1=2 * hits / (real + said) if real + said else None,
        pairs=tuple(pairs),
    )


def spot_then_recognize(
    true: Mapping[str, Sequence[Interval]], found: Mapping[str, Sequence[Interval]]
) -> SpotThenRecognize:
    """Score intervals and the expressions that are said of them.

    Raises:
        UsageError: An interval has no label, or something was found in an unknown video.
    """
    for video, intervals in (*true.items(), *found.items()):
        if any(interval.label is None for interval in intervals):
            raise UsageError(f"video {video!r}: an interval has no label; spot-then-recognize needs one on each")
    spotting = score_spotting(true, found)
    labels = [(str(real.label), str(said.label)) for _, real, said in spotting.pairs]
    classes = sorted({label for pair in labels for label in pair})
    scored = score_recognition(
        [classes.index(real) for real, _ in labels],
        [classes.index(said) for _, said in labels],
        [video for video, _, _ in spotting.pairs],
        classes,
        resamples=1,
    )
    recognition = scored.uf1 or 0.0
    return SpotThenRecognize(spotting=spotting, recognition_uf1=recognition, strs=(spotting.f1 or 0.0) * recognition)


def _paired(true: Sequence[Interval], found: Sequence[Interval], at_least: float) -> list[tuple[Interval, Interval]]:
    """Return pairs, the best overlap first; of intervals apart from each other no other pairing has more."""
    ranked = sorted(
        ((-overlap(real, said), here, there) for here, real in enumerate(true) for there, said in enumerate(found)),
    )
    free_true, free_found = set(range(len(true))), set(range(len(found)))
    pairs = []
    for negative, here, there in ranked:
        if -negative >= at_least and here in free_true and there in free_found:
            free_true.remove(here)
            free_found.remove(there)
            pairs.append((true[here], found[there]))
    return pairs
