import csv
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="install equime[train]")

from equime_builder.errors import UsageError
from equime_evaluation.baselines import Request, Results, Setup, run_baseline
from equime_evaluation.baselines.limits import NOT_MADE_FOR
from equime_evaluation.baselines.page import page, write_page
from equime_evaluation.recordings import SOURCES, Listing, Recording
from tests.browser import NARROW, WIDE, chromium_or_skip, complaints, look, violations
from tests.evaluation.baselines.material import recording, recordings

SETUP = Setup(size_px=32, frames=4, crop="whole", epochs=6, learning_rate=1e-2, batch_size=6, shift_px=1)


@pytest.fixture(autouse=True)
def sources(monkeypatch: pytest.MonkeyPatch) -> None:
    def listed(clips: Sequence[Recording]) -> Listing:
        return Listing(recordings=tuple(clips), mended={clips[0].id: "the apex was missing"})

    others = [replace(clip, dataset="other", programme=None) for clip in recordings(2, 1)]
    unlabelled = [recording(0, "happiness", labelled=False), recording(1, "surprise", labelled=False)]
    monkeypatch.setitem(SOURCES, "made", lambda _: listed(recordings(5, 2)))
    monkeypatch.setitem(SOURCES, "other", lambda _: listed(others))
    monkeypatch.setitem(SOURCES, "videos", lambda _: listed([replace(clip, dataset="videos") for clip in unlabelled]))


def request(tmp_path: Path, **changes: object) -> Request:
    settings: dict[str, object] = {"setup": SETUP, "data": (f"made:{tmp_path}",), "cache": tmp_path / "cache"}
    return Request(**{"out": tmp_path / "out", **settings, **changes})  # type: ignore[arg-type]


def run(asked: Request) -> Results:
    return run_baseline(asked, locate=None, tell=lambda *_: None)


