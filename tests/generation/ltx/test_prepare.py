"""All prompts of a run are on disk before its first worker starts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from equime_generation.causal import plan_clips
from equime_generation.renderers.ltx import model as model_module
from equime_generation.renderers.ltx.loading import load_text
from equime_generation.renderers.ltx.prepare import prepare
from equime_generation.renderers.ltx.render import open_ltx
from equime_generation.renderers.ltx.settings import LtxSettings


def test_no_worker_loads_the_text_encoder(tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EQUIME_CACHE", str(tmp_path))
    settings = LtxSettings(model=str(tiny_folder), device="cpu")
    plans = list(plan_clips({"fear": ["ann"] * 3, "neutral": ["ann"] * 2}, design="independent", seed=0))
    loads: list[Path] = []

    def load(folder: Path, dtype: Any) -> tuple[Any, Any]:
        loads.append(folder)
        return load_text(folder, dtype)

    monkeypatch.setattr(model_module, "load_text", load)
    prepare(settings, plans)
    prepare(settings, plans)
    assert len(loads) == 1
    assert len(list((tmp_path / "prompts").iterdir())) == len({plan.prompt for plan in plans})
    open_ltx(settings).encode_prompts([plan.prompt for plan in plans], [plan.negative_prompt for plan in plans])
    assert len(loads) == 1
