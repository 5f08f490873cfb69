import json
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="install equime[train]")

from equime_builder.reading import read_rows
from equime_evaluation.baselines.checkpoint import load_weights, save_weights
from equime_generation.cli import main

SETUP = """
model = "ststnet"
classes = "5class"
size_px = 16
frames = 0
crop = "whole"
epochs = 2
batch_size = 4
"""


def run(*words: object) -> int:
    with pytest.raises(SystemExit) as left:
        main([str(word) for word in words])
    return left.value.code if isinstance(left.value.code, int) else 0


@pytest.fixture
def setup(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.toml"
    path.write_text(SETUP, encoding="utf-8")
    return path


def test_train_then_classify(
    tiny_dataset: Path, setup: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, cache = tmp_path / "out", tmp_path / "cache"
    words = ("train", "--setup", setup, "--data", f"equime:{tiny_dataset}", "--out", out, "--cache", cache)
    assert run(*words, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert Path(found["page"]).read_text(encoding="utf-8").startswith("<!doctype html>")
    (test,) = found["tests"]
    assert (test["clips"], test["people"], test["left_out"]) == (12, 3, {})
    assert sum(fold["test_people"] for fold in found["folds"]) == 3
    assert run(*words) == 0  # nothing is trained again
    shown = capsys.readouterr().out
    assert "12 clips of 3 people who were not trained on" in shown
    assert "skin tone band" in shown
    assert "not made to tell what anybody feels" in shown

    clips = tmp_path / "clips"
    clips.mkdir()
    shard = next((tiny_dataset / "data").rglob("*.parquet"))
    (clips / "a.mp4").write_bytes(next(read_rows(shard))["video"]["bytes"])
    (clips / "broken.mp4").write_bytes(b"no video")
    weights = out / "fold-0" / "weights.safetensors"
    assert run("classify", weights, f"videos:{clips}", "--cache", cache, "--json") == 0
    answers = json.loads(capsys.readouterr().out)
    assert [item["clip"] for item in answers["answers"]] == ["videos/a.mp4"]
    assert sum(answers["answers"][0]["probabilities"].values()) == pytest.approx(1)
    assert list(answers["left_out"]) == ["broken.mp4"]
    assert run("classify", weights, f"videos:{clips}", "--cache", cache) == 0
    shown = capsys.readouterr().out
    assert f"trained on {answers['people']} people of equime" in shown
    assert "not made for decisions about people" in shown


def test_files_that_hold_no_baseline_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import torch

    weights = tmp_path / "weights.safetensors"
    save_weights(weights, {"x": torch.zeros(1)}, {"setup": '{"model": "vgg"}', "trained_on": "equime", "people": "3"})
    assert load_weights(weights)[1]["people"] == "3"
    assert run("classify", weights, f"videos:{tmp_path}") == 1
    assert "is no file of a trained baseline (model 'vgg' is unknown" in capsys.readouterr().err
    weights.write_bytes(b"\x80\x04 a pickle")
    assert run("classify", weights, f"videos:{tmp_path}") == 1
    assert "cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("data", "code", "message"),
    [
        ("mine", 2, "source of clips 'mine' is unknown; write one of: equime:DIR, casme2:DIR"),
        ("equime:nowhere", 1, "nowhere (equime:DIR): there is no such folder; build one with `equime"),
    ],
)
def test_data_that_is_not_there_is_missed_before_a_model_is_loaded(
    data: str,
    code: int,
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EQUIME_FACE_LANDMARKER", "no model")  # which would be said where one was loaded
    assert run("train", "--data", data) == code
    error = capsys.readouterr().err
    assert error.startswith("equime: ")
    assert message in error
    assert list(tmp_path.iterdir()) == []


def test_setups_are_listed_and_unknown_ones_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("train", "--setups") == 0
    assert "published-mobilenet-5class" in capsys.readouterr().out
    assert run("train", "--setup", "vgg", "--out", tmp_path) == 2
    assert "set-up 'vgg' is unknown" in capsys.readouterr().err
