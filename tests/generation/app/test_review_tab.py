"""What the tab Review answers to each press, without a browser."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from equime_evaluation.reviews import read_reviews

pytest.importorskip("gradio", reason="install equime[app]")

from equime_generation.app.review import Desk, _answer, _saying, _undone
from equime_generation.app.sitting import Sitting

NOTHING_SAID: tuple[Any, ...] = ("", [], False, None, None, None, "")


@pytest.fixture
def folder(tiny_dataset: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_dataset, tmp_path / "equime"))


def begun(folder: Path, *, blind: bool, count: int = 2) -> Desk:
    desk = Desk.of(Sitting.begin(folder, "heron", count=count, seed=0, blind=blind))
    assert desk.clip is not None
    return desk


def test_a_correction_is_kept_and_the_last_clip_ends_the_sample(folder: Path) -> None:
    desk = begun(folder, blind=False)
    shown = _answer(None, lambda: desk.sitting)
    assert "Planned" in shown[6]
    after = _saying("correct")(desk, "anger", [4, 5], False, 60, 62, 66, "lids")
    (review,) = read_reviews(folder)
    assert (review.emotion, review.aus, review.apex_frame, review.note, review.was_blind) == (
        "anger",
        ((4, "left"), (4, "right")),
        62,
        "lids",
        False,
    )
    assert "1 of 2 clips" in after[1]
    assert tuple(after[-7:]) == NOTHING_SAID
    ended = _saying("accept")(after[0], *NOTHING_SAID)
    assert "the sample is done" in ended[1]
    assert ended[0].clip is None
    beyond = _saying("accept")(ended[0], *NOTHING_SAID)
    assert "no clip is in front of you" in beyond[1]
    assert len(read_reviews(folder)) == 2
    again = _undone(ended[0])
    assert again[0].clip == after[0].clip
    assert len({len(answer) for answer in (shown, after, ended, beyond, again)}) == 1


def test_what_contradicts_itself_changes_nothing_and_says_so(folder: Path) -> None:
    desk = begun(folder, blind=False)
    complained = _saying("accept")(desk, "anger", [], False, None, None, None, "")
    assert complained[0] == desk
    assert "accepts its plan" in complained[1]
    assert "accepts its plan" in complained[2]
    assert read_reviews(folder) == []


def test_blind_shows_no_plan_and_nothing_to_correct(folder: Path) -> None:
    desk = begun(folder, blind=True)
    shown = _answer(None, lambda: desk.sitting)
    assert shown[7].visible is False
    assert "hidden" in shown[6]
    assert desk.clip is not None
    told = "".join(str(part) for part in shown[1:3] + shown[6:])
    assert desk.clip.emotion not in told
    assert desk.clip.clip_id not in told
