"""Row choices against the same choice made in plain Python."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equime_builder.errors import UsageError
from equime_builder.facs import AUS, EMOTION_LABELS, SLOTS
from equime_builder.selection import of_emotions, of_fold, within_aus

SETS = st.frozensets(st.sampled_from(AUS), max_size=5)


def vector(moved: frozenset[int]) -> list[float]:
    return [0.5 if au in moved and side == "right" else 0.0 for au, side in SLOTS]


@given(programmes=st.lists(SETS, min_size=1, max_size=6), kept=SETS)
def test_within_aus_is_the_subset_relation(programmes: list[frozenset[int]], kept: frozenset[int]) -> None:
    rows = pa.table(
        {
            "n": range(len(programmes)),
            "au_intensity": pa.array(map(vector, programmes), pa.list_(pa.float32(), len(SLOTS))),
        }
    )
    found = rows.filter(within_aus(kept))["n"].to_pylist()
    assert found == [n for n, moved in enumerate(programmes) if moved <= kept]


def test_the_whole_vocabulary_keeps_all() -> None:
    rows = pa.table({"au_intensity": pa.array([vector(frozenset(AUS))], pa.list_(pa.float32(), len(SLOTS)))})
    assert rows.filter(within_aus(AUS)).num_rows == 1


def test_emotions_by_label() -> None:
    rows = pa.table({"emotion": pa.array(range(len(EMOTION_LABELS)))})
    assert rows.filter(of_emotions(["fear", "happiness"]))["emotion"].to_pylist() == [0, 3]
    assert rows.filter(of_emotions("fear"))["emotion"].to_pylist() == [3]


@pytest.mark.parametrize("fold", range(5))
def test_a_fold_and_the_others_part_the_rows(fold: int) -> None:
    rows = pa.table({"fold": [0, 1, 2, 3, 4, 4]})
    held_out = rows.filter(of_fold(fold, held_out=True))["fold"].to_pylist()
    rest = rows.filter(of_fold(fold, held_out=False))["fold"].to_pylist()
    assert set(held_out) == {fold}
    assert sorted(held_out + rest) == [0, 1, 2, 3, 4, 4]


def test_what_is_unknown_is_refused() -> None:
    with pytest.raises(UsageError, match="emotions is empty; choose from: happiness"):
        of_emotions([])
    with pytest.raises(UsageError, match="AU '99' is unknown"):
        within_aus([99])
    with pytest.raises(UsageError, match="fold '-1' is unknown; choose from: 0, 1, 2, 3, 4"):
        of_fold(-1, held_out=True)
