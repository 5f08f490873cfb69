"""Operations counted from dimensions, against torch's own counter on models of full size."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from equime_generation.renderers.ltx.flops import decode_flops, encode_flops, text_flops, transformer_flops
from equime_generation.renderers.ltx.sizes import TRANSFORMERS, VAE_PARAMETERS, Grid
from tests.generation.ltx.full_size import call_transformer, empty, full_transformer, full_vae


def _counted(work: Callable[[], object]) -> int:
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        work()
    return int(counter.get_total_flops())


@pytest.mark.parametrize(("name", "extra_keyframes"), [("2b", 2), ("13b", 0)])
def test_transformer_agrees_with_torchs_counter(name: str, extra_keyframes: int) -> None:
    model = full_transformer(name)
    size, tokens = TRANSFORMERS[name], Grid().tokens(extra_keyframes)
    assert sum(weights.numel() for weights in model.parameters()) == size.parameters
    counted = _counted(lambda: call_transformer(model, tokens))
    assert transformer_flops(size, tokens) == pytest.approx(counted, rel=0.02)


def test_vae_agrees_with_torchs_counter() -> None:
    vae = full_vae()
    assert sum(weights.numel() for weights in vae.parameters()) == pytest.approx(VAE_PARAMETERS, rel=0.001)
    picture, clip, latents = empty(1, 3, 1, 512, 512), empty(1, 3, 145, 512, 512), empty(1, 128, 19, 16, 16)
    assert encode_flops(Grid(frames=1)) == pytest.approx(_counted(lambda: vae.encode(picture)), rel=0.02)
    assert encode_flops(Grid()) == pytest.approx(_counted(lambda: vae.encode(clip)), rel=0.02)
    assert decode_flops(Grid()) == pytest.approx(_counted(lambda: vae.decode(latents, empty(1))), rel=0.02)
    vae.use_framewise_decoding = True
    vae.tile_sample_min_num_frames, vae.tile_sample_stride_num_frames = 48, 40
    assert encode_flops(Grid(), (48, 40)) == pytest.approx(_counted(lambda: vae.encode(clip)), rel=0.02)
    assert decode_flops(Grid(), (48, 40)) == pytest.approx(_counted(lambda: vae.decode(latents, empty(1))), rel=0.02)


def test_a_span_as_long_as_the_clip_is_no_span() -> None:
    assert decode_flops(Grid(), (152, 144)) == decode_flops(Grid())
    assert encode_flops(Grid(), (145, 136)) == encode_flops(Grid())


def test_text_encoder_agrees_with_torchs_counter_on_a_block() -> None:
    from transformers import T5Config, T5EncoderModel

    config = T5Config(
        d_model=4096, d_kv=64, d_ff=10240, num_layers=1, num_heads=64, vocab_size=8, feed_forward_proj="gated-gelu"
    )
    with torch.device("meta"):
        model = T5EncoderModel(config).eval()
    words = torch.zeros(1, 256, dtype=torch.int64, device="meta")
    assert text_flops() == pytest.approx(24 * _counted(lambda: model(input_ids=words)), rel=0.02)
