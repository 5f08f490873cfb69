"""Runs into stores: the bytes of a run on the disk, whatever happens on the way.

| accident                                     | test                                                               |
|----------------------------------------------|--------------------------------------------------------------------|
| the driver is killed with its workers        | `test_a_killed_run_is_finished_from_elsewhere_in_the_same_bytes`   |
| the run stops between parts, or while it     | `test_a_stopped_run_goes_on_from_what_is_there`                    |
| sends the finished dataset                   |                                                                    |
| a fifth of all calls fail                    | `test_a_store_that_fails_a_fifth_of_its_calls`                     |
| the store goes away for good                 | `test_a_store_that_goes_away_ends_the_run_and_loses_nothing`       |
| the store stalls, refuses, has no bucket     | test_store.py                                                      |
| an upload in pieces breaks off               | test_store.py                                                      |
| two drivers at once                          | `test_two_drivers_at_once`, test_lease.py                          |
| a driver is dead, asleep, or on another      | test_lease.py                                                      |
| machine                                      |                                                                    |
| a reader comes during the run                | `test_a_run_to_s3_shows_nothing_before_it_shows_all`, test_reading.py |
"""

from __future__ import annotations

import itertools
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from equime_builder.errors import OutputError, TransferError, UsageError
from equime_builder.store import open_store
from equime_generation import lease as leases
from equime_generation.config import RunConfig
from equime_generation.engines import ENGINES
from equime_generation.progress import Tally
from equime_generation.run import render_dataset
from tests.generation.conftest import Ran
from tests.stores.replay import Replay
from tests.stores.s3_server import S3

URL = "s3://bucket/equime"


def hashes_in(url: str) -> dict[str, str]:
    store = open_store(url)
    return {path: sha256(store.read(path, most_bytes=2**30)).hexdigest() for path in store.files()}


