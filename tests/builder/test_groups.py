from dataclasses import replace

import pytest

from equime_builder.groups import group_of, missing_groups, tone_band
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
