"""True clips pass; each kind of wrong clip is dropped for its own reason."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from equime_builder.facs import SIDES
from equime_builder.records import FPS, FRAMES, SIZE_PX, SPOTTING, Event, Measured, Media, Nuisance, Plan, PlannedAU
from equime_evaluation.motion import FoundEvents, Movement, measure
from equime_generation.encode import encode
from equime_generation.screen import RULES, screen, screen_events
from tests.moving import Field, bump, course, picture, render

SIZE = 192
ONSET, APEX, OFFSET = EVENT = (26, 31, 37)


def plan(*, shift: int = 0) -> Plan:
    onset, apex, offset = (frame + shift for frame in EVENT)
    curve = tuple(float(value) for value in 0.3 * course(60, EVENT)[ONSET : OFFSET + 1])
    unit = PlannedAU(
        au=12, side="left", intensity=0.3, onset_frame=onset, apex_frame=apex, offset_frame=offset, curve=curve
    )
    return Plan(
        clip_id="t001-happiness-000",
        plan_id="happiness-000",
        subject_id="t001",
        emotion="happiness",
        aus=(unit,),
        onset_frame=onset,
        apex_frame=apex,
        offset_frame=offset,
        nuisance=Nuisance(key="t", sway_px=0.6, noise_sigma=1.2),
        prompt="",
        negative_prompt="",
        caption="",
        seed=1,
    )


def negative() -> Plan:
    return replace(plan(), emotion="neutral", aus=(), onset_frame=None, apex_frame=None, offset_frame=None)


MEDIA = Media(
    data=b"x",
    num_frames=FRAMES,
    fps=float(FPS),
    width=SIZE_PX,
    height=SIZE_PX,
    codec="h264",
    encoder_profile="default",
)
GOOD = Measured(
    onset_frame=ONSET,
    apex_frame=APEX,
    offset_frame=OFFSET,
    motion_px=4.0,
    motion_iod=0.03,
    correlation=0.98,
    slope=0.97,
    peaks=1,
    outside_px=0.2,
    measured_by="test",
)
STILL = replace(
    GOOD, onset_frame=None, apex_frame=None, offset_frame=None, motion_px=0.1, correlation=None, slope=None, peaks=0
)


def reasons(plan: Plan, measured: Measured, media: Media = MEDIA, jacobian: float = 0.9) -> list[str]:
    return [reject.reason for reject in screen(plan, media, measured, smallest_jacobian=jacobian)]


@cache
def lips() -> Field:
    return bump(SIZE, (75, 115), (-2.0, -2.4), 15) + bump(SIZE, (121, 115), (2.0, -2.4), 15)


@cache
def press() -> Field:
    """Another unit of the same place: the corners go down and together."""
    return bump(SIZE, (75, 119), (2.4, 0.8), 15) + bump(SIZE, (121, 119), (-2.4, 0.8), 15)


def found_in(amplitudes: tuple[tuple[int, int, int], ...], moved: Field, sign: float = 1.0) -> Measured:
    frames = render(picture(SIZE), moved, sign * course(60, *amplitudes), sway_px=0.6, noise_sigma=1.2)
    return measure(encode(frames).data, lips()[None], interocular_px=44.0, negative=False)


@cache
def true_clip() -> Measured:
    return found_in((EVENT,), lips())


def test_true_clip_passes() -> None:
    assert reasons(plan(), true_clip()) == []


def test_static_clip_fails() -> None:
    assert reasons(plan(), found_in((), lips())) == ["no_peak"]


def test_reversed_motion_fails() -> None:
    assert {"wrong_motion", "wrong_slope"} <= set(reasons(plan(), found_in((EVENT,), lips(), sign=-1.0)))


def test_motion_of_another_unit_fails() -> None:
    assert "wrong_motion" in reasons(plan(), found_in((EVENT,), press()))


def test_two_events_fail() -> None:
    assert "several_peaks" in reasons(plan(), found_in(((8, 12, 17), EVENT), lips()))


@pytest.mark.parametrize("shift", [-3, 3])
def test_event_at_another_time_fails(shift: int) -> None:
    assert reasons(plan(shift=shift), true_clip()) == ["wrong_apex"]


@pytest.mark.parametrize("shift", [-1, 0, 1])
def test_event_within_one_frame_passes(shift: int) -> None:
    assert reasons(plan(shift=shift), true_clip()) == []


def test_negatives() -> None:
    assert reasons(negative(), STILL) == []
    assert reasons(negative(), replace(GOOD, correlation=None, slope=None)) == ["peak_on_neutral"]


def test_a_planned_blink_is_no_expression() -> None:
    lids = tuple(replace(plan().aus[0], au=43, side=side) for side in SIDES)
    blink = replace(negative(), blinks=lids)
    seen = replace(GOOD, correlation=None, slope=None, outside_px=2.0)
    assert reasons(blink, seen) == []
    assert reasons(blink, replace(seen, peaks=2)) == ["peak_on_neutral"]
    assert reasons(blink, replace(seen, apex_frame=OFFSET + 3)) == ["peak_on_neutral"]


def test_each_of_several_events_must_pass_and_nothing_else_may_move() -> None:
    event = Event(emotion="happiness", onset_frame=ONSET, apex_frame=APEX, offset_frame=OFFSET)
    lids = tuple(replace(plan(shift=40).aus[0], au=43, side=side, curve=plan().aus[0].curve) for side in SIDES)
    several = replace(plan(), emotion=SPOTTING, events=(event,), blinks=lids)
    blink, stray = (Movement(onset_frame=at - 3, apex_frame=at, offset_frame=at + 3) for at in (APEX + 40, 100))

    def verdict(measured: Measured, *others: Movement) -> list[tuple[str, str | None]]:
        found = FoundEvents(events=(measured,), others=others)
        faults = screen_events(several, MEDIA, found, smallest_jacobian=0.9)
        return [(fault.reason, fault.emotion) for fault in faults]

    assert verdict(GOOD) == []
    assert verdict(GOOD, blink) == []
    assert verdict(GOOD, stray) == [("stray_movement", SPOTTING)]
    assert verdict(STILL)[0] == ("no_peak", SPOTTING)
    assert verdict(replace(GOOD, apex_frame=APEX + 3), stray) == [
        ("wrong_apex", SPOTTING),
        ("stray_movement", SPOTTING),
    ]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"motion_px": 0.4}, "weak_motion"),
        ({"correlation": 0.75}, "wrong_motion"),
        ({"slope": 0.5}, "wrong_slope"),
        ({"slope": 1.4}, "wrong_slope"),
        ({"outside_px": 0.9}, "outside_motion"),
        ({"peaks": 2}, "several_peaks"),
    ],
)
def test_each_limit_of_the_measurement(changed: dict[str, float], reason: str) -> None:
    assert reasons(plan(), replace(GOOD, **changed)) == [reason]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [({"num_frames": 143}, "frames"), ({"fps": 25.0}, "fps"), ({"width": 256}, "size"), ({"height": 256}, "size")],
)
def test_each_limit_of_the_container(changed: dict[str, float], reason: str) -> None:
    assert reasons(plan(), GOOD, media=replace(MEDIA, **changed)) == [reason]  # type: ignore[arg-type]


def test_folded_skin_fails() -> None:
    assert reasons(plan(), GOOD, jacobian=0.29) == ["folded"]


def test_what_was_not_measured_breaks_no_rule() -> None:
    assert reasons(plan(), replace(GOOD, motion_px=None, correlation=None, slope=None, outside_px=None)) == []


def test_detail_says_rule_value_and_limits() -> None:
    (reject,) = screen(plan(), MEDIA, replace(GOOD, correlation=0.31), smallest_jacobian=1.0)
    assert reject.detail == (
        "wrong_motion: correlation of measured and planned motion is 0.31; the limits are 0.8 to inf"
    )
    assert (reject.kind, reject.id, reject.emotion, reject.attempt) == ("clip", "t001-happiness-000", "happiness", 0)


def test_every_rule_is_named() -> None:
    assert all(rule.reason and rule.text and rule.least <= rule.most for rule in RULES)
    assert np.unique([rule.text for rule in RULES if rule.reason == "size"]).size == 2
