"""What a clip and a campaign cost, against cases worked by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from equime_builder.errors import UsageError
from equime_generation.renderers.ltx.campaign import CPU_S_PER_CLIP, Campaign, campaign
from equime_generation.renderers.ltx.cost import Work, clip_flops, published, share_of_published
from equime_generation.renderers.ltx.families import FAMILIES
from equime_generation.renderers.ltx.gpus import BUS_BYTES_PER_S, GPUS, UTILISATION, Gpu, gpu_named
from equime_generation.renderers.ltx.sizes import TRANSFORMERS, Grid

# Of one call with two keyframes, one picture, one clip: torch's counter, see test_flops.
_CALL, _PLAIN_CALL, _PICTURE, _CLIP, _DECODE = 25.0767e12, 22.1293e12, 1.55286e12, 111.4656e12, 48.0200e12


def test_default_clip_by_hand() -> None:
    flops = clip_flops(Work())
    assert flops.denoise == pytest.approx(8 * _CALL, rel=1e-4)
    assert flops.encode == pytest.approx(3 * _PICTURE, rel=1e-4)
    assert flops.decode == pytest.approx(_DECODE, rel=1e-4)
    assert flops.total == pytest.approx(8 * _CALL + 3 * _PICTURE + _DECODE, rel=1e-4)


def test_conditionings_differ_in_pictures_and_tokens() -> None:
    guide, text = clip_flops(Work(conditioning="guide")), clip_flops(Work(conditioning="text"))
    assert (guide.denoise, text.denoise) == pytest.approx((8 * _PLAIN_CALL, 8 * _PLAIN_CALL), rel=1e-4)
    assert (guide.encode, text.encode) == pytest.approx((_CLIP, _PICTURE), rel=1e-4)
    mixed = clip_flops(Work(keyframes={2: 0.5, 0: 0.5}))
    assert mixed.denoise == pytest.approx(4 * (_CALL + _PLAIN_CALL), rel=1e-4)
    assert mixed.encode == pytest.approx(2 * _PICTURE, rel=1e-4)
    with pytest.raises(UsageError, match="conditioning 'pose' is unknown; choose from: keyframes, guide, text"):
        Work(conditioning="pose")


def test_published_settings_cost_a_call_for_each_prompt() -> None:
    flops = clip_flops(published())
    assert flops.denoise == pytest.approx(160 * _PLAIN_CALL, rel=1e-4)
    assert flops.text == pytest.approx(4.79e12, rel=0.01)
    assert published(Grid(frames=161, height_px=256, width_px=256)).grid.tokens() == 1344


@pytest.mark.parametrize("name", [name for name in FAMILIES if name.startswith("2b") and "distilled" in name])
def test_default_settings_cost_at_most_an_eighth_of_the_published_ones(name: str) -> None:
    family = FAMILIES[name]
    for conditioning in ("keyframes", "guide", "text"):
        for grid in (Grid(), Grid(frames=161, height_px=256, width_px=256)):
            work = Work(steps=family.steps, guided=family.guided, conditioning=conditioning, grid=grid)
            assert share_of_published(work) <= 1 / 8


def test_gpu_hours_by_hand() -> None:
    gpu = Gpu(name="by hand", peak_tflops=100, memory_gib=24)
    on = campaign(3600).on(gpu)
    assert on is not None
    assert on.preset.name == "24gb"
    assert on.clip_s == pytest.approx((8 * _CALL + 3 * _PICTURE + _DECODE) / (UTILISATION * 100e12), rel=1e-4)
    assert on.hours == pytest.approx(on.clip_s)
    assert on.cores == pytest.approx(CPU_S_PER_CLIP["keyframes"] / on.clip_s)


def test_offloaded_weights_come_over_the_bus() -> None:
    small = replace(gpu_named("h100"), memory_gib=8)
    plain, alone = campaign(1).on(gpu_named("h100")), campaign(1).on(small)
    assert plain is not None
    assert alone is not None
    carried_s = (2 * 1.923e9 + 4 * 1.247e9) / BUS_BYTES_PER_S
    framed_s = (58.18e12 - 48.02e12) / (UTILISATION * 989e12)
    assert alone.clip_s - plain.clip_s == pytest.approx(carried_s + framed_s, rel=1e-3)
    blocks = campaign(1, transformer="13b").on(small)
    assert blocks is not None
    assert blocks.clip_s == pytest.approx(8 * 13.04e9 / BUS_BYTES_PER_S, rel=1e-3)


def test_a_model_that_does_not_fit_has_no_hours() -> None:
    assert campaign(1).on(Gpu(name="tiny", peak_tflops=10, memory_gib=4)) is None


def test_disk_holds_the_checkpoint_and_the_prompts() -> None:
    weights = 2 * (1_923_385_472 + 1_247_000_000 + 4_762_000_000)
    assert campaign(1).disk_bytes(prompts=0) == weights
    assert campaign(1).disk_bytes(prompts=10) == weights + 10 * 2 * 2**20


def test_a_vae_cut_in_spans_costs_more() -> None:
    own = Campaign(clips=1, transformer="13b", work=Work(size=TRANSFORMERS["13b"]))
    small, large = own.preset_of(GPUS["rtx4090"]), own.preset_of(GPUS["h100"])
    assert own.flops(small).decode == pytest.approx(58.18e12, rel=1e-3)
    assert own.flops(large).decode == pytest.approx(_DECODE, rel=1e-3)


def test_gpus_are_stated_with_what_they_hold() -> None:
    with pytest.raises(UsageError, match="GPU kind 'v100' is unknown; choose from: h200, h100, a100"):
        gpu_named("v100")
    # white papers: 512 operations a clock and multiprocessor with fp32 sums (3090: 82 at 1.695 GHz; 4090: 128 at 2.52)
    assert gpu_named("rtx3090").peak_tflops == pytest.approx(512 * 82 * 1.695e-3, rel=0.01)
    assert gpu_named("rtx4090").peak_tflops == pytest.approx(512 * 128 * 2.52e-3, rel=0.01)
    assert gpu_named("rtx3070").peak_tflops == pytest.approx(512 * 46 * 1.725e-3, rel=0.01)
    assert gpu_named("rtx4060").peak_tflops == pytest.approx(512 * 24 * 2.46e-3, rel=0.02)
    assert gpu_named("rtx3060-8gb").peak_tflops == pytest.approx(512 * 28 * 1.78e-3, rel=0.03)