def hashes_of(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture
def replay(small_run: Ran, monkeypatch: pytest.MonkeyPatch) -> Replay:
    """The engine ``replay``, of this process alone."""
    engine = Replay(small_run.out)
    monkeypatch.setitem(ENGINES, "replay", f"{__name__}:engine")
    monkeypatch.setattr(sys.modules[__name__], "engine", engine, raising=False)
    monkeypatch.setattr(leases, "_LOOK_S", 0.01)
    return engine


def config_for(url: str, small_run: Ran) -> RunConfig:
    return replace(small_run.config, out=url, engine="replay")


def test_a_run_in_memory_gives_the_bytes_of_the_disk(memory: str, small_run: Ran, replay: Replay) -> None:
    summary = render_dataset(config_for(memory, small_run), Tally())
    assert hashes_in(memory) == hashes_of(small_run.out)
    assert summary == replace(small_run.summary, out=memory)
    again = render_dataset(config_for(memory, small_run), Tally())
    assert again == replace(summary, already_whole=True)
    with pytest.raises(UsageError, match=r"memory://bucket/equime belongs to a run with other settings \(seed 0 there"):
        render_dataset(replace(config_for(memory, small_run), seed=1), Tally())


@pytest.mark.parametrize("shards", ["webdataset", "both"])
def test_tar_files_too(shards: str, memory: str, small_run: Ran, replay: Replay, tmp_path: Path) -> None:
    for place in (memory, str(tmp_path / "equime")):
        render_dataset(replace(config_for(place, small_run), format=shards), Tally())
    assert hashes_in(memory) == hashes_of(tmp_path / "equime")


def test_a_run_to_s3_shows_nothing_before_it_shows_all(s3: S3, small_run: Ran, replay: Replay) -> None:
    render_dataset(config_for(URL, small_run), Tally())
    assert hashes_in(URL) == hashes_of(small_run.out)
    sent = s3.puts()
    assert sent[-1] == "/bucket/equime/manifest.json"
    assert len(sent) == len(set(sent)), "each file is sent once"
    assert not [path for method, path in s3.requests if method == "DELETE" and "/.work/" not in path]
    assert not Tally().refused


class Stopped(BaseException):
    """As if the process had been killed: nothing is put in order."""


def test_a_stopped_run_goes_on_from_what_is_there(s3: S3, small_run: Ran, replay: Replay) -> None:
    def stop(name: str) -> None:
        if len(replay.done) == 2:
            raise Stopped

    replay.after = stop
    with pytest.raises(Stopped):
        render_dataset(config_for(URL, small_run), Tally())
    first, replay.done, replay.after = replay.done, [], lambda name: None
    # then while shards were sent
    s3.fault = lambda method, path: "refuse" if method == "PUT" and "/gallery/" in path else None
    with pytest.raises(OutputError, match="refuses"):
        render_dataset(config_for(URL, small_run), Tally())
    assert not set(first) & set(replay.done), "what was committed is not made again"
    assert not open_store(URL).exists("manifest.json")
    s3.clear()
    render_dataset(config_for(URL, small_run), Tally())
    assert not [path for path in s3.puts() if "/data/" in path], "shards that are there stay"
    assert hashes_in(URL) == hashes_of(small_run.out)


def test_a_store_that_fails_a_fifth_of_its_calls(s3: S3, small_run: Ran, replay: Replay) -> None:
    count = itertools.count()
    s3.fault = lambda method, path: "fail" if next(count) % 5 == 2 else None
    render_dataset(config_for(URL, small_run), Tally())
    s3.clear()
    assert hashes_in(URL) == hashes_of(small_run.out)


def test_a_store_that_goes_away_ends_the_run_and_loses_nothing(
    s3: S3, small_run: Ran, replay: Replay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("equime_builder.patience.ATTEMPTS", 2)

    def cut(name: str) -> None:
        s3.fault = lambda method, path: "fail"

    replay.after = cut
    with pytest.raises(TransferError, match="run the same command again, which goes on from here"):
        render_dataset(config_for(URL, small_run), Tally())
    s3.clear()
    kept, replay.after = list(replay.done), lambda name: None
    render_dataset(config_for(URL, small_run), Tally())
    assert len(replay.done) == len(set(replay.done)) > len(kept) == 1
    assert hashes_in(URL) == hashes_of(small_run.out)


def test_two_drivers_at_once(s3: S3, small_run: Ran, replay: Replay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "BEAT_S", 0.05)
    refused: list[str] = []

    def start_another(name: str) -> None:
        replay.after = lambda name: None
        with pytest.raises(UsageError) as caught:
            render_dataset(config_for(URL, small_run), Tally())
        refused.append(str(caught.value))

    replay.after = start_another
    render_dataset(config_for(URL, small_run), Tally())
    assert [text.partition(" (")[0] for text in refused] == ["another run is at work in s3://bucket/equime"]
    assert hashes_in(URL) == hashes_of(small_run.out)


def test_a_strange_folder_of_a_store_is_left_alone(memory: str, small_run: Ran) -> None:
    open_store(memory).write("thesis.txt", b"mine")
    with pytest.raises(UsageError, match="holds something that is no EquiME dataset"):
        render_dataset(replace(small_run.config, out=memory), Tally())
    assert open_store(memory).names() == ["thesis.txt"]


@pytest.fixture
def scratch(tmp_path: Path) -> str:
    folder = tmp_path / "scratch"
    folder.mkdir()
    return str(folder)


def parts_in(s3: S3) -> set[str]:
    """Return the parts whose clips were sent, without what is sent beside them."""
    return {path for path in s3.puts(but="seen from everywhere") if re.search(r"/parts/\w+-\w+-\d+\.parquet$", path)}


def driver(config: RunConfig, scratch: str) -> subprocess.Popen[bytes]:
    words = ["--faces", config.faces, "--emotions", ",".join(config.emotions), "--workers", "2", "--out", URL]
    counts = ["--clips-per-emotion", "3", "--spotting-clips", "1", "--with-flow"]
    command = [sys.executable, "-m", "equime_generation.cli", "render", *counts, *words]
    return subprocess.Popen(command, env={**os.environ, "TMPDIR": scratch}, stdout=subprocess.PIPE)


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_a_killed_run_is_finished_from_elsewhere_in_the_same_bytes(
    s3: S3, small_run: Ran, scratch: str, tmp_path: Path
) -> None:
    with driver(small_run.config, scratch) as first:
        while not parts_in(s3):
            assert first.poll() is None, "the run ended before it was killed"
            time.sleep(0.05)
        first.send_signal(signal.SIGKILL)
        first.wait()
    kept = parts_in(s3)
    assert "manifest.json" not in open_store(URL).names()
    s3.clear()
    with driver(small_run.config, str(tmp_path)) as second:
        told = second.communicate()[0].decode()
        assert second.returncode == 0
    assert f"check it:    equime verify {URL}" in told
    assert hashes_in(URL) == hashes_of(small_run.out)
    assert not kept & parts_in(s3), "the first run's parts were used"
    assert not list(tmp_path.glob("equime-*")), "nothing stays behind"
