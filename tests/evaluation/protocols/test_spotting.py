import pytest
from hypothesis import given
from hypothesis import strategies as st

from equime_builder.errors import UsageError
from equime_evaluation.protocols import Interval, score_spotting, spot_then_recognize
from equime_evaluation.protocols.spotting import overlap


def spans(*ends: tuple[int, int], labels: str = "") -> list[Interval]:
    names: list[str | None] = [*labels] or [None] * len(ends)
    return [Interval(first_frame=a, last_frame=b, label=name) for (a, b), name in zip(ends, names, strict=True)]


def test_overlap_counts_frames() -> None:
    ten, later = spans((10, 19), (15, 24))
    assert overlap(ten, later) == pytest.approx(5 / 15)
    assert overlap(ten, ten) == 1.0
    assert overlap(*spans((0, 4), (5, 9))) == 0.0
    assert overlap(*spans((0, 3), (0, 1))) == 0.5


@given(*[st.tuples(st.integers(0, 30), st.integers(0, 30)) for _ in range(2)])
def test_overlap_is_that_of_sets_of_frames(first: tuple[int, int], second: tuple[int, int]) -> None:
    left, right = (spans(tuple(sorted(ends)))[0] for ends in (first, second))  # type: ignore[arg-type]
    here, there = (set(range(item.first_frame, item.last_frame + 1)) for item in (left, right))
    assert overlap(left, right) == pytest.approx(len(here & there) / len(here | there))


def test_a_case_worked_by_hand() -> None:
    true = {"v1": spans((10, 19), (40, 49)), "v2": spans((5, 9)), "v3": []}
    # found: 8 of 12 frames; 3 of 17 frames, too little; nothing in v2; a false alarm in v3
    found = {"v1": spans((12, 21), (47, 56)), "v3": spans((0, 9))}
    scored = score_spotting(true, found)
    assert (scored.hits, scored.false_alarms, scored.misses) == (1, 2, 2)
    assert (scored.precision, scored.recall, scored.f1) == pytest.approx((1 / 3, 1 / 3, 2 / 6))


def test_an_interval_is_used_once() -> None:
    true, found = {"v": spans((0, 9))}, {"v": spans((0, 9), (0, 8), (1, 9))}
    scored = score_spotting(true, found)
    assert (scored.hits, scored.false_alarms, scored.misses) == (1, 2, 0)


def test_spotting_of_the_published_baseline_is_found_again() -> None:
    # MEGC 2025 (arXiv 2506.15298): SAMM, 6 hits, 217 false alarms, 202 misses give F1 .0278
    true = {"v": spans(*((20 * place, 20 * place + 9) for place in range(208)))}
    hits = [(20 * place, 20 * place + 9) for place in range(6)]
    alarms = [(10_000 + 20 * place, 10_009 + 20 * place) for place in range(217)]
    scored = score_spotting(true, {"v": spans(*hits, *alarms)})
    assert (scored.hits, scored.false_alarms, scored.misses) == (6, 217, 202)
    assert scored.precision == pytest.approx(0.0269, abs=5e-5)
    assert scored.recall == pytest.approx(0.0288, abs=5e-5)
    assert scored.f1 == pytest.approx(0.0278, abs=5e-5)


def test_spot_then_recognize_multiplies() -> None:
    true = {"v1": spans((0, 9), (20, 29), labels="np"), "v2": spans((0, 9), labels="s")}
    found = {"v1": spans((0, 9), (21, 30), labels="nn"), "v2": spans((50, 59), labels="s")}
    scored = spot_then_recognize(true, found)
    # two of three found among three: F1 2/3; n told as n, p told as n: F1 of n 2/3, of p 0
    assert scored.spotting.f1 == pytest.approx(2 / 3)
    assert scored.recognition_uf1 == pytest.approx((2 / 3 + 0) / 2)
    assert scored.strs == pytest.approx(2 / 3 * 1 / 3)


def test_nothing_true_and_nothing_found() -> None:
    assert score_spotting({"v": []}, {}).f1 is None
    assert spot_then_recognize({"v": []}, {}).strs == 0.0


def test_what_cannot_be_scored_is_refused() -> None:
    with pytest.raises(UsageError, match="ends before"):
        Interval(first_frame=3, last_frame=2)
    with pytest.raises(UsageError, match="'w', which has no truth"):
        score_spotting({"v": []}, {"w": spans((0, 1))})
    with pytest.raises(UsageError, match="has no label"):
        spot_then_recognize({"v": spans((0, 1))}, {})
