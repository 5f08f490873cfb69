import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score, recall_score

from equime_builder.errors import UsageError
from equime_evaluation.protocols import CLASS_SETS, composite, score_recognition

CLASSES = ("negative", "positive", "surprise")


def test_scores_of_a_case_worked_by_hand() -> None:
    # six clips: negative told 2 of 3 times, positive 1 of 2, surprise 1 of 1
    true, said = [0, 0, 0, 1, 1, 2], [0, 0, 2, 1, 0, 2]
    scored = score_recognition(true, said, ["a", "a", "b", "b", "c", "c"], CLASSES)
    assert scored.confusion == ((2, 0, 1), (1, 1, 0), (0, 0, 1))
    # F1: 2*2/(4+1+1), 2*1/(2+0+1), 2*1/(2+1+0)
    assert [item.f1 for item in scored.per_class] == pytest.approx([2 / 3, 2 / 3, 2 / 3])
    assert [item.recall for item in scored.per_class] == pytest.approx([2 / 3, 1 / 2, 1.0])
    assert [item.precision for item in scored.per_class] == pytest.approx([2 / 3, 1.0, 1 / 2])
    assert (scored.uf1, scored.uar) == pytest.approx((2 / 3, (2 / 3 + 1 / 2 + 1) / 3))
    assert (scored.accuracy, scored.clips, scored.people) == (4 / 6, 6, 3)


labels = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=40)


@given(labels)
def test_scores_are_those_of_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    true, said = map(list, zip(*pairs, strict=True))
    scored = score_recognition(true, said, ["a"] * len(true), CLASSES, resamples=1)
    present = sorted(set(true))
    assert scored.accuracy == pytest.approx(accuracy_score(true, said))
    assert scored.uf1 == pytest.approx(f1_score(true, said, labels=present, average="macro", zero_division=0))
    assert scored.uar == pytest.approx(recall_score(true, said, labels=present, average="macro", zero_division=0))
    assert scored.uf1_interval is None  # one person says nothing about others


def test_the_interval_is_over_people_and_not_over_clips() -> None:
    # ten clips each; one person is always told rightly, the other never
    true = [0, 1] * 10
    said = [0, 1] * 5 + [1, 0] * 5
    people = ["a"] * 10 + ["b"] * 10
    scored = score_recognition(true, said, people, CLASSES[:2])
    # of two people one is drawn each time: all right or all wrong
    assert scored.uf1_interval == (0.0, 1.0)
    assert scored.uf1 == 0.5


def test_pooling_is_not_averaging_over_folds() -> None:
    true, said = [0, 0, 0, 1], [0, 0, 1, 1]
    pooled = score_recognition(true, said, ["a", "a", "b", "b"], CLASSES[:2]).uf1
    # pooled 4/5 and 2/3; person a alone 1 and person b alone (0 + 2/3) / 2
    assert pooled == pytest.approx((4 / 5 + 2 / 3) / 2)
    assert pooled != pytest.approx((1 + 1 / 3) / 2)


def test_the_composite_keeps_subjects_of_two_sets_apart() -> None:
    found = composite([0, 1, 2, 0], [0, 1, 0, 0], ["6", "6", "6", "7"], ["casme2", "casme2", "samm", "samm"])
    assert found.full.people == 3
    assert found.datasets["casme2"].uf1 == 1.0
    # samm: negative 2*1/(2+1+0), surprise 0
    assert found.datasets["samm"].uf1 == pytest.approx((2 / 3 + 0) / 2)
    # all: negative 2*2/(4+1+0), positive 1, surprise 0
    assert found.full.uf1 == pytest.approx((4 / 5 + 1 + 0) / 3)


def test_nothing_to_score_is_none_and_not_zero() -> None:
    scored = score_recognition([], [], [], CLASSES)
    assert (scored.uf1, scored.uar, scored.accuracy, scored.clips) == (None, None, None, 0)
    assert all(item.f1 is None for item in scored.per_class)


@pytest.mark.parametrize(("true", "said"), [([0], [3]), ([-1], [0]), ([0, 1], [0])])
def test_what_cannot_be_scored_is_refused(true: list[int], said: list[int]) -> None:
    with pytest.raises(UsageError, match=r"class|number"):
        score_recognition(true, said, ["a"] * len(true), CLASSES)


def test_class_sets_place_emotions() -> None:
    coarse, five = CLASS_SETS["3class"], CLASS_SETS["5class"]
    assert [coarse.label_of(emotion) for emotion in ("disgust", "repression", "happiness", "surprise")] == [0, 0, 1, 2]
    assert [coarse.label_of(emotion) for emotion in ("neutral", "others", None)] == [None, None, None]
    assert (five.label_of("fear"), five.label_of("disgust")) == (3, None)
    assert CLASS_SETS["5class-published"].label_of("fear") is None
    assert np.unique([len(item.classes) for item in CLASS_SETS.values()]).tolist() == [3, 5]
