"""What the reviewers of a clip say together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from equime_evaluation.reviews.review import Review


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How the reviewers of one clip voted; one vote each.

    Attributes:
        kept: Votes to accept or to correct.
        rejected: Votes to reject.
    """

    clip_id: str
    kept: int
    rejected: int

    @property
    def is_rejected(self) -> bool:
        """Whether more than half reject it; a tie keeps the clip."""
        return self.rejected > self.kept

    @property
    def is_tied(self) -> bool:
        """Whether as many reject it as keep it."""
        return self.rejected == self.kept


def standing(reviews: Iterable[Review]) -> list[Review]:
    """Return the reviews that count: the last of each reviewer on each clip, sorted by clip and reviewer."""
    last = {(review.clip_id, review.reviewer): review for review in reviews}
    return [last[key] for key in sorted(last)]


def verdicts(reviews: Iterable[Review]) -> list[Verdict]:
    """Return the verdict on each clip that was reviewed, sorted by clip."""
    votes: dict[str, Counter[bool]] = {}
    for review in standing(reviews):
        votes.setdefault(review.clip_id, Counter())[review.decision == "reject"] += 1
    return [Verdict(clip_id=clip, kept=own[False], rejected=own[True]) for clip, own in votes.items()]
