"""One reviewer in front of a sample: which clip comes next, and what was said of it goes to the disk at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from equime_builder.errors import UsageError
from equime_builder.facs import SLOTS
from equime_evaluation.reviews import Candidate, Review, add_review, candidates, draw, in_order_of, read_reviews
from equime_evaluation.reviews import take_back as take_back_last
from equime_evaluation.reviews.review import check_pseudonym

if TYPE_CHECKING:
    from collections.abc import Sequence

    from equime_builder.facs import Side
    from equime_evaluation.reviews import Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a reviewer says is shown, as the page's fields have it.

    Attributes:
        emotion: ``None`` = not said, as for all that follows.
        units: Numbers of slots of `equime_builder.facs.SLOTS`; empty = not said.
        nothing: Whether nothing moves.
        frames: Onset, apex and offset.
    """

    emotion: str | None = None
    units: Sequence[int] = ()
    nothing: bool = False
    frames: tuple[float | None, float | None, float | None] = (None, None, None)

    @property
    def aus(self) -> tuple[tuple[int, Side], ...] | None:
        """Action Units as a review holds them.

        Raises:
            UsageError: Some move, and nothing does.
        """
        if self.units and self.nothing:
            raise UsageError("either nothing moves or some Action Units do; clear one of the two fields")
        return tuple(sorted(SLOTS[slot] for slot in self.units)) if self.units else () if self.nothing else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting:
    """A reviewer with a sample in an order of their own; what is done stands in ``reviews.parquet`` alone.

    Attributes:
        blind: Whether plan, emotion, prompt and demographics are hidden.
    """

    root: Path
    reviewer: str
    blind: bool
    clips: tuple[Candidate, ...]

    @classmethod
    def begin(cls, root: Path, reviewer: str, *, count: int, seed: int, blind: bool) -> Sitting:
        """Draw a sample; with the same words a reviewer goes on where they were.

        Raises:
            UsageError: The reviewer's word is no pseudonym, or no clip is asked for.
            DatasetError: A table is damaged.
        """
        if count < 1:
            raise UsageError(f"a sample has at least one clip, got {count}")
        drawn = draw(candidates(root), count, seed=seed)
        own = in_order_of(check_pseudonym(reviewer), drawn, seed=seed)
        return cls(root=root, reviewer=reviewer, blind=blind, clips=tuple(own))

    @property
    def waiting(self) -> list[Candidate]:
        """Clips of the sample that this reviewer has said nothing of, in order."""
        said = {review.clip_id for review in read_reviews(self.root) if review.reviewer == self.reviewer}
        return [clip for clip in self.clips if clip.clip_id not in said]

    def say(self, clip: Candidate, decision: Decision, seen: Seen, note: str) -> None:
        """Write down what was said of a clip.

        Raises:
            UsageError: The words contradict each other.
            DatasetError: The file is damaged.
            OutputError: The folder cannot be written.
        """
        now = datetime.now(timezone.utc)
        onset, apex, offset = (None if frame is None else round(frame) for frame in seen.frames)
        review = Review(
            clip_id=clip.clip_id,
            reviewer=self.reviewer,
            reviewed_at=now.replace(microsecond=now.microsecond // 1000 * 1000),
            decision=decision,
            was_blind=self.blind,
            emotion=seen.emotion or None,
            aus=seen.aus,
            onset_frame=onset,
            apex_frame=apex,
            offset_frame=offset,
            note=note.strip(),
        )
        add_review(self.root, review)

    def take_back(self) -> Review:
        """Remove the last thing that this reviewer said.

        Raises:
            UsageError: There is nothing.
            OutputError: The folder cannot be written.
        """
        last = take_back_last(self.root, self.reviewer)
        if last is None:
            raise UsageError(f"{self.reviewer} has said nothing that could be taken back")
        return last
