"""WebDataset shards."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from equime_builder.layout import tar_path
from equime_builder.manifest import FileEntry
from equime_builder.spot_check import EVERY_CLIP
from equime_builder.stream.folder import Folder
from equime_builder.stream.samples import FrameChoice
from equime_builder.tar_inspection import look_at_tar
from equime_builder.tars import read_tar, samples_in, write_tar
from tests.fuzz.containers import mutated_tar
from tests.fuzz.target import Target
from tests.fuzz.targets.tables import small_video, whole_folder
from tests.samples import byte_row

_TAR: Final = tar_path("fear", "train", 0)
_MARKS: Final = (b".json\x00", b".mp4\x00", b".txt\x00", b"ustar", b"0000644\x00", b"size=", b"GNU.sparse")


def _samples(folder: Path) -> list[bytes]:
    whole_folder(folder)
    video = small_video(folder)
    write_tar(folder / _TAR, [byte_row(number, video) for number in (1, 2, 3)])
    return [(folder / _TAR).read_bytes()]


def _inspect(folder: Path) -> object:
    entry = FileEntry(path=_TAR, rows=3, size_bytes=1, sha256="0" * 64)
    return look_at_tar(folder / _TAR, entry, EVERY_CLIP, is_twin=False)


def _stream(folder: Path) -> object:
    """The manifest says nothing of the tar file: name it."""
    from equime_builder.stream.clip_stream import ClipStream
    from equime_builder.stream.samples import sample_maker
    from equime_builder.stream.source import list_source

    source = list_source(Folder(str(folder)), [_TAR])
    maker = sample_maker(source.columns, columns=None, frames=FrameChoice(how="event", count=2, size_px=32), seed=0)
    return list(ClipStream(source, maker))


TARGETS: Final[dict[str, Target]] = {
    "tar": Target(
        file=_TAR,
        samples=_samples,
        readers=(
            lambda folder: list(read_tar(folder / _TAR)),
            lambda folder: samples_in(folder / _TAR),
            _inspect,
            _stream,
        ),
        mutate=mutated_tar,
        marks=_MARKS,
    )
}
