"""Small files that would be huge: each is refused before it is unpacked, with its size and the limit."""

from __future__ import annotations

import tarfile
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from equime_builder import demux, jpeg, manifest, tables
from equime_builder.decode import decode_frames, decode_luma
from equime_builder.errors import DatasetError, EquimeError, MediaError, PhotoError, UsageError
from equime_builder.export.xlsx import write_xlsx
from equime_builder.layout import tar_path
from equime_builder.records import Reject
from equime_builder.stream.folder import Folder
from equime_builder.stream.source import list_source
from equime_builder.tables import read_rejects, write_rejects
from equime_builder.tars import read_tar, samples_in, write_tar
from equime_evaluation.baselines.setup import Setup
from equime_evaluation.quality import regression
from equime_evaluation.recordings import sheets
from equime_evaluation.recordings.images import read_image
from equime_generation.config_file import read_config
from equime_generation.photos import decode_photo
from tests.samples import byte_row

MonkeyPatch = pytest.MonkeyPatch


def black(width: int, height: int, frames: int) -> bytes:
    buffer = BytesIO()
    with av.open(buffer, "w", format="mpegts") as out:
        stream = out.add_stream("libx264", rate=24, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for _ in range(frames):
            out.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((height, width, 3), np.uint8), format="rgb24")))
        out.mux(stream.encode())
    return buffer.getvalue()


def test_hours_of_black_are_not_decoded_at_once(monkeypatch: MonkeyPatch) -> None:
    data = black(64, 32, 20)
    monkeypatch.setattr(demux, "MAX_DECODED_BYTES", 64 * 32 * 3 * 10)
    with pytest.raises(MediaError, match=r"20 frames of 64 x 32 take .* ask for fewer frames, or .* size_px"):
        decode_frames(data)
    assert decode_frames(data, range(10)).shape == (10, 32, 64, 3)
    assert decode_frames(data, size_px=16).shape == (20, 16, 16, 3)
    assert len(decode_luma(data)) == 20
    monkeypatch.setattr(demux, "MAX_DECODED_BYTES", 64 * 32 * 10)
    with pytest.raises(MediaError, match="20 frames of 64 x 32"):
        decode_luma(data)


def test_a_tar_member_with_holes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / tar_path("fear", "train", 0)
    write_tar(path, [byte_row(1, b"video")])
    with tarfile.open(path) as tar:
        members = [(member, tar.extractfile(member)) for member in tar.getmembers()]
        contents = [(member.name, file.read() if file else b"") for member, file in members]
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as tar:
        for name, content in contents:
            member = tarfile.TarInfo(name)
            if name.endswith(".mp4"):  # a gigabyte of nothing
                member.pax_headers = {"GNU.sparse.map": "1073741824,0", "GNU.sparse.size": "1073741824"}
                content = b""
            member.size = len(content)
            tar.addfile(member, BytesIO(content))
    for read in (samples_in, lambda where: list(read_tar(where))):
        with pytest.raises(DatasetError, match=r"stands where a file <id>\.mp4 should"):
            read(path)
    source = list_source(Folder(str(tmp_path)), [path.relative_to(tmp_path).as_posix()])
    ((_, chunk),) = source.chunks
    assert [ending for ending, _, _ in chunk.members[0]] == ["txt", "json"]


@pytest.mark.parametrize("kind", [b"x", b"g", b"L", b"K"])
@pytest.mark.parametrize("size_bytes", [2**21, 2**34, 2**62])
def test_a_tar_header_of_any_length_is_refused(kind: bytes, size_bytes: int, tmp_path: Path) -> None:
    path = tmp_path / tar_path("fear", "train", 0)
    path.parent.mkdir(parents=True)
    header = tarfile.TarInfo("name")
    header.type, header.size = kind, size_bytes
    path.write_bytes(header.tobuf(tarfile.GNU_FORMAT) + bytes(2**22))
    for read in (
        samples_in,
        lambda where: list(read_tar(where)),
        lambda where: list_source(Folder(str(tmp_path)), [where.relative_to(tmp_path).as_posix()]),
    ):
        with pytest.raises(DatasetError, match=r"no whole .*: the headers of a member have more than 1048576 bytes"):
            read(path)


@pytest.mark.parametrize("size_bytes", [-1, -(2**70)])
def test_a_tar_member_of_less_than_nothing_is_refused(size_bytes: int, tmp_path: Path) -> None:
    path = tmp_path / tar_path("fear", "train", 0)
    path.parent.mkdir(parents=True)
    member = tarfile.TarInfo("fear-t001-01.mp4")
    member.size = size_bytes
    path.write_bytes(member.tobuf(tarfile.GNU_FORMAT) + bytes(2**14))
    with pytest.raises(DatasetError, match=f"has {size_bytes} bytes|no whole WebDataset shard"):
        list(read_tar(path))
    with pytest.raises(DatasetError, match="no whole tar file"):
        list_source(Folder(str(tmp_path)), [path.relative_to(tmp_path).as_posix()])


