"""Reviews for tests."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from equime_evaluation.reviews import Review

NOON = datetime(2026, 5, 4, 12, 0, 0, 250_000, tzinfo=timezone.utc)


def said(clip_id: str, reviewer: str, decision: Any = "accept", **more: Any) -> Review:
    fields = {"reviewed_at": NOON, "was_blind": False, **more}
    return Review(clip_id=clip_id, reviewer=reviewer, decision=decision, **fields)
