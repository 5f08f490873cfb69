import numpy as np
import pytest
from fairlearn.metrics import MetricFrame, equalized_odds_difference
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score

from equime_evaluation.protocols import group_report
from equime_evaluation.protocols.groups import equalized_odds

GROUPS = {"a": "female", "b": "female", "c": "male", "d": "male"}
rows = st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 1), st.integers(0, 1)), min_size=4, max_size=60)


@given(rows)
def test_groups_are_those_of_fairlearn(clips: list[tuple[str, int, int]]) -> None:
    people, true, said = (list(column) for column in zip(*clips, strict=True))
    genders = [GROUPS[who] for who in people]
    report = group_report("gender", true, said, people, GROUPS, classes=2, resamples=2)
    frame = MetricFrame(metrics=accuracy_score, y_true=true, y_pred=said, sensitive_features=genders)
    assert {group.group: group.accuracy for group in report.groups} == pytest.approx(frame.by_group.to_dict())
    if len(report.groups) == 2:
        gaps = {item.measure: item.value for item in report.differences}
        assert gaps["accuracy"] == pytest.approx(frame.difference())


@given(st.lists(st.integers(1, 9), min_size=8, max_size=8))
def test_equalized_odds_are_those_of_fairlearn(cells: list[int]) -> None:
    counts = np.array(cells, np.float64).reshape(2, 2, 2)
    true, said, groups = [], [], []
    for (group, truth, answer), count in np.ndenumerate(counts):
        true += [truth] * int(count)
        said += [answer] * int(count)
        groups += [group] * int(count)
    # with two classes, one against the rest and the rest against it are the same question
    expected = equalized_odds_difference(true, said, sensitive_features=groups)
    assert float(equalized_odds(counts)) == pytest.approx(expected)


def test_a_case_worked_by_hand() -> None:
    # women: three of four rightly; men: two of four
    people = ["a", "a", "b", "b", "c", "c", "d", "d"]
    true, said = [0, 1, 0, 1, 0, 1, 0, 1], [0, 1, 0, 0, 0, 0, 1, 1]
    report = group_report("gender", true, said, people, GROUPS, classes=2)
    assert [(group.group, group.people, group.clips, group.accuracy) for group in report.groups] == [
        ("female", 2, 4, 0.75),
        ("male", 2, 4, 0.5),
    ]
    # women: F1 of class 0 is 4/5 and of class 1 is 2/3; men: 1/2 both
    assert [group.uf1 for group in report.groups] == pytest.approx([(4 / 5 + 2 / 3) / 2, 1 / 2])
    gaps = {item.measure: item.value for item in report.differences}
    assert gaps["UF1"] == pytest.approx((4 / 5 + 2 / 3) / 2 - 1 / 2)
    assert report.worst == "male"
    # class 0: recalls 1 and 1/2, alarms 1/2 and 1/2; class 1: recalls 1/2 and 1/2, alarms 0 and 1/2
    assert gaps["equalized odds"] == pytest.approx((1 / 2 + 1 / 2) / 2)


def test_a_person_alone_in_a_group_has_no_interval_and_strangers_are_counted() -> None:
    report = group_report("tone", [0, 1, 0], [0, 1, 1], ["a", "b", "x"], {"a": "dark", "b": "light"}, classes=2)
    assert [group.uf1_interval for group in report.groups] == [None, None]
    assert all(item.interval is None for item in report.differences)
    assert report.people_unknown == 1
    nobody = group_report("tone", [0], [0], ["x"], {}, classes=2)
    assert (nobody.groups, nobody.differences, nobody.people_unknown) == ((), (), 1)