def with_more_scans(data: bytes, more: int) -> bytes:
    """Return a progressive JPEG whose last scan comes more often; no decoder minds."""
    at = data.rindex(b"\xff\xda")
    return data[:-2] + data[at:-2] * more + data[-2:]


def test_a_jpeg_of_endless_scans_is_refused(tmp_path: Path) -> None:
    buffer = BytesIO()
    Image.new("RGB", (64, 64), "grey").save(buffer, "JPEG", progressive=True)
    usual, long = buffer.getvalue(), tmp_path / "img1.jpg"
    scans = usual.count(b"\xff\xda")
    assert 2 < scans < 20
    assert (decode_photo(with_more_scans(usual, 100 - scans)) == decode_photo(usual)).all()
    long.write_bytes(with_more_scans(usual, 101 - scans))
    with pytest.raises(PhotoError, match="a JPEG may have 100 scans, this one has 101"):
        decode_photo(long.read_bytes())
    with pytest.raises(MediaError, match=r"img1\.jpg: a JPEG of 101 scans, at most 100 are read"):
        read_image(long)


def test_scans_are_counted_over_the_edges_of_blocks(monkeypatch: MonkeyPatch) -> None:
    file = BytesIO(b"\xff\xd8" + b"\xff\xda\x00" * 7)
    file.seek(3)
    for block_bytes in (1, 2, 3, 5, 64):
        monkeypatch.setattr(jpeg, "_BLOCK_BYTES", block_bytes)
        assert (jpeg.scans_in(file), file.tell()) == (7, 3)


def test_a_workbook_that_unpacks_to_much(tmp_path: Path, monkeypatch: MonkeyPatch) -> None:
    path = write_xlsx(tmp_path / "labels.xlsx", [["Subject"], [1]])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", b"<sst>" + bytes(100_000))
    assert path.stat().st_size < 5_000
    monkeypatch.setattr(sheets, "_MOST_UNPACKED_BYTES", 50_000)
    with pytest.raises(DatasetError, match=r"labels\.xlsx: unpacks to 10\d{4} bytes"):
        sheets.read_sheet(tmp_path, ("Subject",))


def test_a_table_that_unpacks_to_much(tmp_path: Path, monkeypatch: MonkeyPatch) -> None:
    reject = Reject(kind="clip", id="x", reason="y", detail="z" * 100_000, attempt=0, final=True)
    path = write_rejects(tmp_path / "rejects.parquet", [reject] * 3)
    assert len(list(read_rejects(path))) == 3
    monkeypatch.setattr(tables, "_MOST_BYTES", 50_000)
    with pytest.raises(DatasetError, match="unpacks to more than 50000 bytes"):
        list(read_rejects(path))


def test_a_manifest_of_no_dataset(tmp_path: Path, monkeypatch: MonkeyPatch) -> None:
    (tmp_path / "manifest.json").write_bytes(b" " * 200)
    monkeypatch.setattr(manifest, "MOST_MANIFEST_BYTES", 100)
    with pytest.raises(DatasetError, match=r"manifest\.json: over 100 bytes"):
        manifest.read_manifest(tmp_path)


@pytest.mark.parametrize("name", ["size_px", "frames"])
def test_a_set_up_whose_clips_fit_into_no_memory(name: str) -> None:
    with pytest.raises(UsageError, match=f"{name} must be 1024 or less, got 1000000"):
        Setup(**{name: 10**6})  # type: ignore[arg-type]


def test_a_model_of_too_many_vectors(tmp_path: Path, monkeypatch: MonkeyPatch) -> None:
    text = "svm_type epsilon_svr\nkernel_type rbf\ngamma 1\ntotal_sv 9\nrho 1\nSV\n" + "1 1:1\n" * 9
    (tmp_path / "allmodel").write_text(text)
    assert len(regression.read_model(tmp_path / "allmodel").coefficients) == 9
    monkeypatch.setattr(regression, "_MOST_VECTORS", 8)
    with pytest.raises(regression.ModelFileError, match="9 support vectors, at most 8"):
        regression.read_model(tmp_path / "allmodel")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: path.write_bytes(b"seed = " + b"9" * 5000), "is not TOML: Exceeds the limit"),
        (lambda path: path.write_bytes(b"seed = " + b"[" * 100_000), "is not TOML"),
        (lambda path: path.write_bytes(b"#" * (2**20 + 1)), "has 1048577 bytes, at most 1048576 are read"),
        (lambda path: path.mkdir(), "is no regular file; give --config a TOML file"),
    ],
)
def test_a_configuration_that_is_none(make: Callable[[Path], object], message: str, tmp_path: Path) -> None:
    make(tmp_path / "run.toml")
    with pytest.raises(EquimeError, match=message):
        read_config(tmp_path / "run.toml", {})
