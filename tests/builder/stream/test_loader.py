"""Batches from workers, and resuming with another number of them, with decoded frames."""

from __future__ import annotations

import json
from itertools import product
from typing import Any

import numpy as np
import pytest

from equime_builder.collate import collate
from equime_builder.errors import MissingExtraError, UsageError
from equime_builder.stream import StreamLoader
from tests.builder.stream.conftest import OpenClips

pytestmark = pytest.mark.filterwarnings(
    "ignore:.*fork:DeprecationWarning",  # Python 3.12 warns; torch forks
    "ignore:This DataLoader will create:UserWarning",  # three workers on two cores
)

CASES = [(7 * case % 26, *workers) for case, workers in enumerate(product(range(4), repeat=2))]
CASES += [(1, 0, 2), (24, 2, 3), (13, 3, 1), (19, 1, 2)]
"""Batches seen, workers before, workers after."""


def test_twenty_cuts_and_pairs_are_tried() -> None:
    assert len(CASES) == 20


@pytest.mark.parametrize(("cut", "before", "after"), CASES)
def test_a_resumed_epoch_sees_each_sample_once(open_clips: OpenClips, cut: int, before: int, after: int) -> None:
    torch = pytest.importorskip("torch", reason="install equime[train]")
    stream = open_clips(columns=["id", "seed"])
    stream.set_epoch(1)
    seen: list[str] = []
    greys: list[float] = []
    batches = iter(stream.loader(batch_size=8, num_workers=before))
    for _ in range(cut):
        batch = next(batches)
        seen += batch["id"]
        greys += batch["frames"].float().mean(dim=(1, 2, 3, 4)).tolist()
    state = json.loads(json.dumps(stream.state_dict()))
    del batches
    resumed = open_clips(columns=["id", "seed"])
    resumed.load_state_dict(state)
    for batch in resumed.loader(batch_size=8, num_workers=after):
        assert batch["frames"].dtype == torch.uint8
        seen += batch["id"]
        greys += batch["frames"].float().mean(dim=(1, 2, 3, 4)).tolist()
    assert sorted(int(name.rpartition("-")[2]) for name in seen) == list(range(200))
    numbers = [int(name.rpartition("-")[2]) for name in seen]
    assert np.abs(np.array(greys) - np.array(numbers)).max() <= 3, "each sample has its own frames"
    assert resumed.epoch == 2


def test_a_loader_without_workers_keeps_the_stream_s_order(open_clips: OpenClips) -> None:
    pytest.importorskip("torch", reason="install equime[train]")
    names = [sample["id"] for sample in open_clips(frames=None)]
    loader = open_clips(frames=None).loader(batch_size=64, collate=lambda rows: [row["id"] for row in rows])
    assert len(loader) == 4
    assert [name for batch in loader for name in batch] == names


@pytest.mark.parametrize(
    ("workers", "drop_last", "sizes"), [(0, False, [64, 64, 64, 8]), (0, True, [64] * 3), (3, True, [64] * 3)]
)
def test_last_batches(open_clips: OpenClips, workers: int, drop_last: bool, sizes: list[int]) -> None:
    pytest.importorskip("torch", reason="install equime[train]")
    loader = open_clips(frames=None).loader(batch_size=64, num_workers=workers, drop_last=drop_last, collate=len)
    assert len(loader) == len(sizes)
    assert list(loader) == sizes
    assert loader.stream.epoch == 1


def test_batches_of_samples(open_clips: OpenClips) -> None:
    torch = pytest.importorskip("torch", reason="install equime[train]")
    samples = list(open_clips(columns=None))[:3]
    batch = collate(samples)
    assert batch["frames"].shape == (3, 2, 3, 32, 32)
    assert batch["emotion"].tolist() == [sample["emotion"] for sample in samples]
    assert batch["frame_indices"].shape == (3, 2)
    assert batch["au_intensity"].dtype == torch.float32
    assert batch["caption"] == [sample["caption"] for sample in samples]
    assert batch["apex_frame"] == [62, 62, 62]


@pytest.mark.parametrize("workers", [0, 2])
def test_any_loader_takes_the_stream_and_the_indexed_clips(open_clips: OpenClips, workers: int) -> None:
    data = pytest.importorskip("torch.utils.data", reason="install equime[train]")
    options: dict[str, Any] = {"batch_size": 8, "num_workers": workers, "collate_fn": collate}
    for dataset, more in ((open_clips(), {}), (open_clips().indexed(), {"shuffle": True})):
        names = [name for batch in data.DataLoader(dataset, **options, **more) for name in batch["id"]]
        assert len(names) == len(set(names)) == 200


class Asking:
    """A collator that asks the stream, in the worker, how far it is."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream

    def __call__(self, samples: Any) -> str:
        try:
            return str(self.stream.state_dict())
        except UsageError as error:
            return str(error)


def test_a_worker_s_copy_of_the_stream_gives_no_state(open_clips: OpenClips) -> None:
    pytest.importorskip("torch", reason="install equime[train]")
    stream = open_clips(frames=None)
    (told, *_) = stream.loader(batch_size=200, num_workers=1, collate=Asking(stream))
    assert told.startswith("state_dict() in a worker knows a part alone; take stream.loader")


def test_what_a_loader_cannot_do_is_said(open_clips: OpenClips, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = open_clips(frames=None)
    with pytest.raises(UsageError, match="batch_size must be 1 or more"):
        stream.loader(batch_size=0)
    with pytest.raises(UsageError, match="persistent_workers cannot be had"):
        stream.loader(num_workers=1, persistent_workers=True)

    def missing(module: str, *, extra: str) -> None:
        raise MissingExtraError(f"{module} {extra}")

    monkeypatch.setattr("equime_builder.stream.loader.need", missing)
    with pytest.raises(MissingExtraError, match="torch train"):
        stream.loader()


def test_a_loader_is_a_stream_loader(open_clips: OpenClips) -> None:
    assert isinstance(open_clips(frames=None).loader(), StreamLoader)
