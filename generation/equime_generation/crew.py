"""Who works on a run: a process a core, or a process a GPU for a renderer that needs one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from equime_builder.errors import UsageError
from equime_generation.engines import Crew
from equime_generation.renderers import RENDERERS

if TYPE_CHECKING:
    from equime_generation.config import RunConfig


def crew_of(config: RunConfig) -> Crew:
    """Return the crew of a run.

    Raises:
        UsageError: More workers are asked for than this machine has GPUs, where it is this machine that works.
    """
    if not RENDERERS[config.renderer].on_device:
        return Crew(workers=config.workers, address=config.address)
    on_gpu = config.settings is not None and config.settings.device != "cpu"
    if config.engine == "ray":  # the cluster counts its GPUs itself, and each worker sees the one that it is given
        return Crew(workers=config.workers, lanes=2, on_gpu=on_gpu, address=config.address)
    gpus = visible_gpus() if on_gpu else ()
    if gpus and config.workers > len(gpus):
        raise UsageError(
            f"workers must be at most the number of GPUs, {len(gpus)}, got {config.workers}; each renders with one, "
            "and processor cores are shared out among them without being asked for"
        )
    return Crew(workers=config.workers or len(gpus) or 1, lanes=2, devices=gpus, on_gpu=on_gpu)


def visible_gpus() -> tuple[str, ...]:
    """Return the GPUs that torch may use, each as ``CUDA_VISIBLE_DEVICES`` names it."""
    import torch

    count = torch.cuda.device_count()
    named = [name.strip() for name in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if name.strip()]
    return tuple(named[:count]) if named else tuple(map(str, range(count)))
