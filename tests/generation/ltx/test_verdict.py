"""Movements before and after a model, summed up by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from equime_builder.records import Measured
from equime_generation.cli.ltx import _show
from equime_generation.renderers.ltx.survival import Reading, Survival
from equime_generation.renderers.ltx.verdict import COLUMNS, Verdict, by, length_of, summed_up

_MEASURED = Measured(
    onset_frame=60, apex_frame=63, offset_frame=67, motion_px=2.0, motion_iod=0.02, correlation=0.9, slope=1.0,
    peaks=1, outside_px=0.1, measured_by="by hand",
)  # fmt: skip
_NOTHING = replace(
    _MEASURED,
    onset_frame=None,
    apex_frame=None,
    offset_frame=None,
    motion_px=None,
    correlation=None,
    slope=None,
    peaks=0,
)


def movement(slope: float | None, *, level: str = "B", au: int = 12, frames: int = 8, apex: int = 63) -> Survival:
    after = _NOTHING if slope is None else replace(_MEASURED, slope=slope, apex_frame=apex)
    passes = slope is not None and slope >= 0.6
    return Survival(
        clip_id="c",
        au=au,
        level=level,
        frames=frames,
        apex_frame=63,
        before=Reading(measured=replace(_MEASURED, slope=0.8), reason=None),
        after=Reading(measured=after, reason=None if passes else "wrong_slope" if slope else "no_peak"),
    )


def test_survival_is_the_ratio_of_the_slopes() -> None:
    assert movement(0.6).survival == pytest.approx(0.75)
    assert movement(None).survival is None
    assert movement(0.6, apex=61).apex_error == -2
    assert movement(None).apex_error is None


def test_medians_are_over_what_was_found() -> None:
    unsound = replace(movement(0.1), before=Reading(measured=_MEASURED, reason="weak_motion"))
    found = summed_up([movement(0.8), movement(0.4, apex=66), movement(0.6), movement(None), unsound])
    assert (found.clips, found.found, found.passed, found.share) == (4, 3, 2, 0.5)
    assert found.survival == pytest.approx(0.75)
    assert (found.correlation, found.apex_error) == (0.9, 3)
    assert found.cells() == ("2 of 4", "0.75", "0.90", "3")


def test_nothing_found_is_not_zero() -> None:
    found = summed_up([movement(None)])
    assert (found.survival, found.correlation, found.apex_error) == (None, None, None)
    assert found.cells() == ("0 of 1", "-", "-", "-")
    assert summed_up([]).share is None


def test_groups_and_lengths() -> None:
    movements = [movement(0.8, level="A", frames=6), movement(None, level="C", frames=14), movement(0.7, level="A")]
    assert {level: summary.clips for level, summary in by(movements, lambda one: one.level).items()} == {"A": 2, "C": 1}
    assert [length_of(one) for one in movements] == ["01-06", "10-12", "07-09"]
    names = [name for name, _ in Verdict(route="vae", movements=tuple(movements)).groups()]
    assert names == ["level A", "level C", "01-06 frames", "07-09 frames", "10-12 frames", "AU12", "all"]


@pytest.mark.parametrize(
    ("slopes", "route", "sentence"),
    [
        ([0.8] * 4 + [None], "vae", "vae: 4 of 5 movements pass the screen; the motion survives"),
        (
            [0.8, None],
            "vae",
            "vae: 1 of 2 movements pass the screen, fewer than 80%; no level would do: no conditioning",
        ),
        ([None], "guide", "raise --guide-strength, use another checkpoint, or --renderer warp"),
        ([], "text", "text: no movement could be measured before the model; try other photos"),
    ],
)
def test_the_verdict_says_what_to_do(slopes: list[float | None], route: str, sentence: str) -> None:
    verdict = Verdict(route=route, movements=tuple(movement(slope) for slope in slopes))
    assert sentence in verdict.sentence()
    assert verdict.survives == ("survives" in sentence)
    assert verdict.as_json()["verdict"] == verdict.sentence()


def test_the_table_has_a_line_a_group(capsys: pytest.CaptureFixture[str]) -> None:
    _show(Verdict(route="guide", movements=(movement(0.8), movement(None, au=4))))
    out = capsys.readouterr().out
    assert "guide: what is left of the movements" in out
    assert all(heading in out for heading in COLUMNS)
    assert [line.split()[0] for line in out.splitlines() if line][2:] == ["level", "07-09", "AU4", "AU12", "all"]
