"""How far reviewers agree with each other, and with the plan where it was hidden from them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from equime_builder.facs import AUS, EMOTION_LABELS
from equime_builder.layout import PLAN_FILE
from equime_builder.records import Plan
from equime_builder.review_table import DECISIONS
from equime_builder.tables import read_plans, read_shards
from equime_evaluation.reviews.kappa import RESAMPLES, Kappa, cohen, fleiss
from equime_evaluation.reviews.review import Review
from equime_evaluation.reviews.storing import read_reviews
from equime_evaluation.reviews.verdicts import standing, verdicts

if TYPE_CHECKING:
    from numpy.typing import NDArray

EVERYBODY: Final = "all reviewers"
PLANNED: Final = "reviewers and plan"
MOST_PAIRED: Final = 12
"""Reviewers who are compared two by two: those with the most reviews; all pairs of hundreds would tell nobody much."""
Said = Sequence[tuple[str, str, Hashable]]
"""Clip, reviewer, and what was said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One figure of agreement.

    Attributes:
        what: That was said: ``"decision"``, ``"emotion"``, or one of these against all others.
        among: Which reviews: all, the blind ones, those of clips of one emotion.
        who: Whose: all reviewers (Fleiss), two of them or reviewers and plan (Cohen).
    """

    what: str
    among: str
    who: str
    kappa: Kappa


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """What the reviews of a dataset folder say together.

    Attributes:
        reviews: That count, one a reviewer and clip.
        revised: Earlier ones, whose place a later one took.
        unknown: Reviews of clips that the folder never planned; they count nowhere else.
        blind: Of those that count, how many did not see the plan.
        reviewers: Reviews of each.
        decisions: How often each was made.
        clips: That were reviewed: kept, rejected and tied are so many of them by majority.
        lines: Figures of agreement. What was seen is compared in blind reviews alone: who reads the plan is led by it.
    """

    reviews: int
    revised: int
    unknown: int
    blind: int
    reviewers: dict[str, int]
    decisions: dict[str, int]
    clips: int
    kept: int
    rejected: int
    tied: int
    lines: tuple[Line, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the same for programs."""
        return asdict(self)


def agreement(root: Path, *, resamples: int = RESAMPLES) -> Agreement:
    """Say how far the reviewers of a dataset folder agree; the same folder gives the same figures.

    Raises:
        DatasetMissingError: There is no dataset folder.
        DatasetError: The reviews or the plans are damaged.
    """
    reviews = read_reviews(root)
    reviewed = {review.clip_id for review in reviews}
    shards = {shard for clip, shard in read_shards(root / PLAN_FILE).items() if clip in reviewed} if reviewed else set()
    plans = {plan.clip_id: plan for plan in read_plans(root / PLAN_FILE, shards=shards) if plan.clip_id in reviewed}
    return agreement_of(reviews, plans, resamples=resamples)


def agreement_of(reviews: Sequence[Review], plans: Mapping[str, Plan], *, resamples: int = RESAMPLES) -> Agreement:
    """Say how far reviewers agree.

    Args:
        reviews: In the order in which they were given.
        plans: Of the clips, by id.
    """
    known = [review for review in reviews if review.clip_id in plans]
    counted = standing(known)
    found = verdicts(known)
    return Agreement(
        reviews=len(counted),
        revised=len(known) - len(counted),
        unknown=len(reviews) - len(known),
        blind=sum(review.was_blind for review in counted),
        reviewers=dict(sorted(Counter(review.reviewer for review in counted).items())),
        decisions={name: sum(review.decision == name for review in counted) for name in DECISIONS},
        clips=len(found),
        kept=sum(not verdict.is_rejected and not verdict.is_tied for verdict in found),
        rejected=sum(verdict.is_rejected for verdict in found),
        tied=sum(verdict.is_tied for verdict in found),
        lines=tuple(_lines(counted, plans, resamples)),
    )


def _lines(reviews: Sequence[Review], plans: Mapping[str, Plan], resamples: int) -> Iterator[Line]:
    many = partial(_fleiss_line, resamples=resamples)
    blind = [review for review in reviews if review.was_blind]
    yield many("decision", "all reviews", _decisions(reviews), DECISIONS)
    if 0 < len(blind) < len(reviews):
        yield many("decision", "blind reviews", _decisions(blind), DECISIONS)
        yield many("decision", "open reviews", _decisions(r for r in reviews if not r.was_blind), DECISIONS)
    for decision in _heard(_decisions(reviews), DECISIONS):
        yield many(f"decision: {decision}", "all reviews", _whether(_decisions(reviews), decision), (False, True))
    for emotion in EMOTION_LABELS:
        own = _decisions(review for review in reviews if plans[review.clip_id].emotion == emotion)
        if own:
            yield many("decision: reject", f"clips of {emotion}", _whether(own, "reject"), (False, True))
    yield from _seen_lines(blind, plans, resamples)
    yield from _pair_lines(reviews, resamples)


