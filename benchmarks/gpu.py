"""What runs on a GPU: LTX-Video at its real size, `equime evaluate --device cuda` and `equime train`.

Needs an NVIDIA GPU of 80 GB, 16 GB of disk in the temporary folder, and about ten minutes; without a GPU nothing is
measured.
Weights are random, so that no clip looks like anything: time, memory and sameness of bytes do not depend on them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from benchmarks.figures import Figure


def figures() -> Iterator[Figure]:
    """Measure all, or say that there is nothing to measure with."""
    import torch

    if not torch.cuda.is_available():
        print("gpu: not measured, torch finds no NVIDIA GPU here", file=sys.stderr)
        return
    from benchmarks import gpu_diffusion, gpu_measuring
    from benchmarks.gpu_checkpoint import write_checkpoint
    from equime_generation.renderers.ltx.embeddings import CACHE_VARIABLE

    with TemporaryDirectory() as folder, patch.dict(os.environ, {CACHE_VARIABLE: str(Path(folder) / "cache")}):
        scratch = Path(folder)
        yield from gpu_measuring.quality(scratch)
        yield from gpu_measuring.training(scratch)
        yield from gpu_diffusion.figures(write_checkpoint(scratch / "models"))
