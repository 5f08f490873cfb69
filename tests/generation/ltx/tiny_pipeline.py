"""A whole LTX pipeline of random weights: the real classes and compression, small enough to run on a processor."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from diffusers import AutoencoderKLLTXVideo, LTXVideoTransformer3DModel
    from transformers import PreTrainedTokenizerFast, T5EncoderModel

LATENT_CHANNELS: Final = 8
TINY_FAMILY: Final = {
    "family": "tiny",
    "timesteps": [1000.0, 725.0],
    "guidance_scale": 1.0,
    "decode_timestep": 0.05,
    "decode_noise_scale": 0.025,
    "image_cond_noise_scale": 0.0,
    "max_sequence_length": 24,
}
"""What stands in its ``equime_settings.json``: a checkpoint of nobody's family says how it wants to be run."""

_WORDS: Final = (
    "<pad> </s> <unk> a the person face eyebrow brows lip corners raise lower neutral happiness sadness fear anger "
    "disgust surprise subtle brief micro expression eyes blink head moves still static camera nothing"
)


def save_tiny_pipeline(folder: Path, *, timestep_conditioning: bool = True, still: bool = False, seed: int = 0) -> Path:
    """Write an ``LTXConditionPipeline`` of random weights in diffusers' layout, safetensors, and return its folder.

    Args:
        timestep_conditioning: Whether its VAE is told how much noise to take out, as from 0.9.1 on.
        still: Whether all its clips show one pattern at rest, with no more than a trace of what was denoised: as
            negatives they pass the screen.
        seed: Of the weights.
    """
    import torch
    from diffusers import FlowMatchEulerDiscreteScheduler, LTXConditionPipeline

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        pipeline = LTXConditionPipeline(
            scheduler=FlowMatchEulerDiscreteScheduler(),
            vae=(_kept_still if still else _as_drawn)(_vae(timestep_conditioning)).eval(),
            text_encoder=_text_encoder().eval(),
            tokenizer=tiny_tokenizer(),
            transformer=_transformer().eval(),
        )
    pipeline.save_pretrained(folder, safe_serialization=True)
    (folder / "equime_settings.json").write_text(json.dumps(TINY_FAMILY, indent=2), encoding="utf-8")
    return folder


def _transformer() -> LTXVideoTransformer3DModel:
    from diffusers import LTXVideoTransformer3DModel

    return LTXVideoTransformer3DModel(
        in_channels=LATENT_CHANNELS,
        out_channels=LATENT_CHANNELS,
        num_attention_heads=1,
        attention_head_dim=16,
        cross_attention_dim=16,
        num_layers=1,
        caption_channels=16,
    )


def _vae(timestep_conditioning: bool) -> AutoencoderKLLTXVideo:
    """Return a VAE with no layers where there are many pixels, so that a whole clip decodes in seconds."""
    from diffusers import AutoencoderKLLTXVideo

    return AutoencoderKLLTXVideo(
        latent_channels=LATENT_CHANNELS,
        block_out_channels=(4, 4, 4, 4),
        decoder_block_out_channels=(4, 4, 4, 4),
        layers_per_block=(1, 1, 1, 1, 1),
        decoder_layers_per_block=(0, 0, 0, 1, 1),
        decoder_inject_noise=(False,) * 5,
        timestep_conditioning=timestep_conditioning,
        spatial_compression_ratio=32,
        temporal_compression_ratio=8,
    )


def _as_drawn(vae: AutoencoderKLLTXVideo) -> AutoencoderKLLTXVideo:
    return vae


def _kept_still(vae: AutoencoderKLLTXVideo) -> AutoencoderKLLTXVideo:
    """Hold a VAE's pictures still: latents come through as a trace, and both frames of each doubling are alike."""
    import torch

    with torch.no_grad():
        vae.decoder.conv_in.conv.weight.mul_(0.003)
        for block in vae.decoder.up_blocks:
            for upsampler in block.upsamplers or ():
                for weights in upsampler.conv.conv.parameters():
                    # channels, then the 2 x 2 x 2 places that each becomes: time, height, width
                    places = weights.view(-1, 2, 4, *weights.shape[1:])
                    places[:, 1] = places[:, 0]
    return vae


def _text_encoder() -> T5EncoderModel:
    from transformers import T5Config, T5EncoderModel

    return T5EncoderModel(T5Config(vocab_size=64, d_model=16, d_kv=8, d_ff=32, num_layers=1, num_heads=2))


def tiny_tokenizer() -> PreTrainedTokenizerFast:
    """Return a tokenizer of a few words."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    words = models.WordLevel({word: number for number, word in enumerate(_WORDS.split())}, unk_token="<unk>")
    tokenizer = Tokenizer(words)
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", eos_token="</s>", unk_token="<unk>", model_max_length=128
    )
