from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from equime_builder.errors import OutputError
from equime_builder.publish import is_partial, publish, publish_text, sweep


def test_file_appears_whole_with_its_folders(tmp_path: Path) -> None:
    path = publish_text(tmp_path / "a" / "b.txt", "ü\n")
    assert path.read_bytes() == b"\xc3\xbc\n"
    assert list(path.parent.iterdir()) == [path]


def test_nothing_stands_under_the_name_while_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "clip"

    def write(partial: Path) -> None:
        partial.write_bytes(b"half")
        assert not path.exists()
        assert partial.parent == tmp_path
        assert is_partial(partial)

    publish(path, write)
    assert path.read_bytes() == b"half"


def test_a_failed_write_leaves_the_old_file_and_no_leftover(tmp_path: Path) -> None:
    path = publish_text(tmp_path / "file", "old")

    def fail(partial: Path) -> None:
        partial.write_text("new")
        raise KeyError("stop")

    with pytest.raises(KeyError):
        publish(path, fail)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_names_the_place_and_the_reason(tmp_path: Path) -> None:
    def fill(partial: Path) -> None:
        partial.write_bytes(b"some")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(OutputError, match=rf"cannot write {tmp_path}/shard: No space left on device; free space"):
        publish(tmp_path / "shard", fill)
    assert not list(tmp_path.iterdir())


def test_a_file_in_the_way_of_a_folder_is_an_output_error(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("in the way")
    with pytest.raises(OutputError, match=r"cannot write .*data/fear: .*choose another place"):
        publish_text(tmp_path / "data" / "fear", "text")


def test_a_killed_writer_leaves_what_sweep_removes(tmp_path: Path) -> None:
    code = (
        "import os, sys, pathlib\n"
        "from equime_builder.publish import publish\n"
        "def write(p):\n    p.write_bytes(b'half'); os.kill(os.getpid(), 9)\n"
        "publish(pathlib.Path(sys.argv[1]), write)\n"
    )
    builder = Path(__file__).parents[2] / "builder"
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "deep" / "shard")], env={"PYTHONPATH": str(builder)})
    (leftover,) = (tmp_path / "deep").iterdir()
    assert is_partial(leftover)
    publish_text(tmp_path / "deep" / "kept", "whole")
    assert sweep(tmp_path) == [leftover]
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["kept"]


def test_sweep_asks_no_clock(tmp_path: Path) -> None:
    leftover = tmp_path / ".x.1-ab.part"
    leftover.write_text("half")
    os.utime(leftover, (2**32, 2**32))
    assert sweep(tmp_path) == [leftover]
    assert sweep(tmp_path / "missing") == []
