"""The steps from noise to picture, with the noise of stochastic steps drawn from each clip's own generator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from diffusers import FlowMatchEulerDiscreteScheduler
from diffusers.utils.torch_utils import randn_tensor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from equime_generation.renderers.ltx.families import Family


class SeededFlow(FlowMatchEulerDiscreteScheduler):  # type: ignore[misc]
    """Euler steps along a family's times, taken as they are: without the shifts of a checkpoint's own scheduler.

    Where a family is stochastic, diffusers 0.42.1 would add x0 with the wrong sign under `LTXConditionPipeline` (which
    hands over the negative of the velocity) and noise from the process's global generator.
    """

    generators: Sequence[torch.Generator] = ()
    """One for each clip of the batch in hand."""

    def set_timesteps(
        self,
        num_inference_steps: int | None = None,
        device: Any = None,
        sigmas: list[float] | None = None,
        mu: float | None = None,
        timesteps: list[float] | None = None,
    ) -> None:
        """Take the times as noise levels too, so that nothing is shifted; arguments as for diffusers' scheduler."""
        if timesteps is not None:
            sigmas = [time / self.config.num_train_timesteps for time in timesteps]
        super().set_timesteps(num_inference_steps, device=device, sigmas=sigmas, mu=mu, timesteps=timesteps)

    def step(self, model_output: Any, timestep: Any, sample: Any, **kwargs: Any) -> Any:
        """Return the sample one step nearer to the picture; arguments as for diffusers' own scheduler."""
        if not self.config.stochastic_sampling:
            return super().step(model_output, timestep, sample, **kwargs)
        now = kwargs["per_token_timesteps"] / self.config.num_train_timesteps
        levels = self.sigmas[:, None, None]
        after = ((levels < now[None] - 1e-6) * levels).max(dim=0).values
        now, after = now[..., None], after[..., None]
        picture = sample.float() + now * model_output
        noise = randn_tensor(sample.shape, generator=list(self.generators), device=sample.device, dtype=torch.float32)
        return ((1 - after) * picture + after * noise,)


def flow_for(family: Family) -> SeededFlow:
    """Return the scheduler of a family."""
    return SeededFlow(shift=1.0, use_dynamic_shifting=False, stochastic_sampling=family.stochastic)