def _seen_lines(blind: Sequence[Review], plans: Mapping[str, Plan], resamples: int) -> Iterator[Line]:
    """Yield how far those who did not see the plan saw the same, and saw what was planned."""
    emotions = [(one.clip_id, one.reviewer, one.emotion) for one in blind if one.emotion is not None]
    if emotions:
        yield _fleiss_line("emotion", "blind reviews", emotions, EMOTION_LABELS, resamples=resamples)
        planned = {clip: plans[clip].emotion for clip, _, _ in emotions}
        yield _plan_line("emotion", emotions, planned, EMOTION_LABELS, resamples)
        for emotion in _heard(emotions, EMOTION_LABELS):
            whether = _whether(emotions, emotion)
            yield _fleiss_line(f"emotion: {emotion}", "blind reviews", whether, (False, True), resamples=resamples)
    units = [(one.clip_id, one.reviewer, {au for au, _ in one.aus}) for one in blind if one.aus is not None]
    for au in (au for au in AUS if any(au in seen for _, _, seen in units)):
        there = [(clip, who, au in seen) for clip, who, seen in units]
        yield _fleiss_line(f"AU{au}", "blind reviews", there, (False, True), resamples=resamples)
        moves = {clip: any(unit.au == au for unit in plans[clip].aus) for clip, _, _ in units}
        yield _plan_line(f"AU{au}", there, moves, (False, True), resamples)


def _pair_lines(reviews: Sequence[Review], resamples: int) -> Iterator[Line]:
    said: dict[str, dict[str, int]] = defaultdict(dict)
    for review in reviews:
        said[review.reviewer][review.clip_id] = DECISIONS.index(review.decision)
    busiest = sorted(said, key=lambda who: (-len(said[who]), who))[:MOST_PAIRED]
    for first, second in combinations(sorted(busiest), 2):
        shared = sorted(said[first].keys() & said[second].keys())
        if shared:
            cells = [(clip, said[first][clip], said[second][clip]) for clip in shared]
            kappa = cohen(_tables(cells, len(DECISIONS)), key=f"reviews/{first}/{second}", resamples=resamples)
            yield Line(what="decision", among="all reviews", who=f"{first} and {second}", kappa=kappa)


def _fleiss_line(what: str, among: str, said: Said, words: Sequence[Hashable], *, resamples: int) -> Line:
    places = {clip: place for place, clip in enumerate(sorted({clip for clip, _, _ in said}))}
    counts = np.zeros((len(places), len(words)), dtype=np.int64)
    for clip, _, word in said:
        counts[places[clip], words.index(word)] += 1
    kappa = fleiss(counts, key=f"reviews/{what}/{among}", resamples=resamples)
    return Line(what=what, among=among, who=EVERYBODY, kappa=kappa)


def _plan_line(
    what: str, said: Said, planned: Mapping[str, Hashable], words: Sequence[Hashable], resamples: int
) -> Line:
    cells = [(clip, words.index(planned[clip]), words.index(word)) for clip, _, word in said]
    kappa = cohen(_tables(cells, len(words)), key=f"reviews/{what}/plan", resamples=resamples)
    return Line(what=what, among="blind reviews", who=PLANNED, kappa=kappa)


def _tables(cells: Sequence[tuple[str, int, int]], words: int) -> NDArray[np.int64]:
    places = {clip: place for place, clip in enumerate(sorted({clip for clip, _, _ in cells}))}
    tables = np.zeros((len(places), words, words), dtype=np.int64)
    for clip, first, second in cells:
        tables[places[clip], first, second] += 1
    return tables


def _decisions(reviews: Iterable[Review]) -> Said:
    return [(review.clip_id, review.reviewer, review.decision) for review in reviews]


def _whether(said: Said, word: Hashable) -> Said:
    return [(clip, who, own == word) for clip, who, own in said]


def _heard(said: Said, words: Sequence[Hashable]) -> list[Hashable]:
    return [word for word in words if any(own == word for _, _, own in said)]
