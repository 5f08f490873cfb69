from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equime_builder.facs import EMOTIONS, SIDES, level_of
from equime_builder.streams import stream
from equime_generation.programmes import COMBINATIONS, FLOOR, FLOOR_OF, LEVEL_SHARES, ONE_SIDED_AUS, draw_strengths


def test_every_emotion_has_combinations_that_sum_to_one() -> None:
    assert set(COMBINATIONS) == set(EMOTIONS)
    for table in COMBINATIONS.values():
        assert sum(table.values()) == pytest.approx(1.0, abs=1e-9)


def test_no_combination_belongs_to_two_emotions() -> None:
    names = Counter(name for table in COMBINATIONS.values() for name in table)
    assert set(names.values()) == {1}


@given(st.sampled_from(EMOTIONS), st.integers(0, 10**6))
def test_strengths_stay_in_their_ranges(emotion: str, key: int) -> None:
    strengths = draw_strengths(emotion, stream(key))
    aus = {item.au for item in strengths}
    names = [frozenset(map(int, name.strip("U").split("+"))) if name else frozenset() for name in COMBINATIONS[emotion]]
    assert frozenset(aus) in names
    for item in strengths:
        assert FLOOR_OF.get(item.au, FLOOR) <= item.intensity <= 0.40 * 1.05
    if len({item.side for item in strengths}) == 1:
        assert aus <= ONE_SIDED_AUS


def test_rates_follow_the_tables() -> None:
    drawn = [draw_strengths("happiness", stream("rates", number)) for number in range(4000)]
    combos = Counter("+".join(map(str, sorted({item.au for item in strengths}))) for strengths in drawn)
    table = {name: share for name, share in COMBINATIONS["happiness"].items() if name not in ("12", "U12")}
    table["12"] = 0.54
    for name, share in table.items():
        assert combos[name] / 4000 == pytest.approx(share, abs=0.03)
    strongest = Counter(level_of(min(1.0, max(item.intensity for item in strengths))) for strengths in drawn)
    assert strongest["C"] / 4000 == pytest.approx(LEVEL_SHARES["C"], abs=0.06)


def test_one_sided_movements_take_either_side_equally() -> None:
    drawn = [draw_strengths("happiness", stream("sides", number)) for number in range(4000)]
    sides = Counter(strengths[0].side for strengths in drawn if len({item.side for item in strengths}) == 1)
    assert sum(sides.values()) / 4000 == pytest.approx(0.06 + 0.15 * 0.82, abs=0.03)
    assert sides["left"] / sum(sides.values()) == pytest.approx(0.5, abs=0.06)
    assert set(sides) == set(SIDES)


def test_neutral_moves_nothing() -> None:
    assert draw_strengths("neutral", stream(1)) == ()
