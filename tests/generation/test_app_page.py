"""docs/app.md: its commands are those of the command line, its Python runs, and it says what the app does."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("mediapipe", reason="install equime[render]")

from equime_builder.tars import sample_of
from equime_generation.app.wishes import Wish, plan_of
from equime_generation.app.workbench import Workbench
from equime_generation.timeline import FEWEST_FRAMES, MOST_FRAMES, MOST_ONSET_FRAMES

PAGE = Path(__file__).resolve().parents[2] / "docs" / "app.md"
TEXT = PAGE.read_text(encoding="utf-8")


def test_the_python_of_the_page_knows_the_motion_of_a_downloaded_clip(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    wish = Wish(emotion="anger", strengths={(4, "left"): 0.3}, onset_frame=60, rise_frames=4, release_frames=5)
    bench = Workbench()
    try:
        face = bench.person("openpeople-p003")
        made = bench.make(face, plan_of(wish, face.subject.id), lambda share, what: None)
    finally:
        bench.close()
    row = json.loads(sample_of(made.row)["json"])
    Path("clip.json").write_text(json.dumps(row), encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", TEXT, flags=re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(code, str(PAGE), "exec"), names)
    assert made.field is not None
    np.testing.assert_allclose(names["field"], made.field, atol=1e-4)


def test_the_limits_of_the_page_are_the_models() -> None:
    assert f"{FEWEST_FRAMES} to {MOST_FRAMES} frames, at most {MOST_ONSET_FRAMES} of them to the apex" in TEXT


def test_every_picture_of_the_page_is_small_and_has_words() -> None:
    pictures = re.findall(r"!\[(.+?)\]\((.+?)\)", TEXT)
    assert len(pictures) == 4
    assert all((PAGE.parent / place).stat().st_size < 150_000 for _, place in pictures)
