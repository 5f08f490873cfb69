"""The table of official settings: who belongs to which family, and the times at which a model is called."""

from __future__ import annotations

import pytest
import torch

from equime_generation.renderers.ltx.families import FAMILIES, linear_quadratic, recognise
from equime_generation.renderers.ltx.flow import flow_for

# Lightricks' configs/ltxv-2b-0.9.8-distilled.yaml, both passes one after the other.
_PUBLISHED = [1.0, 0.9937, 0.9875, 0.9812, 0.9750, 0.9094, 0.7250, 0.4219]


def test_eight_steps_are_the_published_ones() -> None:
    assert [time / 1000 for time in linear_quadratic(8)] == pytest.approx(_PUBLISHED, abs=1e-4)


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_every_family_falls_from_noise_and_is_guided_only_where_it_is_not_distilled(family: object) -> None:
    from equime_generation.renderers.ltx.families import Family

    assert isinstance(family, Family)
    assert family.timesteps[0] == 1000
    assert all(later < earlier for earlier, later in zip(family.timesteps, family.timesteps[1:], strict=False))
    assert family.timesteps[-1] > 0
    assert family.guided == ("distilled" not in family.name)
    assert family.steps == {True: 8}.get("distilled" in family.name, 30 if family.name.startswith("13b") else 40)


@pytest.mark.parametrize(
    ("name", "layers", "family"),
    [
        ("Lightricks/LTX-Video-0.9.5", 28, "2b-0.9.5"),
        ("ltxv-2b-0.9.6-dev-04-25.safetensors", 28, "2b-0.9.6-dev"),
        ("ltxv-2b-0.9.6-distilled-04-25.safetensors", 28, "2b-0.9.6-distilled"),
        ("ltxv-2b-0.9.8-distilled.safetensors", 28, "2b-0.9.8-distilled"),
        ("Lightricks/LTX-Video-0.9.7-dev", 48, "13b-0.9.7-dev"),
        ("Lightricks/LTX-Video-0.9.8-13B-distilled", 48, "13b-0.9.8-distilled"),
        ("ltxv-13b-0.9.8-distilled", 28, None),
        ("LTX-Video", 28, None),
        ("LTX-Video-0.9.1", 28, None),
        ("LTX-Video-0.9.5", 12, None),
    ],
)
def test_a_name_and_a_depth_tell_the_family(name: str, layers: int, family: str | None) -> None:
    found = recognise(name, layers)
    assert (found.name if found else None) == family


def test_the_scheduler_takes_the_times_as_they_are() -> None:
    flow = flow_for(FAMILIES["2b-0.9.8-distilled"])
    flow.set_timesteps(timesteps=list(FAMILIES["2b-0.9.8-distilled"].timesteps))
    assert flow.sigmas.tolist() == pytest.approx([*_PUBLISHED, 0.0], abs=1e-4)


def test_a_stochastic_step_ends_in_the_picture_and_draws_from_each_clips_generator() -> None:
    """With the true velocity, x = (1 - s) picture + s noise, the picture is found at once, and noise is laid on it."""
    flow = flow_for(FAMILIES["2b-0.9.6-distilled"])
    flow.set_timesteps(timesteps=list(FAMILIES["2b-0.9.6-distilled"].timesteps))
    generator = torch.Generator().manual_seed(0)
    picture, noise = (torch.randn(2, 5, 3, generator=generator) for _ in range(2))

    def step(time: float, seeds: tuple[int, int]) -> torch.Tensor:
        level = time / 1000
        flow.generators = [torch.Generator().manual_seed(seed) for seed in seeds]
        sample = (1 - level) * picture + level * noise
        times = torch.full((2, 5), time)
        # diffusers' pipeline hands over picture less noise
        made: torch.Tensor = flow.step(picture - noise, time, sample, per_token_timesteps=times, return_dict=False)[0]
        return made

    last = flow.timesteps[-1].item()
    assert torch.allclose(step(last, (1, 2)), picture, atol=1e-5)
    first = step(1000.0, (1, 2))
    assert torch.equal(first[0], step(1000.0, (1, 9))[0])
    assert not torch.equal(first[1], step(1000.0, (1, 9))[1])
    fresh = torch.randn(1, 5, 3, generator=torch.Generator().manual_seed(1))[0]
    after = float(flow.sigmas[1])
    assert torch.allclose(first[0], (1 - after) * picture[0] + after * fresh, atol=1e-5)
