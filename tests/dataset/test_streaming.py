"""Streams as users open them: from a folder, from a URL, from a Hub that falters, against what `datasets` reads."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest
from huggingface_hub import HfFileSystem, constants

from equime_builder.decode import decode_frames
from equime_builder.errors import DatasetMissingError, TransferError, UsageError
from equime_builder.vqa_shards import add_vqa
from equime_dataset import ChatCollator, load_equime, stream_equime
from tests.dataset.hub_server import Hub
from tests.dataset.test_places import ids_in


def ids(samples: Any) -> list[str]:
    return [sample["id"] for sample in samples]


def test_whole_rows_are_those_of_datasets(home: Path) -> None:
    found = list(stream_equime("fear", split="test", decode=False))
    stock = list(load_equime("fear", split="test", decode=False))
    assert [set(row) for row in found] == [set(row) for row in stock]
    for row, other in zip(found, stock, strict=True):
        assert row["video"] == other["video"]
        assert row["messages"] == other["messages"]
        assert row["aus"] == other["aus"]
    assert callable(ChatCollator), "takes such rows"


def test_samples_have_the_frames_that_are_asked_for(home: Path) -> None:
    (sample, *_) = stream_equime("fear", split="test", frames=3, how="uniform", size_px=64, columns=["id"])
    (row, *_) = load_equime("fear", split="test", decode=False)
    assert sample["frame_indices"].tolist() == [0, 72, 143]
    expected = decode_frames(row["video"]["bytes"], [0, 72, 143], layout="TCHW", size_px=64)
    assert (sample["frames"] == expected).all()
    (whole, *_) = stream_equime("fear", split="test", how="all", layout="THWC")
    assert whole["frames"].shape == (144, 512, 512, 3)


def test_questions_are_streamed_too(folder: Path) -> None:
    add_vqa(folder)
    rows = list(stream_equime("vqa", split="train", data_dir=folder, decode=False))
    assert len(rows) == 6
    assert all(row["questions"][0]["image_id"] == row["id"] for row in rows)
    with pytest.raises(UsageError, match="no parquet shard of 'spotting'"):
        stream_equime("spotting", data_dir=folder)


def test_a_url_of_fsspec_is_read(folder: Path) -> None:
    memory = fsspec.filesystem("memory")
    memory.put(str(folder), "/bucket/equime", recursive=True)
    try:
        stream = stream_equime("fear", data_dir="memory://bucket/equime", columns=["id"], frames=1, size_px=16)
        assert ids(stream) == ids_in(folder)["train"]
    finally:
        memory.rm("/bucket", recursive=True)


def test_no_dataset_is_said(tmp_path: Path) -> None:
    with pytest.raises(DatasetMissingError, match="build one with `equime render"):
        stream_equime(data_dir=tmp_path / "none")
    with pytest.raises(DatasetMissingError, match=r"memory://none/manifest.json: no such file"):
        stream_equime(data_dir="memory://none")


@pytest.fixture
def online(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """The Hub's client in this process talks to the server on loopback, and waits for nothing."""
    monkeypatch.setattr(constants, "ENDPOINT", hub.endpoint)
    template = constants.HUGGINGFACE_CO_URL_TEMPLATE.replace(constants._HF_DEFAULT_ENDPOINT, hub.endpoint)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr("time.sleep", lambda duration_s: None)
    HfFileSystem.clear_instance_cache()
    yield hub
    HfFileSystem.clear_instance_cache()


def test_a_repository_of_a_hub_is_read_by_parts(online: Hub, folder: Path) -> None:
    stream = stream_equime("fear", path="org/equime", columns=["id", "emotion"], frames=2, size_px=16)
    assert stream.source.folder.root == f"hf://datasets/org/equime@{online.commit_of('org/equime')}"
    assert ids(stream) == ids_in(folder)["train"]
    shards = [(line, part) for line, part in online.requests if line.endswith(".parquet")]
    assert all(part for line, part in shards if line.startswith("GET")), "never a whole shard"
    assert {line.rpartition("/")[2] for line, _ in shards} == {"train-00000.parquet"}, "nothing of other splits"
    assert ids(stream_equime("fear", data_dir="hf://datasets/org/equime", frames=1)) == ids_in(folder)["train"]


def test_a_hub_that_drops_a_connection_is_asked_again(online: Hub, folder: Path) -> None:
    stream = stream_equime("fear", path="org/equime", columns=["id"], frames=1, size_px=16)
    online.drops = {"train-00000.parquet": 2}
    assert ids(stream) == ids_in(folder)["train"]
    assert online.drops == {"train-00000.parquet": 0}


def test_a_hub_that_keeps_dropping_the_connection_is_said(online: Hub) -> None:
    stream = stream_equime("fear", path="org/equime", columns=["id"], frames=1, on_error="skip")
    online.drops = {"train-00000.parquet": 10_000}
    before = threading.active_count()
    with pytest.raises(
        TransferError, match=r"train-00000\.parquet: the connection failed again and again .* state_dict"
    ) as caught:
        list(stream)
    assert "\n" not in str(caught.value)
    assert stream.state_dict()["seen"] == []
    assert threading.active_count() <= before + 1


def test_what_the_hub_has_not_is_said(online: Hub) -> None:
    with pytest.raises(DatasetMissingError, match="the Hub has no dataset 'org/other'"):
        stream_equime(path="org/other")
    with pytest.raises(UsageError, match="is no dataset of the Hub; a name looks like 'org/equime'"):
        stream_equime(path="other")
