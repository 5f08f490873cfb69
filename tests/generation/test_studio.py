"""The renderer of a process: what it makes is finished beside it, and it is loaded anew where memory runs out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from equime_builder.errors import EquimeError, UsageError
from equime_builder.records import Placement
from equime_generation import crew as crew_module
from equime_generation import studio as studio_module
from equime_generation.causal import plan_clip
from equime_generation.config import RunConfig
from equime_generation.crew import crew_of, visible_gpus
from equime_generation.renderers import RENDERERS, Job
from equime_generation.renderers.ltx.faults import OutOfMemory
from equime_generation.renderers.ltx.settings import LtxSettings
from equime_generation.studio import Studio, Task
from tests.generation.ltx.stand_in import GuideModel, renderer_of

if TYPE_CHECKING:
    from equime_generation.faces import Face

CONFIG = RunConfig(renderer="ltx", workers=2, ltx=LtxSettings(conditioning="guide", device="cpu", batch_size=4))


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Batch sizes of the renderers that were loaded, each of which follows its guide."""
    sizes: list[int] = []

    def load(name: str, settings: LtxSettings) -> Any:
        assert name == "ltx"
        sizes.append(settings.batch_size)
        return renderer_of(GuideModel(batch_size=settings.batch_size))

    monkeypatch.setattr(studio_module, "load_renderer", load)
    return sizes


def task_of(face: Face, emotion: str = "surprise") -> Task:
    who = face.subject.id
    plan = plan_clip(subject_id=who, emotion=emotion, clip_id=f"{who}-{emotion}", plan_id="set-000", seed=0)
    return Task(job=Job(face=face, plan=plan), placement=Placement(split="train", fold=0))


def test_clips_are_finished_in_processes_of_their_own(opened: list[int], default_face: Face) -> None:
    studio = Studio(CONFIG)
    try:
        ((clip_id, (row, faults)),) = studio.finished([task_of(default_face)], batch_size=4)
    finally:
        assert studio._pool is not None
        studio._pool.close()
    assert (clip_id, faults) == (task_of(default_face).job.plan.clip_id, ())
    assert row is not None
    assert row["id"] == clip_id
    assert row["measured"]["correlation"] > 0.85, "a clean clip loses more to coding than a noisy one"


def test_memory_that_runs_out_halves_the_batch_once(opened: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(RENDERERS, "ltx", replace(RENDERERS["ltx"], on_device=False))  # no pool of processes
    studio = Studio(CONFIG)
    studio.shrink(4)
    studio.shrink(4)  # another part that met the same
    assert opened == [4, 2]
    studio.shrink(2)
    with pytest.raises(EquimeError, match=r"not even one clip at a time fits .* choose a smaller --memory preset"):
        studio.shrink(1)
    assert studio.batch_size == 1


def test_a_part_that_began_with_another_batch_starts_again(opened: list[int], default_face: Face) -> None:
    studio = Studio(CONFIG)
    studio.shrink(4)
    with pytest.raises(OutOfMemory, match="batches of 4: found by another part"):
        studio.finished([task_of(default_face)], batch_size=4)


def test_a_gpu_has_a_worker_and_two_parts_in_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    on_gpus = replace(CONFIG, workers=0, ltx=LtxSettings())
    monkeypatch.setattr(crew_module, "visible_gpus", lambda: ("0", "1", "2"))
    assert (crew_of(on_gpus).workers, crew_of(on_gpus).lanes, crew_of(on_gpus).devices) == (3, 2, ("0", "1", "2"))
    assert crew_of(replace(on_gpus, workers=2)).workers == 2
    with pytest.raises(UsageError, match="workers must be at most the number of GPUs, 3, got 4"):
        crew_of(replace(on_gpus, workers=4))
    assert (crew_of(replace(CONFIG, workers=0)).workers, crew_of(CONFIG).devices) == (1, ())
    assert (crew_of(RunConfig(workers=5)).workers, crew_of(RunConfig()).lanes) == (5, 1)


def test_gpus_are_named_as_the_user_narrowed_them(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3, GPU-7f")
    assert visible_gpus() == ("3", "GPU-7f")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    assert visible_gpus() == ("0", "1")
