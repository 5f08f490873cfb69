"""Accidents, and that the same command afterwards ends in the same bytes.

Which of them is tested where:

| accident | ends in | tested in |
|---|---|---|
| a worker is killed | the run goes on with a new one | here; `test_engines` for the engine alone |
| a worker of Ray, a node of Ray is killed | the run goes on with the others | `test_ray`, while clips are rendered |
| workers are killed again and again | an error that says so | `test_engines` |
| the driver is killed, at any time | nothing half-written under a final name | `test_run` |
| Ctrl-C | a resumable folder, no worker left | `test_engines` |
| the disk fills up in mid-run | an error that names the file; nothing half-written | here |
| the disk is too small from the start | an error before the first clip | `test_claim` |
| a second run on the same folder | it is refused, the first goes on | here; `test_claim` within one process |
| the clock jumps, back or ahead | nothing: no decision asks for the time | here |
| a photo changes before the run goes on | it is refused and named | here |
| a photo vanishes before the run goes on | it is refused and named | here; `test_run` after the end |
| a photo changes or vanishes while clips are made | nothing: faces were kept | here |
| `forget` or `--drop-rejected` is killed | each file old or new; the same call ends the work | `test_killed_removal` |
| a kept face is damaged | an error that names the file | `test_workspace` |
| leftovers of a killed run | they are swept | `test_claim`, `test_publish` |

Runs begin where all parts but one are done: those are taken from a whole run, so that little is rendered here.
"""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import cycle
from pathlib import Path

import pytest

from equime_builder import publish as publish_module
from equime_builder.digests import sha256_of_file
from equime_builder.errors import EquimeError, OutputError, UsageError
from equime_generation import engines
from equime_generation.config import RunConfig
from equime_generation.parts import ClipDone, Part
from equime_generation.progress import Tally
from equime_generation.run import render_dataset
from tests.generation.begun import begin_run
from tests.generation.conftest import Ran

Begin = Callable[[Path], RunConfig]


@pytest.fixture
def photos(people_folder: Path, tmp_path: Path) -> Path:
    """Photos that a test may change."""
    return Path(shutil.copytree(people_folder, tmp_path / "photos"))


@pytest.fixture
def begin(small_run: Ran, photos: Path) -> Begin:
    """Makes a run of which all parts but the first are done."""

    def begun(out: Path) -> RunConfig:
        config = replace(small_run.config, faces=f"folder:{photos}", out=str(out), workers=1)
        begin_run(config, small_run, missing=1)
        return config

    return begun


@contextmanager
def meanwhile(accident: Callable[[], object]) -> Iterator[None]:
    """Run parts in this process; the accident happens when photos are admitted and no clip is made yet."""

    def run(parts: Sequence[Part], work: engines.Work, *, report: Callable[[ClipDone], None], **others: object) -> None:
        accident()
        for part in parts:
            work(part, report)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engines, "load_engine", lambda name: run)
        yield


def contents(out: Path) -> dict[str, str]:
    """Hashes of all files but the configuration, which names the folder."""
    files = (path for path in sorted(out.rglob("*")) if path.is_file() and path.name != "run.toml")
    return {path.relative_to(out).as_posix(): sha256_of_file(path) for path in files}


def nothing() -> None:
    return None


def test_only_what_is_missing_is_handed_out(begin: Begin, tmp_path: Path) -> None:
    """Else the driver of a large run would hand tens of thousands of clips to workers that have nothing to do."""
    handed: list[Part] = []
    told: list[ClipDone] = []
    config, watch = begin(tmp_path / "equime"), Tally()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engines, "load_engine", lambda name: lambda parts, work, **others: handed.extend(parts))
        patch.setattr(Tally, "clip_done", lambda self, done: told.append(done))
        with pytest.raises(EquimeError, match=r"parts.*rejects\.parquet"):
            render_dataset(config, watch)
    (missing,) = handed
    assert len(told) == watch.clips - len(missing.plans) > 0
    assert all(done.resumed for done in told)
    assert not {done.clip_id for done in told} & {plan.clip_id for plan in missing.plans}


