from __future__ import annotations

import numpy as np

from equime_builder.curves import au_curves
from equime_builder.facs import SLOTS, slot_of
from tests.samples import byte_row, person, plan, unit


def test_each_planned_value_stands_at_its_frame_and_slot() -> None:
    curves = au_curves(byte_row(1, b"abc"))
    planned = plan(person(1), "fear", 1)
    expected = [
        [max((au.at(t) for au in planned.aus if (au.au, au.side) == s), default=0) for s in SLOTS] for t in range(144)
    ]
    assert curves.shape == (144, 36)
    assert curves.dtype == np.float32
    np.testing.assert_array_equal(curves, np.array(expected, dtype=np.float32))


def test_negative_is_still() -> None:
    assert not au_curves(byte_row(1, b"abc", "neutral")).any()


def test_the_stronger_of_two_overlapping_movements_counts() -> None:
    early, late = unit(12, "left", onset_frame=10), unit(12, "left", onset_frame=11)
    row = {"aus": [{"au": u.au, "side": u.side, "onset_frame": u.onset_frame, "offset_frame": u.offset_frame,
                    "curve": list(u.curve)} for u in (early, late)]}  # fmt: skip
    found = au_curves(row)[10:17, slot_of(12, "left")]
    # 0, 1/4, 1/2, 1/3, 1/10, 0 and the same one frame later
    np.testing.assert_allclose(found, [0, 0.25, 0.5, 0.5, 1 / 3, 0.1, 0], rtol=1e-6)
