"""What a run tells while it goes, and at its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from equime_builder.records import Reject
from equime_generation.parts import ClipDone


class Watch(Protocol):
    """Whoever wants to know how a run goes; called from the driver only, one call at a time."""

    def stage(self, text: str) -> None:
        """Take note that another stage of the pipeline begins."""
        ...

    def photo_refused(self, reject: Reject) -> None:
        """Take note of a photo that the gate refused."""
        ...

    def planned(self, clips: int) -> None:
        """Take note of the number of clips to come."""
        ...

    def clip_done(self, done: ClipDone) -> None:
        """Take note of a clip that was kept, dropped or found done."""
        ...


@dataclass(slots=True)
class Tally:
    """A watch that counts and says nothing."""

    clips: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    refused: list[Reject] = field(default_factory=list)

    def stage(self, text: str) -> None:
        """Ignore the stage."""

    def photo_refused(self, reject: Reject) -> None:
        """Keep the refusal."""
        self.refused.append(reject)

    def planned(self, clips: int) -> None:
        """Keep the number."""
        self.clips = clips

    def clip_done(self, done: ClipDone) -> None:
        """Count the clip's reason if it was dropped."""
        if done.reason is not None:
            self.dropped[done.reason] += 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The result of a run.

    Attributes:
        clips: Rows by emotion.
        dropped: Clips given up, by reason.
        photos_refused: Photos by reason.
        already_whole: Whether an earlier run had finished the very same dataset.
    """

    out: str
    fingerprint: str
    clips: Mapping[str, int]
    dropped: Mapping[str, int]
    photos_refused: Mapping[str, int]
    subjects: int
    shards: int
    size_bytes: int
    already_whole: bool

    @property
    def total(self) -> int:
        """Rows of all emotions."""
        return sum(self.clips.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareDone:
    """The result of one of several jobs, where others are not done yet.

    Attributes:
        shard: Which share, ``i/n``.
        parts: That it has.
        missing: Parts of other shares that are not there yet, by share.
    """

    out: str
    shard: str
    parts: int
    missing: Mapping[str, int]
