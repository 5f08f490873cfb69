"""Clips made by hand: true, measured, judged, and enough in their rows to know their motion again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("mediapipe", reason="install equime[render]")

from equime_builder.decode import decode_frames
from equime_builder.errors import PhotoError
from equime_builder.tars import sample_of
from equime_generation.app.refusals import REMEDIES
from equime_generation.app.result import result_of
from equime_generation.app.wishes import Strengths, Wish, plan_of
from equime_generation.app.workbench import Made, Workbench
from equime_generation.gate.rules import REASONS
from equime_generation.truth import truth_of

PERSON = "openpeople-p002"


@pytest.fixture(scope="module")
def bench() -> Iterator[Workbench]:
    opened = Workbench()
    yield opened
    opened.close()


def made(bench: Workbench, strength: float) -> Made:
    strengths: Strengths = {(12, "left"): strength, (12, "right"): strength}
    wish = Wish(emotion="happiness", strengths=strengths, onset_frame=70, rise_frames=4, release_frames=5)
    face = bench.person(PERSON)
    return bench.make(face, plan_of(wish, PERSON), lambda share, what: None)


@pytest.fixture(scope="module")
def smile(bench: Workbench) -> Made:
    return made(bench, 0.3)


def test_a_clip_shows_what_was_asked_for_when_it_was_asked_for(smile: Made) -> None:
    measured = smile.row["measured"]
    assert smile.faults == ()
    assert (measured["peaks"], smile.row["apex_frame"]) == (1, 74)
    assert abs(measured["apex_frame"] - 74) <= 1
    assert measured["slope"] == pytest.approx(1, abs=0.15)
    assert decode_frames(smile.row["video"]["bytes"]).shape == (144, 512, 512, 3)


def test_the_downloaded_row_is_enough_to_know_the_motion_again(smile: Made) -> None:
    row = json.loads(sample_of(smile.row)["json"])
    assert row["emotion"] == "happiness"
    again = truth_of(row, faces="openpeople").field(74)
    assert smile.field is not None
    np.testing.assert_allclose(again, smile.field, atol=1e-4)


def test_a_movement_that_nobody_sees_is_shown_with_the_reason_why_a_run_drops_it(bench: Workbench) -> None:
    faint = made(bench, 0.01)
    assert {fault.reason for fault in faint.faults} & {"no_peak", "weak_motion"}
    page = result_of(faint)
    assert faint.faults[0].detail in page
    assert "a dataset drops it" in page


def test_the_page_holds_the_clip_itself(smile: Made) -> None:
    page = result_of(smile)
    assert re.search(
        r'<a href="data:video/mp4;base64,[^"]+" download="openpeople-p002-happiness-[0-9a-f]{10}.mp4"', page
    )
    assert "a dataset keeps it" in page
    assert 'src="http' not in page


def test_the_apex_is_painted_as_the_clip_shows_it(bench: Workbench, smile: Made) -> None:
    face = bench.person(PERSON)
    wish = Wish(
        emotion="happiness",
        strengths={(12, "left"): 0.3, (12, "right"): 0.3},
        onset_frame=70,
        rise_frames=4,
        release_frames=5,
    )
    apex, rest = bench.apex(face, plan_of(wish, PERSON)).astype(float), face.image.astype(float)
    shown = decode_frames(smile.row["video"]["bytes"], [74])[0].astype(float)
    mouth = np.s_[300:420, 150:360]
    moved, found = (apex - rest)[mouth].ravel(), (shown - rest)[mouth].ravel()
    assert np.corrcoef(moved, found)[0, 1] > 0.8  # light, noise and sway of the clip are the rest


def test_every_reason_of_the_gate_has_plain_words() -> None:
    assert set(REMEDIES) == {*REASONS, "unreadable", "no_face"}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"Dear app, this is a letter.", "This file cannot be read as a photo."),
        (b"", "This file cannot be read as a photo."),
        (b"\xff\xd8\xff\xe0 no photo at all", "This file cannot be read as a photo."),
    ],
)
def test_files_that_are_no_photos_are_refused_in_plain_words(bench: Workbench, data: bytes, words: str) -> None:
    with pytest.raises(PhotoError, match=words):
        bench.face_of(data)


def test_a_photo_of_a_wall_is_refused_in_plain_words(bench: Workbench, tmp_path: Path) -> None:
    from PIL import Image

    Image.new("RGB", (640, 640), (120, 130, 140)).save(tmp_path / "wall.png")
    with pytest.raises(PhotoError, match=r"No face was found\. Take a photo from the front"):
        bench.face_of((tmp_path / "wall.png").read_bytes())
