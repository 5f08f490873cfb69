from collections.abc import Callable

import numpy as np
import pytest

from equime_builder.streams import stream
from equime_evaluation.equity.association import Association, associate, corrected
from equime_evaluation.equity.means import means_of
from equime_evaluation.equity.outcomes import Outcome

CLIPS = 12


def yes_or_no(rates: list[float], key: object) -> Outcome:
    yes = stream("association", key).binomial(CLIPS, rates).astype(float)
    return Outcome(
        name="yes",
        clips_of_people=np.full(len(rates), CLIPS),
        people=names(len(rates)),
        totals=np.stack([yes, CLIPS - yes], axis=1),
        categories=("yes", "no"),
    )


def number(means: list[float], key: object) -> Outcome:
    values = stream("association", key).normal(np.array(means)[:, None], 1.0, (len(means), CLIPS))
    totals = np.stack([np.full(len(means), CLIPS), values.sum(1), (values**2).sum(1)], axis=1)
    return Outcome(name="size", clips_of_people=np.full(len(means), CLIPS), people=names(len(means)), totals=totals)


def names(people: int) -> tuple[str, ...]:
    return tuple(f"p{place:03d}" for place in range(people))


def halves(people: int) -> dict[str, str]:
    return {who: "ab"[place % 2] for place, who in enumerate(names(people))}


def found(outcome: Outcome, groups: dict[str, str]) -> Association:
    return associate(outcome, "half", groups, resamples=100, permutations=199, key=outcome.name)


@pytest.mark.parametrize("draw", [yes_or_no, number])
def test_where_nothing_goes_with_anybody_one_in_twenty_is_called_out(draw: Callable[..., Outcome]) -> None:
    # people differ among themselves, which a test over clips would take for a difference of their groups
    own = stream("association", draw.__name__).uniform(0.2, 0.8, (200, 8))
    found_p = [found(draw(list(rates), key), halves(8)).p for key, rates in enumerate(own)]
    assert sum(p is not None and p <= 0.05 for p in found_p) <= 18  # 99.5 % of binomial(200, .05)


@pytest.mark.parametrize(("draw", "means"), [(yes_or_no, (0.3, 0.8)), (number, (0.0, 1.5))])
def test_a_real_difference_is_found(draw: Callable[..., Outcome], means: tuple[float, float]) -> None:
    hits = 0
    for key in range(30):
        item = found(draw([means[place % 2] for place in range(10)], key), halves(10))
        hits += item.p is not None and item.p <= 0.05
        assert item.strengths[0].value is not None
        assert item.strengths[0].value > 0.2
    assert hits >= 29


def test_exact_p_of_a_clean_cut() -> None:
    outcome = Outcome(
        name="clean",
        clips_of_people=np.full(8, 3),
        people=names(8),
        totals=np.array([[3.0, 0.0], [0.0, 3.0]] * 4),
        categories=("yes", "no"),
    )
    item = found(outcome, halves(8))
    # of C(8, 4) = 70 arrangements this one and its mirror image part the people as cleanly
    assert item.p == pytest.approx(2 / 70)
    assert (item.arrangements, item.exhaustive) == (70, True)
    assert [strength.value for strength in item.strengths] == pytest.approx([1, 1], abs=0.06)
    assert (item.clips, item.people, item.groups) == (24, 8, {"a": 4, "b": 4})


def test_programmes_that_all_carry_are_no_association_at_all() -> None:
    outcome = Outcome(
        name="crossed",
        clips_of_people=np.full(10, 6),
        people=names(10),
        totals=np.tile([1.0, 3.0, 2.0], (10, 1)),
        categories=("x", "y", "z"),
    )
    item = found(outcome, {who: "aaaaaaabbb"[place] for place, who in enumerate(names(10))})
    assert [(strength.value, strength.low, strength.high) for strength in item.strengths] == [(0, 0, 0), (0, 0, 0)]
    assert item.p == 1


def test_too_few_arrangements_are_counted_and_not_tested() -> None:
    item = found(yes_or_no([0.1, 0.9, 0.1, 0.9], 0), halves(4))
    assert (item.p, item.arrangements) == (None, 6)
    assert item.note == "no test: 6 arrangements of these labels over 4 people"


def test_people_without_a_group_are_left_out_and_counted() -> None:
    item = found(yes_or_no([0.5] * 10, 0), {who: group for who, group in halves(10).items() if who < "p008"})
    assert (item.people, item.left_out, item.clips) == (8, 2, 8 * CLIPS)


def test_what_cannot_be_compared_is_said() -> None:
    alone = found(yes_or_no([0.5] * 4, 0), dict.fromkeys(names(4), "a"))
    assert (alone.note, alone.strengths[0].value, alone.p) == ("fewer than two groups", None, None)
    constant = found(yes_or_no([1.0] * 8, 0), halves(8))
    assert (constant.note, constant.strengths[0].value) == ("does not vary", None)
    assert found(yes_or_no([0.5] * 4, 0), {}).note == "fewer than two groups"


def test_a_family_is_corrected_for_its_tested_members_alone() -> None:
    items = [found(yes_or_no([0.2, 0.9] * 4, 1), halves(8)), found(yes_or_no([1.0] * 8, 0), halves(8))]
    first, second = corrected(items)
    assert first.p_holm == first.p
    assert first.is_found
    assert (second.p_holm, second.is_found) == (None, False)


def test_means_and_how_far_they_lie_apart() -> None:
    totals = np.array([[2, -2.0, 4.0], [2, 2.0, 4.0], [2, 6.0, 20.0], [2, -6.0, 20.0]])
    outcome = Outcome(name="n", clips_of_people=np.full(4, 2), people=names(4), totals=totals, centre=4.0)
    means = means_of(outcome, "half", {"p000": "a", "p001": "a", "p002": "b"}, resamples=50, key="m")
    assert means is not None
    assert [(item.group, item.people, item.clips, item.mean) for item in means.groups] == [
        ("a", 2, 4, 4.0),
        ("b", 1, 2, 7.0),
    ]
    assert means.difference == 3.0
    assert means.ratio == pytest.approx(4 / 7)
    # of two people one is drawn: means of 3 or 5; of one person nothing can be said
    assert (means.groups[0].low, means.groups[0].high) == (3.0, 5.0)
    assert (means.groups[1].low, means.groups[1].high) == (None, None)
    assert means_of(outcome, "half", {"p000": "a"}, resamples=50, key="m") is None
