from itertools import permutations

import numpy as np
import pytest
from sklearn.metrics import f1_score

from equime_evaluation.protocols.chance import chance_of


def test_chance_is_the_mean_over_all_exchanges_within_people() -> None:
    true, said, people = [0, 0, 1, 1, 0, 1], [0, 1, 1, 0, 0, 0], ["a", "a", "a", "b", "b", "b"]
    found = chance_of(true, said, people, classes=2)
    assert found is not None
    every = [
        f1_score([*left, *right], said, average="macro")
        for left in permutations(true[:3])
        for right in permutations(true[3:])
    ]
    assert found.uf1 == pytest.approx(np.mean(every), abs=0.02)
    assert min(every) <= found.low <= found.high <= max(every)
    given = f1_score(true, said, average="macro")
    assert found.p == pytest.approx(np.mean([score >= given - 1e-9 for score in every]), abs=0.04)


def test_answers_that_know_only_the_person_are_at_chance() -> None:
    # each person has a favourite class, and the answer is that class: no knowledge of the clip
    people = [who for who in "abc" for _ in range(10)]
    true = [0] * 8 + [1, 2] + [1] * 8 + [0, 2] + [2] * 8 + [0, 1]
    said = [0] * 10 + [1] * 10 + [2] * 10
    found = chance_of(true, said, people, classes=3)
    assert found is not None
    assert found.low == found.high == pytest.approx(0.8)
    assert found.p == 1.0


def test_right_answers_are_not_at_chance() -> None:
    true = [0, 1, 2] * 10
    found = chance_of(true, true, ["a"] * 30, classes=3)
    assert found is not None
    assert found.high < 0.7
    assert found.p == pytest.approx(1 / 2001)
    assert chance_of([], [], [], classes=3) is None