def test_folds_test_each_person_once_and_are_written_down(tmp_path: Path) -> None:
    results = run(request(tmp_path))
    (test,) = results.tests
    assert (test.dataset, test.clips, test.people, test.mended) == ("made", 30, 5, 1)
    assert test.recognition is not None
    assert test.recognition.uf1 is not None
    assert test.recognition.uf1 > 0.8
    assert test.chance is not None
    assert test.chance.high < test.recognition.uf1
    assert [(fold.train_people, fold.test_people, fold.train_clips) for fold in results.folds] == [(4, 1, 24)] * 5
    lines = (tmp_path / "out/predictions.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "clip,dataset,person,fold,true,said,p_negative,p_positive,p_surprise"
    assert len({line.split(",")[0] for line in lines[1:]}) == 30
    for line in lines[1:]:
        clip, _, _, fold, true, *_ = line.split(",")
        assert fold == f"fold {int(clip.split('/')[1][1:]) % 5}"
        assert true == {"anger": "negative", "happiness": "positive"}.get(clip.split("/")[2].split("-")[0], "surprise")
    stored = json.loads((tmp_path / "out/results.json").read_text(encoding="utf-8"))
    assert stored == json.loads(json.dumps(results.as_json()))
    assert stored["not_made_for"] == list(NOT_MADE_FOR)
    assert str(tmp_path) not in json.dumps(stored)


@pytest.mark.parametrize("control", ["permuted-labels", "neutral-frames"])
def test_controls_come_out_at_chance(tmp_path: Path, control: str) -> None:
    (test,) = run(request(tmp_path, control=control)).tests
    assert test.recognition is not None
    assert test.recognition.uf1 is not None
    assert test.chance is not None
    assert test.chance.low <= test.recognition.uf1 <= test.chance.high


def test_other_sources_are_tested_with_all_people_trained_on(tmp_path: Path) -> None:
    asked = request(tmp_path, tests=(f"other:{tmp_path}", f"videos:{tmp_path}"))
    results = run(asked)
    (fold,) = results.folds
    assert (results.protocol, fold.train_people, fold.train_clips) == ("all", 5, 30)
    other, videos = results.tests
    assert other.recognition is not None
    assert other.recognition.clips == 6
    assert videos.recognition is None
    assert videos.chance is None
    assert videos.said == {"positive": 1, "surprise": 1}
    # tests change no weight: another one needs no training, and another training needs another folder
    curve = run(replace(asked, tests=(f"other:{tmp_path}",))).folds[0].curve
    assert curve == fold.curve
    with pytest.raises(UsageError, match=r"another training \(its setup differs\)"):
        run(replace(asked, setup=replace(SETUP, seed=1)))


def test_neither_person_nor_programme_was_trained_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from equime_evaluation.baselines import training

    seen: list[tuple[str, set[str], set[str]]] = []
    real = training.train_fold

    def watched(material: training.Material, *rest: Any) -> training.Trained:
        clips = [material.inputs.ids[place] for place in material.train]
        seen.append((material.name, {clip.split("/")[1] for clip in clips}, {clip.split("/")[2] for clip in clips}))
        return real(material, *rest)

    monkeypatch.setattr(training, "train_fold", watched)
    results = run(request(tmp_path, protocol="folds-and-programmes", setup=replace(SETUP, epochs=1)))
    trained = {name: (people, programmes) for name, people, programmes in seen}
    assert len(results.folds) == len(trained) == 10
    lines = (tmp_path / "out/predictions.csv").read_text(encoding="utf-8").splitlines()[1:]
    rows = list(csv.reader(lines))
    assert len({row[0] for row in rows}) == 30
    for clip, _, _, fold, *_ in rows:
        people, programmes = trained[fold]
        assert clip.split("/")[1] not in people
        assert clip.split("/")[2] not in programmes
    with pytest.raises(UsageError, match="other has none"):
        run(request(tmp_path, out=tmp_path / "x", data=(f"other:{tmp_path}",), protocol="folds-and-programmes"))


def test_several_sets_are_pooled_and_scored_apart_too(tmp_path: Path) -> None:
    asked = request(tmp_path, data=(f"made:{tmp_path}", f"other:{tmp_path}"), protocol="loso")
    results = run(replace(asked, setup=replace(SETUP, epochs=1)))
    assert results.trained_on == "made+other"
    # subject p0 of one set is not subject p0 of the other
    assert [(fold.train_people, fold.test_people) for fold in results.folds] == [(6, 1)] * 7
    assert [(test.dataset, test.clips, test.people) for test in results.tests] == [
        ("made+other", 36, 7),
        ("made", 30, 5),
        ("other", 6, 2),
    ]
    together, *apart = (test.recognition for test in results.tests)
    assert together is not None
    cells = [np.array(scored.confusion) for scored in apart if scored is not None]
    np.testing.assert_array_equal(sum(cells), np.array(together.confusion))


def test_one_group_can_be_left_out(tmp_path: Path) -> None:
    results = run(request(tmp_path, protocol="leave-one-group-out:gender", setup=replace(SETUP, epochs=1)))
    assert [(fold.name, fold.train_people, fold.test_people) for fold in results.folds] == [
        ("without female", 2, 3),
        ("without male", 3, 2),
    ]
    (report,) = results.tests[0].groups
    assert [(group.group, group.people) for group in report.groups] == [("female", 3), ("male", 2)]


def test_validation_people_are_neither_trained_on_nor_tested(tmp_path: Path) -> None:
    setup = replace(SETUP, epochs=1, validation_people=1)
    results = run(request(tmp_path, protocol="splits", setup=setup))
    (fold,) = results.folds
    assert (fold.train_people, fold.validation_people, fold.test_people) == (3, 1, 1)
    assert fold.curve[0].validation_loss is not None


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"data": ("videos:{}",)}, "no labels to train on"),
        ({"data": ()}, "nothing to train on"),
        ({"data": ("made:{}", "made:{}")}, "is trained on once"),
        ({"tests": ("made:{}",)}, "would be trained on and tested"),
        ({"tests": ("other:{}", "other:{}")}, "is tested on once"),
        ({"data": ("nothing:{}",)}, "source of clips 'nothing' is unknown"),
        ({"data": ("made:{}/none",)}, "is no folder"),
        ({"data": ("made",)}, "write: made:DIR"),
        ({"protocol": "random"}, "protocol 'random' is unknown; choose from: folds, folds-and"),
        ({"protocol": "leave-one-group-out:height"}, "choose from: gender"),
        ({"control": "x"}, "control 'x' is unknown"),
    ],
)
def test_what_cannot_be_done_is_said(tmp_path: Path, changes: dict[str, str | tuple[str, ...]], complaint: str) -> None:
    placed: dict[str, object] = {
        name: value.format(tmp_path) if isinstance(value, str) else tuple(part.format(tmp_path) for part in value)
        for name, value in changes.items()
    }
    with pytest.raises(UsageError, match=complaint):
        run(request(tmp_path, **placed))


def test_a_folder_with_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/thesis.txt").write_text("years of work")
    with pytest.raises(UsageError, match="no training"):
        run(request(tmp_path))


def test_the_page_shows_every_figure_and_loads_nothing(tmp_path: Path) -> None:
    setup = replace(SETUP, epochs=2, validation_people=1)
    shown = page(run(request(tmp_path, setup=setup, control="permuted-labels")))
    assert shown.startswith("<!doctype html>")
    assert "this must come out at chance" in shown
    assert all(line.partition(":")[0] in shown for line in NOT_MADE_FOR)
    assert "trained on made to tell negative, positive, surprise; protocol: folds." in shown
    assert all((tmp_path / "out" / name).is_file() for name in re.findall('href="(.+?)"', shown))
    assert shown.count("<polyline") == 2 * 5 * 2  # loss and UF1, five folds, trained on and validated
    for outside in ("http://", "https://", "<script", "src=", "url("):
        assert outside not in shown


def test_axe_finds_nothing_serious_on_the_page(tmp_path: Path) -> None:
    shown = write_page(tmp_path, run(request(tmp_path, tests=(f"other:{tmp_path}",))))
    with chromium_or_skip() as browser:
        look(browser, shown, size=WIDE, scheme="light")
        assert violations(browser) == []
        look(browser, shown, size=NARROW, scheme="dark")
        assert violations(browser) == []
        assert complaints(browser) == []
