"""People look at clips: a sample drawn fairly, what they said of it, how far they agree, and what is dropped for it."""

from equime_builder.review_table import DECISIONS, Decision
from equime_evaluation.reviews.agreement import Agreement, agreement
from equime_evaluation.reviews.review import Review
from equime_evaluation.reviews.sampling import Candidate, candidates, draw, in_order_of
from equime_evaluation.reviews.storing import add_review, hold_reviews, read_reviews, take_back
from equime_evaluation.reviews.verdicts import Verdict, standing, verdicts

__all__ = [
    "DECISIONS",
    "Agreement",
    "Candidate",
    "Decision",
    "Review",
    "Verdict",
    "add_review",
    "agreement",
    "candidates",
    "draw",
    "hold_reviews",
    "in_order_of",
    "read_reviews",
    "standing",
    "take_back",
    "verdicts",
]
