"""Questions of a clip: the challenge's format and wordings, and answers that follow from the row."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equime_builder.errors import UsageError
from equime_builder.facs import AU_NAMES, AUS, EMOTION_LABELS
from equime_builder.vqa import questions_of
from equime_builder.vqa_templates import ABSENT_WEIGHTS, CHALLENGE_KINDS, KINDS, RECORD_FIELDS, REGIONS, WORDINGS

Unit = tuple[int, str, str]


def row(units: list[Unit], clip_id: str = "p1-anger-000", emotion: str = "anger") -> dict[str, Any]:
    """Return what a clip's row says of its plan; each unit is AU, side and level."""
    moving = bool(units)
    return {
        "id": clip_id,
        "subject_id": "p1",
        "fps": 24.0,
        "emotion": EMOTION_LABELS.index(emotion if moving else "neutral"),
        "emotion_3class": "negative" if moving else None,
        "aus": [{"au": au, "side": side, "level": level} for au, side, level in units],
        "onset_frame": 60 if moving else None,
        "apex_frame": 62 if moving else None,
        "offset_frame": 69 if moving else None,
    }


FROWN = [(7, "right", "B"), (4, "left", "A"), (4, "right", "A"), (7, "left", "B")]


def answers(units: list[Unit], kind: str, clip_id: str = "p1-anger-000") -> list[str]:
    return [record["answer"] for record in questions_of(row(units, clip_id), [kind])]


def test_records_have_the_format_and_the_words_of_the_challenge() -> None:
    records = questions_of(row(FROWN), CHALLENGE_KINDS)
    assert all(tuple(record) == RECORD_FIELDS for record in records)
    assert records[0] == {
        "id": "equime_p1-anger-000_1",
        "dataset": "equime",
        "image_id": "p1-anger-000",
        "subject": "p1",
        "filename": "p1-anger-000",
        "question": "What is the coarse expression class?",
        "answer": "negative",
        "kind": "coarse",
    }
    assert [record["id"].rpartition("_")[2] for record in records] == ["1", "2", "3", "4", "5", "6"]
    asked = {record["question"]: record["answer"] for record in records}
    assert asked["What is the fine-grained expression class?"] == "anger"
    assert asked["What are the action units?"] == "brow lowerer, lid tightener"
    assert records[-1]["question"] == (
        "What are the action units present, and based on them, what is the fine-grained expression and the coarse "
        "expression class?"
    )
    assert records[-1]["answer"] == (
        "The action units present are: brow lowerer, lid tightener. Therefore, the fine-grained expression class is "
        "anger, and the coarse expression class is negative."
    )


def test_one_unit_is_asked_about_in_the_singular() -> None:
    by_kind = {record["kind"]: record for record in questions_of(row([(7, "right", "B")]))}
    assert by_kind["units"]["question"] == "What is the action unit?"
    assert by_kind["side"]["question"] == "Is the action unit lid tightener located on the left or right face?"
    assert by_kind["side"]["answer"] == by_kind["sides"]["answer"] == "right"
    assert by_kind["together"]["question"].startswith("What is the action unit present, and based on it, what is")
    assert by_kind["together"]["answer"].startswith("The action unit present is: lid tightener. Therefore,")


def test_each_clip_has_one_yes_and_one_no() -> None:
    orders: Counter[str] = Counter()
    for number in range(50):
        records = questions_of(row(FROWN, f"clip-{number}"), ["shown"])
        named = {record["answer"]: record["question"] for record in records}
        assert len(records) == len(named) == 2
        assert any(AU_NAMES[au] in named["yes"] for au in (4, 7))
        assert not any(AU_NAMES[au] in named["no"] for au in (4, 7))
        orders[records[0]["answer"]] += 1
    assert min(orders.values()) >= 10, "the order tells nothing"


def test_what_only_known_truth_can_answer() -> None:
    assert answers(FROWN, "present") == ["yes"]
    assert answers(FROWN, "interval") == ["from frame 60 (2.50 s) to frame 69 (2.88 s)"]
    assert answers(FROWN, "apex") == ["frame 62 (2.58 s)"]
    assert answers(FROWN, "duration") == ["9 frames (375 ms)"]
    assert answers(FROWN, "sides") == ["both"]
    assert answers(FROWN, "region") == ["brows, eyelids"]
    assert answers([(12, "left", "B"), (12, "right", "B")], "strength") == ["B (slight)"]
    assert answers([(12, "left", "A"), (12, "right", "B")], "strength") == ["left A (trace), right B (slight)"]


def test_negatives_are_asked_what_has_an_answer() -> None:
    records = questions_of(row([]))
    assert {record["kind"]: record["answer"] for record in records} == {
        "shown": "no",
        "present": "no",
        "region": "none",
    }


def test_a_choice_of_kinds_keeps_numbers_and_refuses_others() -> None:
    everything = questions_of(row(FROWN))
    chosen = questions_of(row(FROWN), ["apex", "coarse"])
    assert chosen == [record for record in everything if record["kind"] in ("coarse", "apex")]
    with pytest.raises(UsageError, match="kind of question 'colour' is unknown; choose from: coarse, fine"):
        questions_of(row(FROWN), ["colour"])


def test_wordings_depend_on_the_clip_alone_and_all_occur() -> None:
    seen: dict[str, set[str]] = {kind: set() for kind in WORDINGS}
    for number in range(60):
        records = questions_of(row(FROWN, f"clip-{number}"))
        assert records == questions_of(row(FROWN[::-1], f"clip-{number}")), "the order of the units does not matter"
        for record in records:
            if record["kind"] in seen:
                seen[record["kind"]].add(record["question"].replace("brow lowerer", "*").replace("lid tightener", "*"))
    assert {kind: len(wordings) for kind, wordings in seen.items()} == {
        kind: len(wordings) for kind, wordings in WORDINGS.items()
    }


def test_the_tables_cover_the_vocabulary() -> None:
    assert set(KINDS) == {record["kind"] for units in ([(12, "left", "B")], []) for record in questions_of(row(units))}
    placed = [au for aus in REGIONS.values() for au in aus]
    assert sorted(placed) == sorted(AUS), "each AU has one region"


@given(st.sets(st.sampled_from(sorted(ABSENT_WEIGHTS)), min_size=1, max_size=4), st.integers(0, 10**6))
def test_answers_agree_with_each_other(aus: set[int], number: int) -> None:
    units = [(au, side, "C") for au in aus for side in ("left", "right")]
    by_kind = {record["kind"]: record for record in questions_of(row(units, f"clip-{number}"))}
    names = by_kind["units"]["answer"].split(", ")
    assert {AU_NAMES[au] for au in aus} == set(names)
    assert by_kind["units"]["answer"] in by_kind["together"]["answer"]
    assert {name for name, members in REGIONS.items() if members & aus} == set(by_kind["region"]["answer"].split(", "))
    assert any(name in by_kind["strength"]["question"] for name in names)
    assert "side" not in by_kind