def test_a_full_disk_ends_in_an_error_and_the_same_bytes_once_there_is_room(
    begin: Begin, small_run: Ran, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = begin(tmp_path / "equime")
    flush = publish_module._flush
    for full in ("parts", "data", "manifest.json"):

        def refuse(path: Path, flags: int, full: str = full) -> None:
            if full in path.relative_to(tmp_path).as_posix() and path.suffix == ".part":
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            flush(path, flags)

        monkeypatch.setattr(publish_module, "_flush", refuse)
        with (
            meanwhile(nothing),
            pytest.raises(OutputError, match=rf"cannot write .*{full}.*No space left .*free space"),
        ):
            render_dataset(config, Tally())
        assert not (tmp_path / "equime" / "manifest.json").exists()
        assert not list((tmp_path / "equime").rglob("*.part"))
    monkeypatch.setattr(publish_module, "_flush", flush)
    with meanwhile(nothing):
        render_dataset(config, Tally())
    assert contents(tmp_path / "equime") == contents(small_run.out)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 24 MB, where this process may mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = sys.platform == "linux" and shutil.which("mount") is not None
    options = ["-t", "tmpfs", "-o", "size=24m", "tmpfs", str(disk)]
    if not mounted or subprocess.run(["mount", *options], capture_output=True, check=False).returncode:
        pytest.skip("only root mounts a file system; the test above stands in")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_disk_that_is_really_full(begin: Begin, small_run: Ran, small_disk: Path) -> None:
    config, ballast = begin(small_disk / "equime"), small_disk / "ballast"

    def fill() -> None:
        with ballast.open("wb", buffering=0) as file, suppress(OSError):
            while file.write(bytes(4096)):
                pass

    with meanwhile(fill), pytest.raises(OutputError, match="No space left"):
        render_dataset(config, Tally())
    ballast.unlink()
    with meanwhile(nothing):
        render_dataset(config, Tally())
    assert contents(small_disk / "equime") == contents(small_run.out)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="children are found in /proc")
def test_a_killed_worker_and_a_second_run_change_nothing(begin: Begin, small_run: Ran, tmp_path: Path) -> None:
    out = tmp_path / "equime"
    config = begin(out)
    words = ["--faces", config.faces, "--emotions", ",".join(config.emotions), "--workers", "1", "--out", str(out)]
    counts = ["--clips-per-emotion", "3", "--spotting-clips", "1", "--with-flow"]
    command = [sys.executable, "-m", "equime_generation.cli", "render", *counts, *words]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as driver:
        worker = next(found for found in iter(lambda: waited(worker_of(driver)), None) if found)
        with pytest.raises(UsageError, match="another run is at work"):
            render_dataset(config, Tally())
        os.kill(worker, signal.SIGKILL)
        assert driver.wait() == 0
    assert contents(out) == contents(small_run.out)


def worker_of(driver: subprocess.Popen[bytes]) -> int:
    """Return the process id of a driver's worker; 0 = there is none yet."""
    assert driver.poll() is None, "the run ended before its worker was found"
    for path in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
            is_worker = b"spawn_main" in (path / "cmdline").read_bytes()
        except OSError:
            continue  # it has ended
        if parent == driver.pid and is_worker:
            return int(path.name)
    return 0


def waited(found: int) -> int:
    time.sleep(0 if found else 0.05)
    return found


def test_a_clock_that_jumps_back_and_ahead_changes_nothing(
    begin: Begin, small_run: Ran, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = begin(tmp_path / "equime")
    clock, jumps_s = time.time, cycle([-(2**30), 2**30])

    def jump() -> None:
        monkeypatch.setattr(time, "time", lambda: clock() + next(jumps_s))
        for path in (tmp_path / "equime").rglob("*"):
            os.utime(path, (0, clock() + next(jumps_s)))

    with meanwhile(jump):
        render_dataset(config, Tally())
    assert contents(tmp_path / "equime") == contents(small_run.out)


def test_a_photo_that_changes_or_vanishes(begin: Begin, small_run: Ran, photos: Path, tmp_path: Path) -> None:
    config = begin(tmp_path / "equime")
    before = {name: (photos / name).read_bytes() for name in ("P001.jpg", "P002.jpg")}
    (photos / "P001.jpg").write_bytes(before["P001.jpg"] + b"\0")
    with meanwhile(nothing), pytest.raises(UsageError, match=r"photos are not those .*: ann changed"):
        render_dataset(config, Tally())
    (photos / "P001.jpg").unlink()
    with meanwhile(nothing), pytest.raises(UsageError, match=r"'P001\.jpg' is no photo in the folder"):
        render_dataset(config, Tally())
    (photos / "P001.jpg").write_bytes(before["P001.jpg"])

    def swap_and_lose() -> None:
        (photos / "P001.jpg").write_bytes(before["P002.jpg"])
        (photos / "P002.jpg").unlink()

    with meanwhile(swap_and_lose):
        render_dataset(config, Tally())
    assert contents(tmp_path / "equime") == contents(small_run.out)
    with pytest.raises(EquimeError, match=r"P002\.jpg"):
        render_dataset(config, Tally())
