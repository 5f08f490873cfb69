"""Two hundred small clips in four shards of several row groups, as Parquet and as tar files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from equime_builder import shards
from equime_builder.folder import complete_folder
from equime_builder.layout import shard_path, tar_path
from equime_builder.rows import Row
from equime_builder.shards import write_rows
from equime_builder.stream import ClipStream, open_stream
from equime_builder.stream import tar_shard as tar_shards
from equime_builder.stream.folder import Folder
from equime_builder.stream.samples import FrameChoice
from equime_builder.tars import write_tar
from tests.samples import byte_row, encode

CLIPS = 200
EDGE_PX = 32
FRAMES = FrameChoice(count=2, size_px=EDGE_PX)

OpenClips = Callable[..., ClipStream]


def clip_row(number: int, scratch: Path) -> Row:
    """Return a row whose video is 144 frames of 32 x 32, each of the grey level ``number``."""
    grey = np.full((EDGE_PX, EDGE_PX, 3), number, dtype=np.uint8)
    emotion = ("fear", "anger")[number >= CLIPS // 2]
    return byte_row(number, encode(grey, grey, None, scratch / "clip.mp4").data, emotion)


@pytest.fixture(scope="session")
def clip_rows(tmp_path_factory: pytest.TempPathFactory) -> list[Row]:
    scratch = tmp_path_factory.mktemp("clips")
    return [clip_row(number, scratch) for number in range(CLIPS)]


@pytest.fixture(scope="session")
def clips(clip_rows: list[Row], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dataset folder; not to be changed."""
    root = tmp_path_factory.mktemp("stream") / "equime"
    group_bytes = 8 * len(clip_rows[0]["video"]["bytes"])
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(shards, "ROW_GROUP_BYTES", group_bytes)
        for shard in range(4):
            emotion, rows = ("fear", "anger")[shard // 2], clip_rows[50 * shard : 50 * shard + 50]
            write_rows(root / shard_path(emotion, "train", shard % 2), rows)
            write_tar(root / tar_path(emotion, "train", shard % 2), rows)
    complete_folder(root, config={}, code_version="1", subjects=[], placements={}, plans={}, rejects=[])
    return root


@pytest.fixture
def open_clips(clips: Path, monkeypatch: pytest.MonkeyPatch) -> OpenClips:
    """Open the two hundred clips, shuffled among 40, with two small frames each."""
    monkeypatch.setattr(tar_shards, "ROW_GROUP_BYTES", 20_000)

    def opened(**options: Any) -> ClipStream:
        defaults: dict[str, Any] = {"frames": FRAMES, "shuffle": True, "buffer_rows": 40, "columns": ["id"]}
        return open_stream(Folder(str(options.pop("root", clips))), **{**defaults, **options})

    return opened
