"""How many clips people looked at and what they decided, for the card: counts alone, and nobody's pseudonym."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from equime_builder.layout import PLAN_FILE
from equime_builder.review_table import DECISIONS, damaged_reviews, read_review_rows
from equime_builder.tables import read_shards

Votes = Counter[str]
"""Decisions on one clip, one vote a reviewer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """What the reviews of a dataset folder come to.

    Attributes:
        reviewers: Who reviewed a clip of this dataset.
        reviews: That count: the last of each reviewer on each clip that was planned here.
        blind: Of them, how many did not see the plan.
        clips: That were reviewed.
        accepted: That more than half of their reviewers accepted, corrected or not.
        rejected: That more than half rejected; clips that were dropped for it count as well.
        shared: Clips with two reviews or more, over which ``kappa`` is computed.
        kappa: Fleiss' kappa of the decision; ``None`` = not defined, for no clip is shared or all say the same.
    """

    reviewers: int
    reviews: int
    blind: int
    clips: int
    accepted: int
    rejected: int
    shared: int
    kappa: float | None

    @property
    def tied(self) -> int:
        """Clips that as many accepted as rejected; they stay."""
        return self.clips - self.accepted - self.rejected


def reviewed(root: Path) -> Reviewed:
    """Count the reviews of a dataset folder; all figures are 0 where nobody has reviewed.

    Raises:
        DatasetError: The reviews or the plans are damaged.
    """
    rows = read_review_rows(root)
    return reviewed_of(rows, read_shards(root / PLAN_FILE) if rows else ())


def reviewed_of(rows: Iterable[dict[str, Any]], planned: Collection[str]) -> Reviewed:
    """Count reviews.

    Args:
        rows: Of `equime_builder.review_table.review_schema`, in the order in which they were given.
        planned: Ids of the dataset's clips; reviews of others count nowhere.

    Raises:
        DatasetError: A row holds no review.
    """
    standing = {(row["clip_id"], row["reviewer"]): row for row in rows if row["clip_id"] in planned}
    by_clip: dict[str, Votes] = {}
    for (clip, _), row in standing.items():
        if row["decision"] not in DECISIONS:
            raise damaged_reviews(ValueError(f"{row['decision']!s:.20} is no decision; there are {DECISIONS}"))
        by_clip.setdefault(clip, Counter())[row["decision"]] += 1
    shared = [votes for votes in by_clip.values() if votes.total() > 1]
    return Reviewed(
        reviewers=len({who for _, who in standing}),
        reviews=len(standing),
        blind=sum(bool(row["was_blind"]) for row in standing.values()),
        clips=len(by_clip),
        accepted=sum(2 * votes["reject"] < votes.total() for votes in by_clip.values()),
        rejected=sum(2 * votes["reject"] > votes.total() for votes in by_clip.values()),
        shared=len(shared),
        kappa=_fleiss(shared),
    )


def _fleiss(clips: list[Votes]) -> float | None:
    """Return Fleiss' kappa of clips with two votes or more.

    Source: Fleiss, "Measuring nominal scale agreement among many raters", Psychol. Bull. 76 (1971), with different
    numbers of votes as in `equime_evaluation.reviews.kappa`, which has intervals.
    """
    if not clips:
        return None
    observed = fmean(_agreeing(votes) for votes in clips)
    expected = sum(fmean(votes[word] / votes.total() for votes in clips) ** 2 for word in DECISIONS)
    return None if 1 - expected < 1e-12 else (observed - expected) / (1 - expected)


def _agreeing(votes: Votes) -> float:
    """Return the share of pairs of votes that are the same."""
    return sum(count * (count - 1) for count in votes.values()) / (votes.total() * (votes.total() - 1))
