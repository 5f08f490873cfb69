"""A clip's frames depend on its own request and on the batch size, on tiny weights at 64 pixels."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import LTXConditionPipeline
from diffusers.pipelines.ltx.pipeline_ltx_condition import LTXVideoCondition
from numpy.typing import NDArray

from equime_generation.renderers.ltx import model as model_module
from equime_generation.renderers.ltx.checkpoint import find_checkpoint
from equime_generation.renderers.ltx.conditioning import Conditioning
from equime_generation.renderers.ltx.device import place_for
from equime_generation.renderers.ltx.faults import OutOfMemory
from equime_generation.renderers.ltx.model import LtxModel
from equime_generation.renderers.ltx.options import options_for
from equime_generation.renderers.ltx.request import Request
from equime_generation.renderers.ltx.roundtrip import through_vae
from equime_generation.renderers.ltx.settings import LtxSettings
from tests.generation.ltx.tiny_pipeline import save_tiny_pipeline

_SIZE = 64


def open_model(folder: Path, **settings: object) -> LtxModel:
    chosen = replace(LtxSettings(model=str(folder), device="cpu", batch_size=3), **settings)  # type: ignore[arg-type]
    checkpoint = find_checkpoint(chosen)
    place = place_for(checkpoint, chosen)
    opened = LtxModel(checkpoint, place, options_for(place, chosen), guide_strength=chosen.guide_strength)
    opened.know(["a face", "happiness lip corner raise"])
    return opened


def pictures(count: int, seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 255, (count, _SIZE, _SIZE, 3), dtype=np.uint8)


def request(seed: int, apex: int = 40, prompt: str = "a face") -> Request:
    shown = Conditioning(frames=(0, apex, 144), pictures=pictures(3, seed))
    return Request(prompt=prompt, negative_prompt="", seed=seed, conditioning=shown)


@pytest.fixture(scope="module")
def model(tiny_folder: Path) -> LtxModel:
    return open_model(tiny_folder)


@pytest.fixture(scope="module")
def alone(model: LtxModel) -> NDArray[np.uint8]:
    (frames,) = model.sample([request(1)])
    return frames


def test_144_frames_are_kept(alone: NDArray[np.uint8]) -> None:
    assert alone.shape == (144, _SIZE, _SIZE, 3)
    assert alone.dtype == np.uint8
    assert alone.std() > 10


@pytest.mark.parametrize("place", [0, 2])
def test_the_same_bytes_alone_and_among_others(model: LtxModel, alone: NDArray[np.uint8], place: int) -> None:
    batch = [request(2, apex=90), request(3, apex=17, prompt="happiness lip corner raise")]
    batch.insert(place, request(1))
    found = list(model.sample(batch))
    assert np.array_equal(found[place], alone)
    assert not np.array_equal(found[1], alone)


def test_a_fresh_model_gives_the_same_bytes(tiny_folder: Path, alone: NDArray[np.uint8]) -> None:
    (again,) = open_model(tiny_folder).sample([request(1)])
    assert np.array_equal(again, alone)


@pytest.mark.parametrize(
    "other",
    [request(9), request(1, apex=41), request(1, prompt="happiness lip corner raise")],
    ids=["seed", "apex", "prompt"],
)
def test_seed_time_and_prompt_all_matter(model: LtxModel, alone: NDArray[np.uint8], other: Request) -> None:
    shown = replace(other.conditioning, pictures=request(1).conditioning.pictures)
    (frames,) = model.sample([replace(other, conditioning=shown)])
    assert not np.array_equal(frames, alone)


def test_each_clip_meets_its_own_frames_as_in_diffusers_own_pipeline(model: LtxModel) -> None:
    apexes = (40, 97)
    filled = [request(seed, apex=apex) for seed, apex in enumerate(apexes)]
    seeds = [torch.Generator().manual_seed(one.seed) for one in filled]
    with torch.no_grad():
        together = model._denoise(filled, seeds)
        stock = LTXConditionPipeline(**model.pipeline.components)
        stock.set_progress_bar_config(disable=True)
        for number, one in enumerate(filled):
            shown = torch.from_numpy(one.conditioning.pictures).permute(0, 3, 1, 2) / 255
            apart = stock(
                conditions=[
                    LTXVideoCondition(image=shown[[place]], frame_index=at)
                    for place, at in enumerate(one.conditioning.frames)
                ],
                **model._embeds([one]),
                height=_SIZE,
                width=_SIZE,
                num_frames=145,
                frame_rate=24,
                timesteps=[1000.0, 725.0],
                guidance_scale=1.0,
                image_cond_noise_scale=0.0,
                generator=[torch.Generator().manual_seed(one.seed)],
                output_type="latent",
            ).frames
            assert torch.allclose(together[[number]], apart, atol=1e-4)


def test_a_guide_held_to_wholly_is_the_round_trip(tmp_path: Path) -> None:
    model = open_model(save_tiny_pipeline(tmp_path / "told", timestep_conditioning=False), guide_strength=1.0)
    shown = pictures(145)
    shown[144] = shown[143]  # as the round trip fills a clip up to 8 k + 1 frames
    guide = Conditioning(frames=tuple(range(145)), pictures=shown, guide=True)
    logarithm = model.pipeline.vae.encoder.conv_out.conv  # diffusers draws from the encoder's distribution
    with torch.no_grad():
        logarithm.weight[-1], logarithm.bias[-1] = 0.0, -30.0
    (frames,) = model.sample([Request(prompt="a face", negative_prompt="", seed=5, conditioning=guide)])
    through = through_vae(model, guide.pictures[:144], seed=0)
    assert np.abs(frames.astype(int) - through).max() <= 1


def test_prompts_are_encoded_once(model: LtxModel, tiny_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the text encoder was loaded")

    monkeypatch.setattr(model_module, "load_text", refuse)
    open_model(tiny_folder)
    assert model.pipeline.text_encoder is None


def test_memory_that_runs_out_is_told_with_the_batch_size(model: LtxModel, monkeypatch: pytest.MonkeyPatch) -> None:
    def burst(*_: object, **__: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")

    monkeypatch.setattr(type(model.pipeline), "__call__", burst)
    with pytest.raises(OutOfMemory, match=r"batches of 3: CUDA out of memory; try a batch size of 1") as caught:
        list(model.sample([request(1)]))
    assert caught.value.batch_size == 3
