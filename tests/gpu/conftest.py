"""What only a GPU can show; without one, all of this folder is skipped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from equime_generation.renderers.ltx.embeddings import CACHE_VARIABLE


@pytest.fixture(scope="session", autouse=True)
def gpu() -> str:
    """Name of the GPU that torch takes first."""
    torch = pytest.importorskip("torch", reason="install equime[ltx]")
    if not torch.cuda.is_available():
        pytest.skip("torch finds no NVIDIA GPU here")
    return str(torch.cuda.get_device_name())


@pytest.fixture(scope="session")
def tiny_folder(gpu: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A checkpoint of random weights, and a cache of encoded prompts that is this session's own."""
    pytest.importorskip("diffusers", reason="install equime[ltx]")
    from tests.generation.ltx.tiny_pipeline import save_tiny_pipeline

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(CACHE_VARIABLE, str(tmp_path_factory.mktemp("cache")))
        yield save_tiny_pipeline(tmp_path_factory.mktemp("checkpoints") / "tiny")
