"""A clip's bytes on a GPU: who else is computed, and how the model is laid out, do not change them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from equime_generation.renderers.ltx.faults import OutOfMemory
from equime_generation.renderers.ltx.roundtrip import through_vae
from equime_generation.renderers.ltx.settings import MEMORIES, LtxSettings
from equime_generation.renderers.ltx.settle import settle
from tests.gpu.tiny_work import PLAIN, apart, open_tiny, request

pytestmark = pytest.mark.gpu

EXACT = replace(PLAIN, dtype="float32")


@pytest.mark.parametrize("mode", ["keyframes", "guide"])
def test_the_same_bytes_alone_among_others_and_by_a_fresh_model(tiny_folder: Path, mode: str) -> None:
    model = open_tiny(tiny_folder)
    (alone,) = model.sample([request(1, mode)])
    among = list(model.sample([request(number, mode) for number in (2, 3, 1)]))
    assert alone.shape == (144, 64, 64, 3)
    assert alone.std() > 10
    assert np.array_equal(among[2], alone)
    assert not np.array_equal(among[0], alone)
    (again,) = open_tiny(tiny_folder).sample([request(1, mode)])
    assert np.array_equal(again, alone)


@pytest.mark.parametrize("offload", ["model", "group"])
@pytest.mark.parametrize("mode", ["keyframes", "guide"])
def test_weights_that_come_over_the_bus_give_the_same_bytes(tiny_folder: Path, offload: str, mode: str) -> None:
    (plain,) = open_tiny(tiny_folder).sample([request(1, mode)])
    model = open_tiny(tiny_folder, replace(PLAIN, offload=offload))
    for _ in range(2):  # what was brought back for one batch must go again for the next
        (frames,) = model.sample([request(1, mode)])
        assert np.array_equal(frames, plain)


def test_weights_kept_as_fp8_change_little(tiny_folder: Path) -> None:
    (plain,) = open_tiny(tiny_folder).sample([request(1)])
    (narrow,) = open_tiny(tiny_folder, replace(PLAIN, layerwise_fp8=True)).sample([request(1)])
    assert 0 < apart(narrow, plain).mean() < 0.25 * plain.std()


@pytest.mark.parametrize("mode", ["keyframes", "guide"])
def test_a_processor_makes_the_same_clip_but_for_rounding(tiny_folder: Path, mode: str) -> None:
    (here,) = open_tiny(tiny_folder, EXACT, device="cpu").sample([request(1, mode)])
    (there,) = open_tiny(tiny_folder, EXACT).sample([request(1, mode)])
    assert apart(here, there).max() <= 2
    assert apart(here, there).mean() < 0.1


def test_the_round_trip_is_that_of_a_processor_but_for_rounding(tiny_folder: Path) -> None:
    frames = request(1, "guide").conditioning.pictures[:144]
    here = through_vae(open_tiny(tiny_folder, EXACT, device="cpu"), frames, seed=7)
    there = through_vae(open_tiny(tiny_folder, EXACT), frames, seed=7)
    assert apart(here, there).max() <= 2


def test_memory_that_runs_out_is_told_and_can_be_used_again(tiny_folder: Path) -> None:
    model = open_tiny(tiny_folder)
    torch.cuda.empty_cache()
    torch.cuda.set_per_process_memory_fraction(1e-4)
    try:
        with pytest.raises(OutOfMemory, match=r"batches of 3: .*try a batch size of 1") as caught:
            list(model.sample([request(1)]))
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
    assert caught.value.batch_size == 3
    assert next(iter(model.sample([request(1)]))).shape == (144, 64, 64, 3)


def test_a_run_is_held_to_a_preset_that_fits(tiny_folder: Path) -> None:
    found = settle(LtxSettings(model=str(tiny_folder)), print)
    assert found.memory in MEMORIES[1:]
    assert found.batch_size >= 1
    assert found.device == "auto"
