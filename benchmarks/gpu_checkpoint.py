"""LTX-Video 2B at its real size with random weights: what it makes is noise, what it costs is the truth."""

from __future__ import annotations

import gc
import json
from pathlib import Path
from typing import Any, Final

NAME: Final = "random-2b-0.9.8-distilled"
T5_XXL: Final[dict[str, int]] = {
    "vocab_size": 32128, "d_model": 4096, "d_kv": 64, "d_ff": 10240, "num_layers": 24, "num_heads": 64,
}  # fmt: skip
"""Configuration of google/t5-v1_1-xxl, whose encoder LTX-Video takes."""


def write_checkpoint(folder: Path, device: str = "cuda") -> Path:
    """Write a checkpoint of 16 GB in diffusers' layout, drawn on a device, and return its folder."""
    from diffusers import AutoencoderKLLTXVideo, FlowMatchEulerDiscreteScheduler, LTXVideoTransformer3DModel
    from transformers import T5Config, T5EncoderModel

    from tests.generation.ltx.full_size import TRANSFORMER_CONFIGS, VAE_CONFIG
    from tests.generation.ltx.tiny_pipeline import tiny_tokenizer

    place = folder / NAME
    _drawn(lambda: LTXVideoTransformer3DModel(**TRANSFORMER_CONFIGS["2b"]), place / "transformer", device)
    _drawn(lambda: AutoencoderKLLTXVideo(**VAE_CONFIG), place / "vae", device)
    text = T5Config(**T5_XXL, feed_forward_proj="gated-gelu")
    _drawn(lambda: T5EncoderModel(text), place / "text_encoder", device)
    tiny_tokenizer().save_pretrained(place / "tokenizer")
    FlowMatchEulerDiscreteScheduler().save_pretrained(place / "scheduler")
    (place / "model_index.json").write_text(json.dumps({"_class_name": "LTXConditionPipeline"}), encoding="utf-8")
    return place


def _drawn(make: Any, folder: Path, device: str) -> None:
    """Save a module whose weights a device draws as their classes do, in bf16."""
    import torch

    torch.manual_seed(0)
    with torch.device(device):
        module = make().to(torch.bfloat16)
    module.save_pretrained(folder)
    del module
    gc.collect()
    torch.cuda.empty_cache()
