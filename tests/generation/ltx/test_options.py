"""What makes a pipeline smaller or faster: had where it can be, and said where it cannot."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from equime_generation.renderers.ltx.checkpoint import find_checkpoint
from equime_generation.renderers.ltx.conditioning import Conditioning
from equime_generation.renderers.ltx.device import Place
from equime_generation.renderers.ltx.memory import PRESETS, PRESETS_13B
from equime_generation.renderers.ltx.model import LtxModel
from equime_generation.renderers.ltx.options import lay_out, options_for
from equime_generation.renderers.ltx.request import Request
from equime_generation.renderers.ltx.settings import LtxSettings
from equime_generation.renderers.ltx.settle import settle

ON_GPU = Place(device="cuda", preset=PRESETS["24gb"])


def test_nothing_asked_for_is_nothing_said() -> None:
    found = options_for(ON_GPU, LtxSettings())
    assert (found.attention, found.compile, found.offload, found.fp8, found.notes) == (
        "native",
        False,
        "none",
        False,
        (),
    )


def test_a_kernel_that_is_not_installed_falls_back_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    found = options_for(ON_GPU, LtxSettings(attention="flash"))
    assert found.attention == "native"
    assert found.notes == ("attention kernel flash needs the package flash_attn; native is used",)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    assert options_for(ON_GPU, LtxSettings(attention="flash")).attention == "flash"


def test_a_compiler_that_does_not_work_falls_back_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> None:
        raise RuntimeError("no C++ compiler\nfound")

    monkeypatch.setattr(torch, "compile", broken)
    found = options_for(Place(device="cpu", preset=PRESETS["16gb"]), LtxSettings(compile=True))
    assert (found.compile, found.notes) == (False, ("blocks run uncompiled: no C++ compiler found",))
    by_blocks = Place(device="cuda", preset=PRESETS_13B["8gb"])
    assert options_for(by_blocks, LtxSettings(compile=True)).notes == (
        "blocks run uncompiled: compile does not go with offload group",
    )


def test_settling_tells_the_run_what_cannot_be_had(tiny_folder: Path) -> None:
    told: list[str] = []
    asked = LtxSettings(model=str(tiny_folder), device="cpu", memory="8gb", attention="sage")
    settled = settle(asked, told.append)
    assert settled == replace(asked, batch_size=1)
    assert told == [
        "attention kernel sage needs a GPU; native is used",
        "offload model is left out: there is no GPU whose memory it would free",
    ]


def test_only_self_attention_gets_the_kernel(tiny_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from diffusers.models.transformers.transformer_ltx import LTXAttention

    from equime_generation.renderers.ltx.loading import load_pipeline

    given: list[tuple[object, str]] = []
    monkeypatch.setattr(LTXAttention, "set_attention_backend", lambda own, name: given.append((own, name)))
    settings = LtxSettings(model=str(tiny_folder), device="cpu")
    pipeline = load_pipeline(find_checkpoint(settings), torch.float32)
    on_cpu = Place(device="cpu", preset=PRESETS["24gb"])
    lay_out(pipeline, on_cpu, replace(options_for(on_cpu, settings), attention="flash"))
    assert given == [(block.attn1, "flash") for block in pipeline.transformer.transformer_blocks]


@pytest.mark.parametrize("changes", [{"layerwise_fp8": True}, {"framewise": (48, 40)}], ids=["fp8", "framewise"])
def test_smaller_layouts_make_other_bits_of_the_same_clip(tiny_folder: Path, changes: dict[str, object]) -> None:
    def clip(place: Place) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
        checkpoint = find_checkpoint(settings)
        model = LtxModel(checkpoint, place, options_for(place, settings), guide_strength=1.0)
        model.know(["a face"])
        (frames,) = model.sample([Request(prompt="a face", negative_prompt="", seed=1, conditioning=shown)])
        return frames

    settings = LtxSettings(model=str(tiny_folder), device="cpu", channels_last=True)
    pictures = np.random.default_rng(0).integers(0, 255, (1, 64, 64, 3), dtype=np.uint8)
    shown = Conditioning(frames=(0,), pictures=pictures)
    plain = replace(PRESETS["24gb"], batch_size=1, dtype="float32", text_on_gpu=False)
    smaller = replace(plain, **changes)  # type: ignore[arg-type]
    one, other = clip(Place(device="cpu", preset=plain)), clip(Place(device="cpu", preset=smaller))
    assert one.shape == other.shape == (144, 64, 64, 3)
    assert not np.array_equal(one, other)
    assert np.corrcoef(one[:40].ravel(), other[:40].ravel())[0, 1] > 0.8
