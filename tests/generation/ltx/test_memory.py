"""Memory presets: what each is predicted to hold, and which one is chosen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
import torch
from diffusers.models.transformers import transformer_ltx

from equime_builder.errors import UsageError
from equime_generation.renderers.ltx.memory import (
    GIB,
    PRESETS,
    SPARE,
    MemoryPreset,
    choose_preset,
    need_gib,
    predicted_peak,
    preset_named,
    presets_for,
)
from equime_generation.renderers.ltx.settings import MEMORIES
from equime_generation.renderers.ltx.sizes import TRANSFORMERS, Grid
from tests.generation.ltx.full_size import LiveBytes, call_transformer, empty, full_transformer, full_vae

_FIXED_GIB = 1.1
_VAE_GIB = 1_247_000_000 * 2 / GIB


@pytest.mark.parametrize("transformer", TRANSFORMERS)
@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("guided", [False, True])
def test_every_preset_leaves_a_tenth_of_its_memory(transformer: str, name: str, guided: bool) -> None:
    preset = preset_named(name, transformer)
    assert predicted_peak(preset, transformer, guided=guided).gib <= (1 - SPARE) * preset.memory_gib
    assert preset.memory_gib == float(name.removesuffix("gb"))


def test_presets_are_those_that_settings_offer() -> None:
    assert ("auto", *PRESETS) == MEMORIES
    assert list(presets_for("13b")) == list(PRESETS)


def test_peak_of_a_plain_preset_by_hand() -> None:
    peak = predicted_peak(MemoryPreset(name="by hand", memory_gib=16, batch_size=4))
    weights = 1_923_385_472 * 2 / GIB
    waiting = 4 * 145 * 512 * 512 * 3 * 2 / GIB  # guide videos, in bf16
    tokens = 4 * 19 * 256
    assert peak.prompts == pytest.approx(4_762_000_000 * 2 / GIB + _FIXED_GIB)
    activations = tokens * 32 * 2048 * 2 / GIB + waiting + 4 * 256 * 4096 * 2 / GIB
    assert peak.denoise == pytest.approx(weights + _VAE_GIB + activations + _FIXED_GIB)
    assert peak.decode == pytest.approx(weights + _VAE_GIB + 102 * 145 * 512 * 512 / GIB + _FIXED_GIB)
    assert peak.encode == pytest.approx(weights + _VAE_GIB + 118 * 145 * 512 * 512 / GIB + waiting + _FIXED_GIB)
    assert peak.gib == peak.encode > peak.decode > peak.denoise > peak.prompts


def test_offloading_keeps_one_part_at_a_time() -> None:
    plain = MemoryPreset(name="by hand", memory_gib=16, batch_size=1)
    whole = predicted_peak(plain)
    alone = predicted_peak(replace(plain, offload="model"))
    blocks = predicted_peak(replace(plain, offload="group"))
    assert whole.denoise - alone.denoise == pytest.approx(_VAE_GIB)
    assert whole.decode - alone.decode == pytest.approx(1_923_385_472 * 2 / GIB)
    assert whole.denoise - blocks.denoise == pytest.approx(26 / 28 * 1_923_385_472 * 2 / GIB)
    assert predicted_peak(replace(plain, text_on_gpu=False)).prompts == 0.0


def test_prediction_covers_the_tensors_that_live_in_the_vae() -> None:
    vae = full_vae()
    for framewise in (None, (48, 40)):
        if framewise:
            vae.use_framewise_decoding = True
            vae.tile_sample_min_num_frames, vae.tile_sample_stride_num_frames = framewise
        peak = predicted_peak(MemoryPreset(name="", memory_gib=0, batch_size=1, framewise=framewise, offload="model"))
        decode_gib = _most_gib(vae, partial(vae.decode, empty(1, 128, 19, 16, 16), empty(1)))
        encode_gib = _most_gib(vae, partial(vae.encode, empty(1, 3, 145, 512, 512)))
        assert decode_gib <= peak.decode - _VAE_GIB - _FIXED_GIB <= 1.1 * decode_gib
        one_gib = 145 * 512 * 512 * 3 * 2 / GIB
        assert encode_gib <= peak.encode - one_gib - _VAE_GIB - _FIXED_GIB <= 1.1 * encode_gib


def _most_gib(module: torch.nn.Module, work: Callable[[], object]) -> float:
    with torch.no_grad(), LiveBytes(module) as live:
        work()
    return float(live.most / GIB)


@pytest.mark.parametrize("name", TRANSFORMERS)
def test_prediction_covers_the_tensors_that_live_in_the_transformer(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # fused kernels hold no scores; on the meta device attention would be taken apart and hold them
    monkeypatch.setattr(transformer_ltx, "dispatch_attention_fn", lambda query, *_, **__: torch.empty_like(query))
    model = full_transformer(name, num_layers=2)
    tokens = Grid().tokens(2)
    most_gib = _most_gib(model, partial(call_transformer, model, tokens, batch_size=2))
    predicted_gib = 2 * tokens * 32 * TRANSFORMERS[name].width * 2 / GIB
    assert most_gib <= predicted_gib <= 1.15 * most_gib


@pytest.mark.parametrize(
    ("free_gib", "name"),
    [(6.2, "8gb"), (7.9, "8gb"), (15.5, "16gb"), (23.5, "24gb"), (47.0, "24gb"), (79.2, "80gb"), (140.0, "80gb")],
)
def test_choice_follows_the_free_memory(free_gib: float, name: str) -> None:
    for transformer in TRANSFORMERS:
        preset = choose_preset(free_gib, transformer)
        assert preset.name == name
        assert need_gib(preset, transformer) <= free_gib


def test_too_little_memory_is_refused_with_the_next_step() -> None:
    with pytest.raises(UsageError, match=r"needs at least 6\.1 GiB of free GPU memory, got 4\.0 GiB; close .* warp"):
        choose_preset(4.0)
    with pytest.raises(UsageError, match="memory preset '12gb' is unknown; choose from: 8gb, 16gb, 24gb, 80gb"):
        preset_named("12gb")
    with pytest.raises(UsageError, match="transformer '7b' is unknown; choose from: 2b, 13b"):
        presets_for("7b")


def test_grid_refuses_what_the_model_would_round() -> None:
    assert Grid().tokens() == 19 * 16 * 16
    assert Grid().tokens(2) == 21 * 256
    assert Grid(frames=161, height_px=256, width_px=256).tokens() == 1344
    with pytest.raises(UsageError, match="frames must be 8 k \\+ 1, got 144"):
        Grid(frames=144)
    with pytest.raises(UsageError, match="width must be a multiple of 32 pixels, got 500"):
        Grid(width_px=500)
