"""examples/train_classifier.py: emotions are told by motion alone, on people that it never saw."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.moving import bump, picture, render

torch = pytest.importorskip("torch", reason="install equime[train]")

from train_classifier import CELLS, HeldOut, Motion, fit, main, mirrored  # noqa: E402


def test_people_it_never_saw_are_named_rightly(moving: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = main(["--data", str(moving)])
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == "18 clips: fear, anger, neutral"
    assert [line.split(": ")[1] for line in printed[1:4]] == ["6 of 6 right"] * 3
    assert printed[4] == (
        "18 of 18 clips of unseen people named rightly: 1.00 (95 % interval 0.82-1.00, guessing 0.33): "
        "better than guessing"
    )
    assert result.beats_guessing


def test_the_flow_of_a_known_motion() -> None:
    size_px = 256
    field = bump(size_px, (100, 100), (0.3, -0.1), 30)
    frames = render(picture(size_px), field, np.array([0.0, 1, 1, 1, 0]))
    motion = Motion()(torch.from_numpy(frames).permute(0, 3, 1, 2)[None])
    assert motion.shape == (1, 2, CELLS, CELLS)
    around = slice(11, 14)  # cells of 8 px about pixel 100
    true = field[88:112, 88:112].mean((0, 1))
    assert motion[0, :, around, around].mean((1, 2)).tolist() == pytest.approx(true.tolist(), abs=0.04)
    assert motion[0, :, -4:, -4:].abs().max() < 0.05
    mirror = Motion()(torch.from_numpy(frames[:, :, ::-1].copy()).permute(0, 3, 1, 2)[None])
    assert torch.allclose(mirrored(motion), mirror, atol=0.02)


def test_labels_that_say_nothing_are_not_learnt() -> None:
    draws = torch.Generator().manual_seed(0)
    motion = torch.randn(120, 2, CELLS, CELLS, generator=draws)
    labels = torch.arange(120) % 3
    model = fit(motion[:60], labels[:60], 3)
    right = int((model(motion[60:]).argmax(1) == labels[60:]).sum())
    assert not HeldOut(right=right, clips=60, classes=3).beats_guessing


def test_the_interval_is_wilsons() -> None:
    from scipy.stats import binomtest

    for right, clips in ((0, 5), (3, 7), (47, 60), (60, 60)):
        found = binomtest(right, clips).proportion_ci(method="wilson")
        assert HeldOut(right=right, clips=clips, classes=6).interval == pytest.approx((found.low, found.high), abs=1e-4)
