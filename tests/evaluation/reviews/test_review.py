"""What may stand in a review."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from equime_builder.errors import UsageError
from tests.evaluation.reviews.material import said


@pytest.mark.parametrize(
    "reviewer", ["ann@example.org", "Ann Smith", "a", "x" * 33, "-ann", "", "ann.smith", "änn", "ann\n"]
)
def test_names_and_addresses_are_no_pseudonyms(reviewer: str) -> None:
    with pytest.raises(UsageError, match="pseudonym of 2 to 32"):
        said("c", reviewer)


@pytest.mark.parametrize("reviewer", ["heron-7", "r2", "0" * 32])
def test_pseudonyms(reviewer: str) -> None:
    assert said("c", reviewer).reviewer == reviewer


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"decision": "maybe"}, "choose from: accept, reject, correct"),
        ({"decision": "correct"}, "says what is shown instead"),
        ({"decision": "correct", "was_blind": True, "emotion": "fear"}, "no plan to correct"),
        ({"emotion": "fear"}, "accepts its plan"),
        ({"decision": "correct", "emotion": "joy"}, "emotion 'joy' is unknown"),
        ({"decision": "correct", "aus": ((3, "left"),)}, "not in the vocabulary"),
        ({"decision": "correct", "aus": ((4, "right"), (4, "left"))}, "sorted"),
        ({"decision": "correct", "apex_frame": 62}, "said together"),
        ({"decision": "correct", "onset_frame": 62, "apex_frame": 60, "offset_frame": 65}, "onset < apex < offset"),
        ({"decision": "correct", "onset_frame": 60, "apex_frame": 62, "offset_frame": 144}, "< 144"),
        ({"note": "x" * 501}, "at most 500"),
        ({"note": "write to ann@example.org"}, "e-mail"),
        ({"note": "\x1b[2J"}, "plain text"),
        ({"reviewed_at": datetime(2026, 1, 1)}, "UTC"),
        ({"reviewed_at": datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=1)))}, "UTC"),
    ],
)
def test_what_is_refused(fields: dict[str, Any], rule: str) -> None:
    with pytest.raises(UsageError, match=rule):
        said("c", "heron", **fields)


def test_a_blind_reviewer_may_say_what_was_seen() -> None:
    seen = said("c", "heron", was_blind=True, emotion="disgust", aus=(), note="two\nlines")
    assert seen.says_something
