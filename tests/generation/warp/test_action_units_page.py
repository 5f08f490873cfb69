"""docs/action_units.md tells what the renderer does now."""

import csv
import re
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from benchmarks.units import LEAST_SLOPE
from docs.make_action_units import MEASURED, MOVES, PAGE, PICTURES, fingerprint, shown_of
from equime_builder.facs import AU_NAMES, AUS
from equime_generation.renderers.warp.units import UNITS

if TYPE_CHECKING:
    from equime_generation.faces import Face

TEXT = PAGE.read_text(encoding="utf-8")
REMEDY = "run python -m docs.make_action_units"


def test_the_page_was_made_from_these_tables() -> None:
    assert fingerprint() in TEXT, REMEDY


@pytest.mark.parametrize("au", UNITS)
def test_the_page_holds_todays_reach(reaches: dict[int, np.ndarray], au: int) -> None:
    found = re.search(rf"^\| {au} \| {AU_NAMES[au]} \| ([0-9.]+) \|", TEXT, re.MULTILINE)
    assert found is not None
    assert float(found[1]) == pytest.approx(reaches[au].mean(), abs=0.0006), REMEDY


@pytest.mark.parametrize("au", AUS)
def test_every_unit_has_its_section_and_picture(au: int) -> None:
    assert f"### AU{au}, {AU_NAMES[au]}\n\n{MOVES[au]}" in TEXT
    picture = PICTURES / f"au{au:02d}.jpg"
    assert f"(action_units/{picture.name})" in TEXT
    image = cv2.imread(str(picture))
    assert image is not None
    assert image.shape[1] == 5 * 250
    assert picture.stat().st_size < 400_000


def test_pictures_stay_small() -> None:
    assert sum(path.stat().st_size for path in PICTURES.iterdir()) <= 2_500_000


def test_the_people_shown_are_women_and_men_of_light_and_dark_skin(default_faces: tuple["Face", ...]) -> None:
    shown = shown_of(list(default_faces))
    assert [face.subject.demographics.gender for face in shown] == ["female", "female", "male", "male"]
    for light, dark in (shown[:2], shown[2:]):
        assert light.subject.demographics.skin_tone in ("II", "III")
        assert dark.subject.demographics.skin_tone in ("IV", "V")


def test_the_table_of_clips_holds_every_unit_and_none_moves_the_wrong_way() -> None:
    with MEASURED.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {(int(row["au"]), row["level"]) for row in rows} == {(au, level) for au in UNITS for level in "BC"}
    for row in rows:
        assert float(row["slope"]) >= LEAST_SLOPE
        assert abs(int(row["apex_error"])) <= 1
    for au in UNITS:
        assert np.median([float(row["correlation"]) for row in rows if int(row["au"]) == au]) >= 0.85
