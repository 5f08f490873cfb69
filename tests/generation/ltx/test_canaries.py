"""Traps of diffusers 0.42's LTX pipelines that the renderer steps around; where one is gone, so can its detour be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import LTXConditionPipeline, LTXImageToVideoPipeline
from diffusers.pipelines.ltx.pipeline_ltx_condition import LTXVideoCondition
from PIL import Image

_SIZE = 64
_SHORT = {"height": _SIZE, "width": _SIZE, "frame_rate": 24, "timesteps": [1000.0], "guidance_scale": 1.0}


def picture(seed: int = 0) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 255, (_SIZE, _SIZE, 3), dtype=np.uint8))


def generators(count: int) -> list[torch.Generator]:
    return [torch.Generator().manual_seed(number) for number in range(count)]


@pytest.fixture(scope="module")
def pipeline(tiny_folder: Path) -> Any:
    loaded = LTXConditionPipeline.from_pretrained(tiny_folder, local_files_only=True)
    loaded.set_progress_bar_config(disable=True)
    return loaded


def shown(pipeline: Any, conditions: list[LTXVideoCondition], *, num_frames: int = 17, **other: Any) -> Any:
    count = len(other.get("generator", [0]))
    prompts = {"prompt": ["a face"] * count, "max_sequence_length": 24}
    given = {"generator": generators(count), "output_type": "np", **_SHORT, **prompts, **other}
    with torch.no_grad():
        return pipeline(conditions=conditions, num_frames=num_frames, **given).frames


def test_144_frames_become_137(pipeline: Any) -> None:
    whole = [LTXVideoCondition(image=picture(), frame_index=0)]
    assert shown(pipeline, whole, num_frames=144).shape[1] == 137
    assert shown(pipeline, whole, num_frames=145).shape[1] == 145


def test_a_frame_far_outside_the_clip_is_taken(pipeline: Any) -> None:
    conditions = [LTXVideoCondition(image=picture(at), frame_index=at) for at in (0, 40)]
    assert shown(pipeline, conditions).shape[1] == 17


def test_image_to_video_cannot_decode_a_list_of_generators(pipeline: Any) -> None:
    other = LTXImageToVideoPipeline(**pipeline.components)
    other.set_progress_bar_config(disable=True)
    with pytest.raises(TypeError, match="generator"):
        other(
            image=picture(),
            prompt=["a face"],
            num_frames=17,
            generator=generators(1),
            output_type="np",
            max_sequence_length=24,
            decode_timestep=0.05,
            **{**_SHORT, "timesteps": None, "num_inference_steps": 1},
        )


def test_slices_of_a_batch_cannot_be_decoded_with_a_time(pipeline: Any) -> None:
    vae = pipeline.vae
    latents = torch.zeros(2, vae.config.latent_channels, 3, 2, 2)
    vae.enable_slicing()
    try:
        with torch.no_grad(), pytest.raises((RuntimeError, ValueError, TypeError)):
            vae.decode(latents, torch.full((2,), 0.05))
    finally:
        vae.disable_slicing()


def test_one_later_picture_does_not_serve_a_batch(pipeline: Any) -> None:
    first = LTXVideoCondition(image=[picture(), picture()], frame_index=0)
    with pytest.raises(RuntimeError, match="size"):
        shown(pipeline, [first, LTXVideoCondition(image=picture(1), frame_index=8)], generator=generators(2))
    both = LTXVideoCondition(image=[picture(1), picture(2)], frame_index=8)
    assert shown(pipeline, [first, both], generator=generators(2)).shape[:2] == (2, 17)
