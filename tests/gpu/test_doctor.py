"""`equime doctor` names the GPU and the memory presets that it would take."""

from __future__ import annotations

import re

import pytest
import torch

from equime_generation.checkup.trials import trial_checks
from equime_generation.renderers.ltx.memory import GIB, need_gib, preset_named

pytestmark = pytest.mark.gpu


def test_the_gpu_is_named_with_presets_that_fit(gpu: str) -> None:
    pytest.importorskip("diffusers", reason="install equime[ltx]")
    found = next(trial_checks(print))
    assert found.ok
    assert found.detail.startswith(f"{gpu}, ")
    chosen = re.findall(r"(2b|13b): (\w+) \(batch (\d+)\)", found.detail)
    assert [name for name, _, _ in chosen] == ["2b", "13b"]
    total_gib = torch.cuda.get_device_properties(0).total_memory / GIB
    for transformer, preset, batch in chosen:
        assert need_gib(preset_named(preset, transformer), transformer) <= total_gib
        assert int(batch) == preset_named(preset, transformer).batch_size
