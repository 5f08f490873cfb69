"""Files of other machines: read by parts, tried again where a read breaks off, given up with a clear error."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from equime_builder import patience
from equime_builder.errors import DatasetMissingError, TransferError, UsageError
from equime_builder.stream.folder import Folder, open_folder

CONTENT = bytes(range(256)) * 1000


class Faltering(MemoryFileSystem):  # type: ignore[misc]
    """A file system whose files break off as often as `faults` says."""

    protocol = "faltering"
    store: dict[str, Any] = {}  # noqa: RUF012
    pseudo_dirs = [""]  # noqa: RUF012
    faults: list[Exception] = []  # noqa: RUF012

    def _open(self, path: str, mode: str = "rb", **options: Any) -> Any:
        file = super()._open(path, mode, **options)
        return file if "w" in mode else _File(file.getvalue())


class _File(io.BytesIO):
    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.size = len(data)

    def read(self, size: int | None = -1) -> bytes:
        if Faltering.faults:
            super().read(10)
            raise Faltering.faults.pop()
        return super().read(size)


@pytest.fixture
def far(monkeypatch: pytest.MonkeyPatch) -> Iterator[Folder]:
    fsspec.register_implementation("faltering", Faltering, clobber=True)
    monkeypatch.setattr(patience, "WAIT_S", 0.001)
    with fsspec.open("faltering://place/file", "wb") as file:
        file.write(CONTENT)
    yield Folder("faltering://place")
    Faltering.store.clear()
    Faltering.faults = []


def test_any_part_is_read(far: Folder) -> None:
    assert far.read("file", most_bytes=10**6) == CONTENT
    assert far.read("file", most_bytes=5) == CONTENT[:6]
    with far.open("file") as file:
        file.seek(-5, io.SEEK_END)
        assert (file.tell(), file.read()) == (len(CONTENT) - 5, CONTENT[-5:])
        file.seek(70_000)
        file.seek(7, io.SEEK_CUR)
        assert file.read(100_000) == CONTENT[70_007:170_007]


def test_a_read_that_breaks_off_goes_on_from_where_it_was(far: Folder) -> None:
    with far.open("file") as file:
        Faltering.faults = [ConnectionResetError("reset by peer"), TimeoutError(), OSError("broken")]
        assert file.read(1000) == CONTENT[:1000]
        assert file.read() == CONTENT[1000:]


def test_what_keeps_breaking_off_is_a_transfer_error(far: Folder) -> None:
    with far.open("file") as file:
        file.seek(512)
        Faltering.faults = [ConnectionResetError("reset\nby peer")] * patience.ATTEMPTS
        with pytest.raises(
            TransferError, match=r"file: the connection failed again and again at byte 512: reset by peer;"
        ):
            file.read(10)


def test_what_is_not_there_is_missing(far: Folder, tmp_path: Path) -> None:
    with pytest.raises(DatasetMissingError, match="faltering://place/other: no such file"):
        far.read("other", most_bytes=9)
    with pytest.raises(DatasetMissingError, match=r"other: no such file; check the folder's name"):
        Folder(str(tmp_path)).read("other", most_bytes=9)


def test_names_become_places(tmp_path: Path, far: Folder) -> None:
    (tmp_path / "manifest.json").write_text("{}")
    assert open_folder(tmp_path) == Folder(str(tmp_path))
    assert open_folder("faltering://place/") == far
    assert (Folder("/data").is_local, far.is_local) == (True, False)
    for name in ("equime", "a/b/c", ""):
        with pytest.raises(UsageError, match="a name looks like 'org/equime'"):
            open_folder(name, repository=True)
