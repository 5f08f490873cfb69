from dataclasses import replace

import pytest

from equime_builder.groups import group_of, missing_groups, tone_band, tone_conflicts
from tests.samples import person


def test_groups_are_gender_and_tone() -> None:
    assert group_of(person(1, gender="male", skin_tone="VI")) == ("male", "dark")
    assert group_of(person(2, gender=None, skin_tone="II")) == ("unknown", "light")


@pytest.mark.parametrize(("angle", "band"), [(55.0, "light"), (41.0, "medium"), (10.0, "dark"), (-60.0, "dark")])
def test_the_measured_angle_serves_where_nobody_declared(angle: float, band: str) -> None:
    assert tone_band(replace(person(1, skin_tone=None), skin_ita=angle)) == band


def test_what_cannot_be_balanced_is_named() -> None:
    crowd = [person(1, gender="female", skin_tone="I"), person(2, gender="male", skin_tone="V")]
    assert missing_groups(crowd) == [("female", "dark"), ("male", "light")]


@pytest.mark.parametrize(
    ("declared", "angle", "measured"),
    [
        ("V", 38.0, "III"),
        ("I", 41.0, "III"),
        ("VI", -29.0, None),
        ("II", 31.0, None),
        ("II", 20.0, "IV"),
        (None, 60.0, None),
    ],
)
def test_declared_and_measured_tones_two_types_apart_are_named(
    declared: str | None, angle: float, measured: str | None
) -> None:
    subject = replace(person(1, skin_tone=declared), skin_ita=angle)
    assert tone_conflicts([subject]) == ([] if measured is None else [(subject.id, declared, measured)])


def test_nothing_is_compared_where_nothing_was_measured() -> None:
    assert tone_conflicts([replace(person(1, skin_tone="V"), skin_ita=None)]) == []
