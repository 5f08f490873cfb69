import pytest
from hypothesis import given
from hypothesis import strategies as st

from equime_builder.errors import UsageError
from equime_evaluation.protocols import Fold, k_folds, leave_one_group_out, leave_one_person_out, own_splits
from equime_evaluation.protocols.folds import with_validation

names = st.sets(st.text("abcdefgh", min_size=1, max_size=3), min_size=2, max_size=25)


@given(names, st.integers(2, 7))
def test_everybody_is_tested_once_and_never_trained_on(people: set[str], folds: int) -> None:
    made = k_folds(people, folds=folds)
    tested = [who for fold in made for who in fold.test]
    assert sorted(tested) == sorted(people)
    for fold in made:
        assert fold.train == people - fold.test
    sizes = [len(fold.test) for fold in made]
    assert max(sizes) - min(sizes) <= 1


def test_a_dataset_s_own_folds_are_kept() -> None:
    made = k_folds(["a", "b", "c"], folds=5, frozen={"a": 4, "b": 0, "c": 4})
    assert {fold.name: set(fold.test) for fold in made} == {"fold 0": {"b"}, "fold 4": {"a", "c"}}
    with pytest.raises(UsageError, match="have no fold: d"):
        k_folds(["a", "d"], folds=5, frozen={"a": 0})


def test_one_person_or_one_group_is_left_out() -> None:
    assert [set(fold.test) for fold in leave_one_person_out(["b", "a", "c"])] == [{"a"}, {"b"}, {"c"}]
    made = leave_one_group_out({"a": "light", "b": "dark", "c": "light"})
    assert [(fold.name, set(fold.train), set(fold.test)) for fold in made] == [
        ("without dark", {"a", "c"}, {"b"}),
        ("without light", {"b"}, {"a", "c"}),
    ]
    with pytest.raises(UsageError, match="two parts of people"):
        leave_one_group_out({"a": "light"})


def test_own_splits_test_the_test_people() -> None:
    (fold,) = own_splits({"a": "train", "b": "validation", "c": "test", "d": "train"})
    assert (set(fold.train), set(fold.validation), set(fold.test)) == ({"a", "d"}, {"b"}, {"c"})
    with pytest.raises(UsageError, match="nobody is in the split test"):
        own_splits({"a": "train"})


@pytest.mark.parametrize("part", ["validation", "test"])
def test_a_person_in_two_parts_is_refused(part: str) -> None:
    with pytest.raises(UsageError, match="a would be trained on"):
        Fold(name="x", train=frozenset("ab"), **{part: frozenset("a")})
    with pytest.raises(UsageError, match="choose the epoch"):
        Fold(name="x", train=frozenset("b"), validation=frozenset("a"), test=frozenset("a"))


def test_validation_people_come_from_training() -> None:
    fold = Fold(name="0", train=frozenset("abcdef"), test=frozenset("gh"))
    moved = with_validation(fold, 2, key="seed 1")
    assert len(moved.validation) == 2
    assert moved.validation | moved.train == fold.train
    assert moved.test == fold.test
    assert with_validation(fold, 2, key="seed 1") == moved
    assert with_validation(fold, 0, key="seed 1") == fold
    with pytest.raises(UsageError, match="nobody is left"):
        with_validation(fold, 6, key="seed 1")
