"""`equime evaluate --device cuda`: the values of the processor, within a thousandth."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest

from equime_evaluation.quality import Instruments, evaluate
from tests.evaluation.quality.material import small_model, textured, write_video

pytestmark = pytest.mark.gpu


def test_values_are_those_of_the_processor_within_a_thousandth(gpu: str, tmp_path: Path) -> None:
    pytest.importorskip("piq", reason="install equime[metrics]")
    (tmp_path / "clips").mkdir()
    for number in range(2):
        frames = [textured(96, 128, 10 * number + frame // 2) for frame in range(20)]
        write_video(tmp_path / "clips" / f"{number}.mp4", frames)
    found = [
        evaluate(
            [tmp_path / "clips"],
            Instruments(regression=small_model(), colour=True, device=device),
            out=tmp_path / device,
            workers=1,
        ).clips
        for device in ("cpu", "cuda")
    ]
    for here, there in zip(*map(list, found), strict=True):
        assert asdict(there) == pytest.approx(asdict(here), abs=1e-3)
        assert (there.num_frames, there.brisque_frames, there.equal_pairs) == (20, 20, 10)
