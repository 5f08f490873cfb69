"""How each peer is told to give the same batches, as its documentation recommends; decord resizes while it decodes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import torch

BATCH, FRAMES, SIZE_PX, BUFFER = 8, 8, 224, 1000
INDICES = np.rint(np.linspace(0, 143, FRAMES)).astype(int).tolist()
MOSAICML = "mosaicml_streaming"
STOCK_STREAMING = ("datasets_streaming_decord", "datasets_streaming_torchcodec")

Loader = Iterable[Any]


class Decord:
    """Decodes with decord; alone it may use all cores, beside other workers each takes one."""

    def __init__(self, workers: int) -> None:
        self.threads = 1 if workers else 0

    def __call__(self, data: bytes | str) -> torch.Tensor:
        import decord
        import torch

        source = BytesIO(data) if isinstance(data, bytes) else data
        reader = decord.VideoReader(source, width=SIZE_PX, height=SIZE_PX, num_threads=self.threads)
        return torch.from_numpy(reader.get_batch(INDICES).asnumpy()).permute(0, 3, 1, 2)


class Files:
    """A map-style dataset of loose files."""

    def __init__(self, paths: list[str], decode: Decord) -> None:
        self.paths, self.decode = paths, decode

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, number: int) -> torch.Tensor:
        return self.decode(self.paths[number])


class Decoding:
    """Decodes rows of `datasets`, which keep their bytes."""

    def __init__(self, decode: Decord) -> None:
        self.decode = decode

    def __call__(self, rows: list[dict[str, Any]]) -> torch.Tensor:
        import torch

        return torch.stack([self.decode(row["video"]["bytes"]) for row in rows])


def sampled_by_torchcodec(rows: list[dict[str, Any]]) -> torch.Tensor:
    """Take the frames from the decoders that `datasets` makes."""
    import torch
    from torchvision.transforms.v2.functional import resize

    clips = [row["video"].get_frames_at(INDICES).data for row in rows]
    return torch.stack([resize(clip, [SIZE_PX, SIZE_PX], antialias=True) for clip in clips])


def _files(folder: Path, workers: int) -> Loader:
    from torch.utils.data import DataLoader

    dataset: Any = Files(sorted(map(str, (folder / "files").glob("*.mp4"))), Decord(workers))
    return DataLoader(dataset, batch_size=BATCH, shuffle=True, num_workers=workers)


def _webdataset(folder: Path, workers: int) -> Loader:
    import webdataset

    shards = sorted(map(str, folder.glob("webdataset/*/*.tar")))
    clips = webdataset.WebDataset(shards, shardshuffle=len(shards)).shuffle(BUFFER).to_tuple("mp4")
    batches: Loader = webdataset.WebLoader(
        clips.map_tuple(Decord(workers)).batched(BATCH), batch_size=None, num_workers=workers
    )
    return batches


def _datasets_map(folder: Path, workers: int) -> Loader:
    from datasets import Video, load_dataset
    from torch.utils.data import DataLoader

    rows = load_dataset(str(folder), split="train", columns=["video"]).cast_column("video", Video(decode=False))
    return DataLoader(rows, batch_size=BATCH, shuffle=True, num_workers=workers, collate_fn=Decoding(Decord(workers)))


def _datasets_streaming(folder: Path, workers: int, *, decode: bool) -> Loader:
    from datasets import Video, load_dataset
    from torch.utils.data import DataLoader

    rows = load_dataset(str(folder), split="train", streaming=True, columns=["video"])
    rows = rows.cast_column("video", Video(decode=decode)).shuffle(seed=0, buffer_size=BUFFER)
    collate: Callable[[list[dict[str, Any]]], Any] = sampled_by_torchcodec if decode else Decoding(Decord(workers))
    return DataLoader(rows, batch_size=BATCH, num_workers=workers, collate_fn=collate)


def _mosaicml(folder: Path, workers: int) -> Loader:
    from streaming import StreamingDataset
    from torch.utils.data import DataLoader

    class Clips(StreamingDataset):  # type: ignore[misc]
        decode = Decord(workers)

        def __getitem__(self, number: int) -> torch.Tensor:
            return self.decode(super().__getitem__(number)["video"])

    clips = Clips(local=str(folder / "mds"), shuffle=True, batch_size=BATCH)
    return DataLoader(clips, batch_size=BATCH, num_workers=workers)


def _litdata(folder: Path, workers: int) -> Loader:
    from litdata import StreamingDataLoader, StreamingDataset

    class Clips(StreamingDataset):  # type: ignore[misc]
        decode = Decord(workers)

        def __getitem__(self, number: Any) -> torch.Tensor:
            return self.decode(super().__getitem__(number)["video"])

    batches: Loader = StreamingDataLoader(
        Clips(str(folder / "litdata"), shuffle=True), batch_size=BATCH, num_workers=workers
    )
    return batches


def _write_mosaicml(folder: Path) -> None:
    from streaming import MDSWriter

    with MDSWriter(out=str(folder / "mds"), columns={"video": "bytes"}) as writer:
        for path in sorted((folder / "files").glob("*.mp4")):
            writer.write({"video": path.read_bytes()})


def _video_of(path: str) -> dict[str, bytes]:
    return {"video": Path(path).read_bytes()}


def _write_litdata(folder: Path) -> None:
    from litdata import optimize

    paths = sorted(map(str, (folder / "files").glob("*.mp4")))
    optimize(fn=_video_of, inputs=paths, output_dir=str(folder / "litdata"), chunk_bytes="64MB", num_workers=1)


PEERS: Mapping[str, Callable[[Path, int], Loader]] = {
    "files_decord": _files,
    "webdataset": _webdataset,
    "datasets_map": _datasets_map,
    "datasets_streaming_decord": lambda folder, workers: _datasets_streaming(folder, workers, decode=False),
    "datasets_streaming_torchcodec": lambda folder, workers: _datasets_streaming(folder, workers, decode=True),
    MOSAICML: _mosaicml,
    "litdata": _litdata,
}
MODULES = {
    "files_decord": ("decord",),
    "webdataset": ("webdataset", "decord"),
    "datasets_map": ("datasets", "decord"),
    "datasets_streaming_decord": ("datasets", "decord"),
    "datasets_streaming_torchcodec": ("datasets", "torchcodec.decoders", "torchvision.transforms.v2"),
    MOSAICML: ("streaming", "decord"),
    "litdata": ("litdata", "decord"),
}
"""What each imports; the first must be installed for it to take part."""
WRITERS: Mapping[str, tuple[str, Callable[[Path], None]]] = {
    MOSAICML: ("mds", _write_mosaicml),
    "litdata": ("litdata", _write_litdata),
}
"""Folder of a format of one's own, and what writes it."""
