from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equime_builder.streams import stream
from equime_generation.placing import place


@given(lengths=st.lists(st.integers(4, 30), min_size=1, max_size=4), margin=st.integers(0, 8), key=st.integers(0, 99))
def test_intervals_keep_their_order_and_their_distance(lengths: list[int], margin: int, key: int) -> None:
    starts = place(lengths, margin=margin, gap=5, frames=180, generator=stream(key))
    ends = [start + length for start, length in zip(starts, lengths, strict=True)]
    assert starts[0] >= margin
    assert ends[-1] <= 179 - margin
    assert all(after - before >= 5 for before, after in zip(ends[:-1], starts[1:], strict=True))


def test_what_just_fits_has_one_place() -> None:
    assert place([3, 4], margin=2, gap=5, frames=17, generator=stream("k")) == [2, 10]
    with pytest.raises(ValueError, match=r"intervals of \[3, 4\] frames do not fit 16 with 2 and 5 between"):
        place([3, 4], margin=2, gap=5, frames=16, generator=stream("k"))


def test_every_place_is_taken_by_some_draw() -> None:
    starts = {place([3], margin=2, gap=0, frames=12, generator=stream(key))[0] for key in range(99)}
    assert starts == {2, 3, 4, 5, 6}
