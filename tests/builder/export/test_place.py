"""An export owns its folder, is whole or goes on, and gives the same bytes each time."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from equime_builder.errors import DatasetError, DatasetMissingError, MediaError, OutputError, UsageError
from equime_builder.export import FORMATS, export_dataset
from equime_builder.folder import complete_folder
from equime_builder.layout import shard_path
from equime_builder.licenses import NOT_TO_BE_PASSED_ON
from equime_builder.manifest import Manifest, entry_of, write_manifest
from equime_builder.shards import write_rows
from tests.builder.export.conftest import build

KILLED = """
import os, signal, sys
from pathlib import Path
from equime_builder.export import export_dataset, frames

saved = 0
save = frames._save

def save_or_die(path, frame, images):
    global saved
    saved += 1
    if saved == 9:
        path.write_bytes(b"half an ima")
        os.kill(os.getpid(), signal.SIGKILL)
    save(path, frame, images)

frames._save = save_or_die
export_dataset(Path(sys.argv[1]), Path(sys.argv[2]), format="casme2")
"""


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("format", FORMATS)
def test_a_second_export_has_the_same_bytes(dataset: Path, tmp_path: Path, format: str) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    assert not export_dataset(dataset, first, format=format).already_whole
    export_dataset(dataset, second, format=format)
    assert files(first) == files(second)
    assert "NOTICE.txt" in files(first)
    assert export_dataset(dataset, first, format=format).already_whole
    assert files(first) == files(second)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no SIGKILL")
def test_a_killed_export_leaves_nothing_half_and_goes_on(dataset: Path, tmp_path: Path) -> None:
    whole, out = tmp_path / "whole", tmp_path / "out"
    export_dataset(dataset, whole, format="casme2")
    killed = subprocess.run([sys.executable, "-c", KILLED, dataset, out], check=False)
    assert killed.returncode == -signal.SIGKILL
    final = {name: data for name, data in files(out).items() if not any(p[0] == "." for p in name.split("/"))}
    assert {name for name in final if name.endswith(".jpg")}, "the first sequence is there"
    assert json.loads(final.pop("equime-export.json"))["whole"] is False
    assert final == {name: files(whole)[name] for name in final}, "what has its name is whole"
    assert not list(out.glob("*.xlsx"))
    assert b"half an ima" in files(out).values(), "a sequence was cut off"
    export_dataset(dataset, out, format="casme2")
    assert files(out) == files(whole)


def test_an_export_killed_before_its_marker_was_there_goes_on(dataset: Path, tmp_path: Path) -> None:
    (tmp_path / ".equime-export.lock").touch()
    (tmp_path / ".equime-export.json.12-ab.part").write_bytes(b'{"reque')
    export_dataset(dataset, tmp_path, format="videofolder")
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"format": "avi"}, "format 'avi' is unknown; choose from: folder, casme2, samm, megc, mevqa, webdataset, v"),
        ({"images": "tiff"}, "kind of images 'tiff' is unknown; choose from: jpg, png"),
        ({"emotions": ["joy"]}, "emotion 'joy' is unknown; choose from: happiness"),
        ({"splits": ["dev"]}, "split 'dev' is unknown; choose from: train, validation, test"),
        ({"emotions": ["fear"], "splits": ["train"]}, "no clip of emotions fear in splits train; here are: anger/v"),
        ({"emotions": ["neutral"]}, "casme2 has no place for clips without an expression; name other --emotions"),
    ],
)
def test_choices_that_cannot_be_are_refused(
    dataset: Path, tmp_path: Path, choices: dict[str, Any], message: str
) -> None:
    out = tmp_path / "out"
    with pytest.raises(UsageError, match=message):
        export_dataset(dataset, out, **{"format": "casme2"} | choices)
    assert not out.exists()


def test_a_folder_that_holds_something_is_left_alone(dataset: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("all of it")
    with pytest.raises(UsageError, match="holds something that is no export of EquiME; choose an empty folder"):
        export_dataset(dataset, tmp_path, format="folder")
    with pytest.raises(UsageError, match=r"--out must be a folder, and .* is a file"):
        export_dataset(dataset, tmp_path / "thesis.txt", format="folder")
    assert files(tmp_path) == {"thesis.txt": b"all of it"}


def test_another_export_keeps_its_folder(dataset: Path, tmp_path: Path) -> None:
    export_dataset(dataset, tmp_path, format="mevqa", splits=["test"])
    before = files(tmp_path)
    with pytest.raises(UsageError, match=r"holds another export .*format mevqa"):
        export_dataset(dataset, tmp_path, format="videofolder")
    with pytest.raises(UsageError, match="holds another export"):
        export_dataset(dataset, tmp_path, format="mevqa")
    assert files(tmp_path) == before
    (tmp_path / "equime-export.json").write_bytes(b"[" * 100_000)
    with pytest.raises(UsageError, match=r"equime-export\.json cannot be read"):
        export_dataset(dataset, tmp_path, format="mevqa", splits=["test"])


@pytest.mark.parametrize("place", ["", "exports/casme2", ".."])
def test_an_export_lies_beside_the_dataset(dataset: Path, place: str) -> None:
    with pytest.raises(UsageError, match="lie within each other; choose a folder beside it"):
        export_dataset(dataset, dataset / place, format="folder")


def test_two_exports_at_once_are_refused(dataset: Path, tmp_path: Path) -> None:
    with (
        FileLock(tmp_path / ".equime-export.lock"),
        pytest.raises(UsageError, match=r"another export is at work in .*; wait for it"),
    ):
        export_dataset(dataset, tmp_path, format="folder")


def test_a_place_that_cannot_be_written_is_said(dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot be written: Not a directory; choose another --out"):
        export_dataset(dataset, tmp_path / "file" / "out", format="folder")

    def forbid(path: Path) -> Any:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "out").mkdir()
    monkeypatch.setattr(Path, "iterdir", forbid)
    with pytest.raises(OutputError, match="cannot be written: Permission denied; choose another --out"):
        export_dataset(dataset, tmp_path / "out", format="folder")


def test_a_full_disk_is_said_at_the_start_and_on_the_way(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    with monkeypatch.context() as patched:
        patched.setattr("shutil.disk_usage", lambda path: shutil._ntuple_diskusage(10**9, 10**9, 1000))
        with pytest.raises(OutputError, match=r"and the disk has 0\.0 GB; make room, choose fewer clips"):
            export_dataset(dataset, out, format="folder")

    def full(path: Path, *rest: Any) -> None:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("equime_builder.export.frames._save", full)
        with pytest.raises(OutputError, match="No space left on device; free space"):
            export_dataset(dataset, tmp_path / "images", format="samm")
    assert set(files(tmp_path / "images")) == {"equime-export.json"}


def test_what_is_there_already_needs_no_room(dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    export_dataset(dataset, tmp_path, format="videofolder")
    marker = tmp_path / "equime-export.json"
    marker.write_text(marker.read_text().replace("true", "false"))  # as if it was killed just before its end
    (tmp_path / "test" / "metadata.parquet").unlink()
    needed = 6 * 20_000
    monkeypatch.setattr("shutil.disk_usage", lambda path: shutil._ntuple_diskusage(0, 0, needed))
    export_dataset(dataset, tmp_path, format="videofolder")
    assert (tmp_path / "test" / "metadata.parquet").exists()


def test_a_dataset_that_is_none_or_damaged_is_said(dataset: Path, staircase: bytes, tmp_path: Path) -> None:
    with pytest.raises(DatasetMissingError):
        export_dataset(tmp_path / "nowhere", tmp_path / "out", format="folder")
    cut = build(tmp_path / "cut", staircase[: len(staircase) // 2])
    with pytest.raises(MediaError, match=r"clip joy-1: .*; run equime verify"):
        export_dataset(cut, tmp_path / "images", format="casme2")
    (cut / "data/fear/test-00000.parquet").write_bytes(b"PAR1")
    with pytest.raises(DatasetError, match=r"test-00000\.parquet"):
        export_dataset(cut, tmp_path / "out", format="folder")


@pytest.mark.parametrize("format", ["folder", "samm", "webdataset"])
def test_a_dataset_of_tar_files_alone_exports_the_same(dataset: Path, tmp_path: Path, format: str) -> None:
    tars = tmp_path / "tars"
    export_dataset(dataset, tars, format="webdataset")
    shutil.copy(dataset / "subjects.parquet", tars)
    entries = [entry_of(tars, path.relative_to(tars).as_posix()) for path in sorted(tars.rglob("*.tar"))]
    write_manifest(tars, Manifest(code_version="1", config={}, files=tuple(entries)))
    export_dataset(dataset, tmp_path / "first", format=format)
    export_dataset(tars, tmp_path / "second", format=format)
    first, second = (
        {name: json.loads(data) if name.endswith(".json") else data for name, data in files(tmp_path / out).items()}
        for out in ("first", "second")
    )
    for found in (first, second):
        found.pop("equime-export.json")  # it names the dataset's own files
    assert first == second


def test_a_dataset_without_clips_is_said(tmp_path: Path) -> None:
    root = tmp_path / "empty"
    write_rows(root / shard_path("fear", "train", 0), [])
    complete_folder(root, config={}, code_version="1", subjects=[], placements={}, plans={}, rejects=[])
    with pytest.raises(UsageError, match=r"no clip of emotions \(all\) in splits \(all\); here are: none"):
        export_dataset(root, tmp_path / "out", format="folder")


def test_licences_that_forbid_passing_on_are_said(staircase: bytes, tmp_path: Path) -> None:
    bound = build(tmp_path / "bound", staircase, license=f"research only, {NOT_TO_BE_PASSED_ON}")
    exported = export_dataset(bound, tmp_path / "out", format="folder")
    assert exported.held_back == 6
    notice = (tmp_path / "out" / "NOTICE.txt").read_text(encoding="utf-8")
    assert "MUST NOT BE PASSED ON: keep these clips on this machine" in notice
    free = build(tmp_path / "free", staircase)
    assert export_dataset(free, tmp_path / "free-out", format="folder").held_back == 0
