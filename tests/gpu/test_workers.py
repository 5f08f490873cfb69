"""One process a GPU: each sees its own, and makes the bytes that this process makes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from equime_builder.records import Placement
from equime_generation.causal import plan_clips
from equime_generation.config import RunConfig
from equime_generation.crew import crew_of
from equime_generation.engines import load_engine
from equime_generation.parts import ClipDone, cut_into_parts
from equime_generation.renderers.ltx.settings import LtxSettings
from tests.gpu.tiny_work import hash_part, hashes, open_tiny, seeds_of

pytestmark = pytest.mark.gpu


def test_workers_on_gpus_of_their_own_give_the_bytes_of_this_process(tiny_folder: Path, tmp_path: Path) -> None:
    config = RunConfig(out=str(tmp_path), renderer="ltx", ltx=LtxSettings(model=str(tiny_folder), batch_size=3))
    crew = crew_of(config)
    assert len(crew.devices) == crew.workers == torch.cuda.device_count()
    plans = list(plan_clips({"fear": ["p0"] * 130}, design="independent", seed=0))
    parts = list(cut_into_parts(plans, {"p0": Placement(split="train", fold=0)}, config))
    done: list[ClipDone] = []
    load_engine("local")(parts, hash_part, crew=crew, report=done.append, tell=print)
    assert len(done) == 130
    model = open_tiny(tiny_folder)
    for part in parts:
        found = json.loads((tmp_path / part.name).read_text())
        assert found == {"gpus": 1, "hashes": hashes(model, seeds_of(part))}
    assert len(parts) == 3
