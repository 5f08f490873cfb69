"""examples/train_vlm.py: a chat model's loss falls, on unseen people too, and the model can be loaded again."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="install equime[train]")
pytest.importorskip("transformers", reason="install equime[train]")


def check_falling(losses: list[float], held_out: list[float]) -> None:
    """Check the six losses of thirty steps; guessing among 407 tokens costs 6.0."""
    assert len(losses) == 6
    assert max(losses) == losses[0]
    assert losses[-1] < 0.6 * losses[0]
    assert held_out[0] == pytest.approx(6.0, abs=0.2)
    assert held_out[1] < 0.6 * held_out[0]


def test_from_a_folder(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from train_vlm import main
    from transformers import Qwen2_5_VLForConditionalGeneration, Qwen2_5_VLProcessor

    course = main(["--out", str(tmp_path / "trained")])
    check_falling(list(course.losses), list(course.held_out))
    printed = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in printed[:6]] == [f"step {5 * step:3}" for step in range(1, 7)]
    assert re.fullmatch(r"on people that it did not learn from: loss 6\.\d\d before, \d\.\d\d after", printed[6])
    assert printed[7].startswith("anger-t003-00: What is the coarse expression class? '")
    Qwen2_5_VLProcessor.from_pretrained(tmp_path / "trained")
    Qwen2_5_VLForConditionalGeneration.from_pretrained(tmp_path / "trained")
