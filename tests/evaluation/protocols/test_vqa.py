import pytest

from equime_builder.errors import UsageError
from equime_builder.vqa import questions_of
from equime_builder.vqa_templates import CHALLENGE_KINDS, COARSE, FINE, TOGETHER_MANY, UNITS
from equime_evaluation.protocols import score_answers
from equime_evaluation.protocols.vqa import class_in, kind_of, rouge1, units_in
from tests.samples import byte_row


def record(question: str, answer: str) -> dict[str, object]:
    return {"question": question, "answer": answer}


def test_true_answers_about_a_clip_score_one_in_every_kind() -> None:
    asked = [
        item for emotion in ("fear", "anger") for item in questions_of(byte_row(1, b"x", emotion), CHALLENGE_KINDS)
    ]
    scored = score_answers(asked, [str(item["answer"]) for item in asked])
    assert set(scored.kinds) >= {"coarse", "fine", "units", "shown", "together"}
    for kind, score in scored.kinds.items():
        assert score.rouge1 == 1.0, kind
        assert score.uf1 in (None, 1.0)
        assert score.units_f1 in (None, 1.0)
    assert scored.kinds["shown"].accuracy == 1.0


def test_classes_of_a_case_worked_by_hand() -> None:
    truths = ["negative", "negative", "positive", "surprise"]
    answers = ["Negative.", "It is positive", "positive", "positive or surprise"]
    score = score_answers([record(COARSE, truth) for truth in truths], answers).kinds["coarse"]
    # negative 1 of 2: F1 2/3; positive 1 of 1, one alarm: 2/3; surprise: two classes named, wrong: 0
    assert (score.accuracy, score.unreadable) == (0.5, 1)
    assert score.uf1 == pytest.approx((2 / 3 + 2 / 3 + 0) / 3)
    assert score.uar == pytest.approx((1 / 2 + 1 + 0) / 3)


def test_lists_of_units_are_scored_by_their_names() -> None:
    pairs = [("brow lowerer, lid tightener", "lid tightener"), ("inner brow raiser", "outer brow raiser")]
    score = score_answers([record(UNITS, truth) for truth, _ in pairs], [said for _, said in pairs]).kinds["units"]
    # one of two named: 2/3; another unit: 0
    assert score.units_f1 == pytest.approx(1 / 3)
    assert score.accuracy is None


def test_units_that_only_recordings_have_count() -> None:
    truth = "The action units present are: nostril dilator, dimpler. Therefore, the fine-grained expression class is x."
    score = score_answers([record(TOGETHER_MANY, truth)], ["nostril dilator"]).kinds["together"]
    assert score.units_f1 == pytest.approx(2 / 3)


def test_words_are_found_whole() -> None:
    assert units_in("Inner brow raiser and lips part") == {"inner brow raiser", "lips part"}
    assert units_in("a brow") == frozenset()
    assert class_in("unsurprised", ("surprise",)) is None
    assert rouge1("the cat sat", "the cat ran away") == pytest.approx(2 * 2 / 7)
    assert rouge1("", "") == 0.0


def test_kinds_are_told_by_the_challenge_s_words() -> None:
    assert kind_of("Is the action unit brow lowerer shown on the face?") == "shown"
    assert kind_of("Is the action unit dimpler located on the left or right face?") == "side"
    assert kind_of(FINE) == "fine"
    with pytest.raises(UsageError, match="none of the ME-VQA"):
        kind_of("Who is this?")


def test_what_cannot_be_scored_is_refused() -> None:
    with pytest.raises(UsageError, match="1 questions and 0 answers"):
        score_answers([record(COARSE, "negative")], [])
    with pytest.raises(UsageError, match="must have the texts"):
        score_answers([{"question": COARSE}], ["negative"])
    with pytest.raises(UsageError, match="names no class"):
        score_answers([record(COARSE, "glad")], ["negative"])
