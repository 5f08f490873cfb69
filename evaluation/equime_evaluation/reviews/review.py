"""What one reviewer said of one clip, checked at birth."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from equime_builder.errors import UsageError, choose
from equime_builder.facs import EMOTION_LABELS, SLOTS, Side
from equime_builder.records import FRAMES
from equime_builder.review_table import DECISIONS, Decision

MOST_NOTE_CHARACTERS: Final = 500

_PSEUDONYM: Final = re.compile(r"[a-z0-9][a-z0-9-]{1,31}")
_ADDRESS: Final = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What one reviewer said of one clip; a later review of the same clip by the same reviewer takes its place.

    Where the plan was shown, ``accept`` says that the clip shows it, and ``correct`` that the clip is good and shows
    what stands here instead. Where it was hidden there is nothing to correct: what the reviewer saw stands here.

    Attributes:
        reviewer: Pseudonym of 2 to 32 of a-z, 0-9 and '-'; never a name or an address.
        reviewed_at: In UTC, to the millisecond.
        emotion: What the reviewer says is shown; ``None`` = not said, as for all that follows.
        aus: Action Units and sides that the reviewer says move, sorted; empty = nothing moves.
        onset_frame: Last frame at rest before the movement; onset, apex and offset are said together.
        apex_frame: Frame of the largest movement.
        offset_frame: First frame at rest after it.
        was_blind: Whether plan, emotion, prompt and demographics were hidden.
        note: Free text of at most 500 characters.
    """

    clip_id: str
    reviewer: str
    reviewed_at: datetime
    decision: Decision
    was_blind: bool
    emotion: str | None = None
    aus: tuple[tuple[int, Side], ...] | None = None
    onset_frame: int | None = None
    apex_frame: int | None = None
    offset_frame: int | None = None
    note: str = ""

    def __post_init__(self) -> None:
        check_pseudonym(self.reviewer)
        choose("decision", self.decision, DECISIONS)
        if self.reviewed_at.utcoffset() != timedelta(0) or self.reviewed_at.microsecond % 1000:
            raise UsageError(f"reviewed_at must be in UTC, to the millisecond, got {self.reviewed_at.isoformat()}")
        if self.emotion is not None:
            choose("emotion", self.emotion, EMOTION_LABELS)
        _check_units(self.aus)
        _check_frames(self.onset_frame, self.apex_frame, self.offset_frame)
        _check_note(self.note)
        self._check_decision()

    @property
    def says_something(self) -> bool:
        """Whether the reviewer said what is shown, beyond the decision."""
        return any(value is not None for value in (self.emotion, self.aus, self.apex_frame))

    def _check_decision(self) -> None:
        if self.decision == "correct" and self.was_blind:
            raise UsageError("a blind review has no plan to correct; accept or reject, and say what you see")
        if self.decision == "correct" and not self.says_something:
            raise UsageError(
                "a correction says what is shown instead: an emotion, Action Units, or onset, apex, offset"
            )
        if self.decision == "accept" and self.says_something and not self.was_blind:
            raise UsageError("who accepts a clip accepts its plan; to say something else choose 'correct'")


def check_pseudonym(word: str) -> str:
    """Return a pseudonym that may stand in a dataset.

    Raises:
        UsageError: It is none.
    """
    if not _PSEUDONYM.fullmatch(word):
        raise UsageError(
            f"a reviewer stands under a pseudonym of 2 to 32 of a-z, 0-9 and '-', got {word!r:.60}; names and e-mail "
            "addresses stay out of a dataset: choose a word such as heron-7"
        )
    return word


def _check_units(units: tuple[tuple[int, Side], ...] | None) -> None:
    unknown = [unit for unit in units or () if unit not in SLOTS]
    if unknown:
        raise UsageError(f"Action Unit {unknown[0]} is not in the vocabulary; see equime_builder.facs.SLOTS")
    if units is not None and list(units) != sorted(set(units)):
        raise UsageError("Action Units of a review stand sorted, each once")


def _check_frames(*frames: int | None) -> None:
    said = [frame for frame in frames if frame is not None]
    if not said:
        return
    if len(said) != len(frames) or not 0 <= said[0] < said[1] < said[2] < FRAMES:
        raise UsageError(
            f"onset, apex and offset are said together, 0 <= onset < apex < offset < {FRAMES}, got {frames}"
        )


def _check_note(note: str) -> None:
    if len(note) > MOST_NOTE_CHARACTERS:
        raise UsageError(f"a note has at most {MOST_NOTE_CHARACTERS} characters, got {len(note)}; shorten it")
    if not note.replace("\n", " ").isprintable():
        raise UsageError("a note is plain text; take out what cannot be printed")
    if _ADDRESS.search(note):
        raise UsageError("a note holds an e-mail address; people stay out of notes")
