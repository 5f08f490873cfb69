"""Kinds of GPU, with what their makers say they can do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from equime_builder.errors import choose

UTILISATION: Final = 0.25
"""Share of the peak that clips reach as a whole, uncompiled: on an H100 .25 with ``keyframes`` and .28 with ``guide``,
by ``make bench ONLY=gpu``; taken for granted on other kinds. Two fifths of that H100's time go into widening, scaling
and adding, which wait for memory."""
BUS_BYTES_PER_S: Final = 12e9
"""What is assumed to come over the bus where weights are offloaded: three quarters of PCIe 4.0 x8, which many cards of
8 GB have; assumed, not measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gpu:
    """A kind of GPU.

    Attributes:
        name: As people say it.
        peak_tflops: Dense bf16 products with fp32 sums; makers often print twice that, for sparse matrices.
        memory_gib: Memory.
    """

    name: str
    peak_tflops: float
    memory_gib: float


GPUS: Final[dict[str, Gpu]] = {
    "h200": Gpu(name="H200 SXM", peak_tflops=989, memory_gib=141),
    "h100": Gpu(name="H100 SXM", peak_tflops=989, memory_gib=80),
    "a100": Gpu(name="A100 80 GB", peak_tflops=312, memory_gib=80),
    "l40s": Gpu(name="L40S", peak_tflops=362, memory_gib=48),
    "a10": Gpu(name="A10", peak_tflops=125, memory_gib=24),
    "rtx4090": Gpu(name="RTX 4090", peak_tflops=165, memory_gib=24),
    "rtx3090": Gpu(name="RTX 3090", peak_tflops=71, memory_gib=24),
    "rtx4060": Gpu(name="RTX 4060 8 GB", peak_tflops=30, memory_gib=8),
    "rtx3070": Gpu(name="RTX 3070 8 GB", peak_tflops=40.6, memory_gib=8),
    "rtx3060-8gb": Gpu(name="RTX 3060 8 GB", peak_tflops=25, memory_gib=8),
}
"""Source: NVIDIA's data sheets of H200, H100, A100, L40S and A10 (their sparse figures halved), its white papers on the
GA102 and Ada architectures for 3090, 3070 and 4090. RTX 4060 and RTX 3060 by the white papers' own rule: 512 operations
a clock and multiprocessor, 24 x 2.46 GHz and 28 x 1.78 GHz."""


def gpu_named(name: str) -> Gpu:
    """Return a kind of GPU by its name in `GPUS`."""
    choose("GPU kind", name, tuple(GPUS))
    return GPUS[name]
