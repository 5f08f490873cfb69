"""The ray engine on a cluster of two nodes: the same bytes as the local engine, whatever is lost on the way."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from equime_builder.digests import sha256_of_file
from equime_builder.errors import EquimeError, MissingExtraError, UsageError
from equime_generation.config import RunConfig
from equime_generation.engines import Crew
from equime_generation.engines.ray import run_ray
from equime_generation.engines.remote import Terms
from equime_generation.parts import ClipDone, Part
from equime_generation.progress import Summary, Tally
from equime_generation.run import render_dataset
from equime_generation.workspace import Workspace
from tests.generation.begun import begin_run
from tests.generation.conftest import Ran
from tests.generation.engine_parts import alive, die_always, die_once, eventually, fail, linger, mark, parts_in

pytest.importorskip("ray", reason="install equime[ray]")
pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="clusters of several nodes on one machine"),
    # Ray opens pipes and files that it leaves to the end of the process
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]


def hashes(out: Path) -> dict[str, str]:
    return {path.relative_to(out).as_posix(): sha256_of_file(path) for path in sorted(out.rglob("*.parquet"))}


@pytest.fixture(scope="module")
def nodes() -> Iterator[Any]:
    """A cluster of two nodes with a core each, which this process has joined."""
    from ray.cluster_utils import Cluster

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
        small = {"num_cpus": 1, "object_store_memory": 80_000_000, "include_dashboard": False}
        opened = Cluster(initialize_head=True, head_node_args=small)
        opened.add_node(num_cpus=1, object_store_memory=80_000_000)
        yield opened
        opened.shutdown()


@pytest.fixture
def joined(nodes: Any) -> str:
    """The address of the cluster, which each run joins and leaves."""
    return str(nodes.address)


def run(parts: list[Part], work: Any, address: str, workers: int = 2) -> tuple[list[ClipDone], list[str]]:
    done: list[ClipDone] = []
    told: list[str] = []
    crew = Crew(workers=workers, address=address)
    run_ray(parts, work, crew=crew, report=done.append, tell=told.append)
    return done, told


def test_every_part_is_worked_on_and_reported(joined: str, tmp_path: Path) -> None:
    parts = parts_in(tmp_path)
    done, told = run(parts, mark, joined)
    assert sorted(item.clip_id for item in done) == sorted(plan.clip_id for part in parts for plan in part.plans)
    assert str(os.getpid()) not in {(tmp_path / part.name).read_text() for part in parts}
    assert told == []


def test_a_killed_worker_is_replaced_and_clips_are_told_once(joined: str, tmp_path: Path) -> None:
    parts = parts_in(tmp_path)
    done, told = run(parts, die_once, joined)
    assert sorted(item.clip_id for item in done) == sorted(plan.clip_id for part in parts for plan in part.plans)
    assert len(told) == 1
    assert told[0].startswith("a worker was lost (")


def test_a_part_that_kills_workers_ends_the_run(joined: str, tmp_path: Path) -> None:
    with pytest.raises(EquimeError, match=r"lost 4 times at work on part fear-train-00000, 1 parts are left"):
        run(parts_in(tmp_path, clips=10), die_always, joined)


def test_the_error_of_a_part_reaches_the_caller(joined: str, tmp_path: Path) -> None:
    with pytest.raises(EquimeError, match=r"^disk full$"):
        run(parts_in(tmp_path), fail, joined)


def test_a_node_that_is_lost_is_done_without(nodes: Any, tmp_path: Path) -> None:
    spare = nodes.add_node(num_cpus=1, object_store_memory=80_000_000)
    parts = parts_in(tmp_path)
    results: list[tuple[list[ClipDone], list[str]]] = []
    thread = threading.Thread(target=lambda: results.append(run(parts, linger, str(nodes.address), workers=3)))
    thread.start()
    eventually(lambda: "all" if len(list(tmp_path.glob("*.pid"))) == 3 else "", within_s=120)
    workers = [int(path.read_text()) for path in tmp_path.glob("*.pid")]
    nodes.remove_node(spare, allow_graceful=False)
    eventually(lambda: "one" if not all(map(alive, workers)) else "")
    (tmp_path / "go on").touch()
    thread.join(timeout=120)
    ((done, told),) = results
    assert sorted(item.clip_id for item in done) == sorted(plan.clip_id for part in parts for plan in part.plans)
    assert [line.partition(" (")[0] for line in told] == ["a worker was lost"]


def terms_in(folder: Path, **changes: Any) -> Terms:
    place = Workspace.at(str(folder))
    place.publish_text(place.folder / "note", "1")
    return Terms(**{"out": str(folder), "text": "1", "renderer": "warp", "versions": {}, **changes})


def test_a_node_that_will_not_do_says_why(tmp_path: Path) -> None:
    assert terms_in(tmp_path).complaint() == ""
    assert f"node {socket.gethostname()} does not see /nowhere as" in terms_in(tmp_path, out="/nowhere").complaint()
    elsewhere = terms_in(tmp_path, text="2").complaint()
    assert "mounted at the same path on every node, or the URL of an object store" in elsewhere
    older = terms_in(tmp_path, versions={"numpy": "1.0"}).complaint()
    assert f"has numpy {version('numpy')}, which decide pixels; install numpy 1.0 there" in older


def test_no_node_that_will_do_ends_the_run(joined: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("equime_generation.engines.ray.versions", lambda packages: {"numpy": "1.0"})
    with pytest.raises(EquimeError, match=r"no node of the cluster will do: node .* has numpy"):
        run(parts_in(tmp_path), mark, joined)


def test_addresses_that_lead_nowhere(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(EquimeError, match=f"no Ray cluster answers at {address} .*ray start --head"):
            run(parts_in(tmp_path), mark, address)
    with pytest.raises(UsageError, match="must be HOST:PORT or auto, got ray://head:10001"):
        run(parts_in(tmp_path), mark, "ray://head:10001")


def test_without_ray_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtraError, match=r'pip install "equime\[ray\]"'):
        run(parts_in(tmp_path), mark, "127.0.0.1:1")


def test_what_is_committed_is_the_local_engines_to_the_byte_whatever_is_killed(
    nodes: Any, small_run: Ran, tmp_path: Path
) -> None:
    config = replace(small_run.config, out=str(tmp_path / "equime"), engine="ray", address=str(nodes.address))
    with render_in_a_process(config) as driver:
        try:
            eventually(lambda: next(map(str, config_parts(config)), ""), within_s=180)
        finally:
            driver.send_signal(signal.SIGKILL)
    there = {path: path.stat().st_mtime_ns for path in config_parts(config)}
    tally = Tally()
    summary = render_dataset(config, tally)
    assert summary.total == small_run.summary.total
    assert there, "something was there to go on from"
    assert hashes(tmp_path / "equime") == hashes(small_run.out)
    assert not (tmp_path / "equime" / ".work").exists()


def test_clips_of_a_worker_and_of_a_node_that_are_killed_are_rendered_by_others_to_the_byte(
    nodes: Any, small_run: Ran, tmp_path: Path
) -> None:
    config = replace(
        small_run.config, out=str(tmp_path / "equime"), engine="ray", address=str(nodes.address), workers=3
    )
    missing = begin_run(config, small_run, missing=3)
    spare = nodes.add_node(num_cpus=1, object_store_memory=80_000_000)
    raylet = spare.all_processes["raylet"][0].process.pid
    told: list[str] = []
    results: list[Summary] = []
    thread = threading.Thread(target=lambda: results.append(render_dataset(config, Listening(told))))
    thread.start()
    eventually(lambda: "all" if len(busy_workers()) == 3 else "", within_s=180)
    busy = busy_workers()
    on_the_node = [worker for worker, parent in busy.items() if parent == raylet]
    elsewhere = [worker for worker, parent in busy.items() if parent != raylet]
    assert len(on_the_node) == 1
    for gone in (elsewhere[0], raylet, *on_the_node):  # the node's worker alone may end its part before it is missed
        os.kill(gone, signal.SIGKILL)
    assert not any(place.has_part(part) for place in [Workspace.at(config.out)] for part in missing), "in mid-part"
    thread.join(timeout=500)
    nodes.remove_node(spare, allow_graceful=False)
    (summary,) = results
    assert summary.total == small_run.summary.total
    assert sum(line.startswith("a worker was lost (") for line in told) == 2, told
    assert hashes(tmp_path / "equime") == hashes(small_run.out)


class Listening(Tally):
    """Keeps what a run tells of its workers."""

    def __init__(self, told: list[str]) -> None:
        super().__init__()
        self.told = told

    def stage(self, text: str) -> None:
        self.told.append(text)


def busy_workers() -> dict[int, int]:
    """Return the processes that render a part at this moment, each with its node's own process."""
    titles = {path.parent: path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()}
    busy = [folder for folder, title in titles.items() if title.startswith(b"ray::RemoteWorker.work_on")]
    return {int(folder.name): int((folder / "stat").read_text().rpartition(")")[2].split()[1]) for folder in busy}


def config_parts(config: RunConfig) -> list[Path]:
    return sorted(Path(config.out).glob(".work/parts/[a-z]*[0-9].parquet"))


def render_in_a_process(config: RunConfig) -> subprocess.Popen[bytes]:
    words = ["--faces", config.faces, "--emotions", ",".join(config.emotions), "--clips-per-emotion", "3"]
    more = ["--spotting-clips", "1", "--with-flow", "--workers", "2", "--out", config.out]
    cluster = ["--engine", "ray", *(["--address", config.address] if config.address else [])]
    command = [sys.executable, "-m", "equime_generation.cli", "render", *words, *more, *cluster]
    paths = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(command, env=paths, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_ctrl_c_leaves_nothing_but_a_folder_to_go_on_from(joined: str, small_run: Ran, tmp_path: Path) -> None:
    config = replace(small_run.config, out=str(tmp_path / "equime"), engine="ray", address=joined)
    before = workers_of_ray()
    with render_in_a_process(config) as driver:
        try:
            eventually(lambda: next(map(str, (tmp_path / "equime/.work").glob("note")), ""), within_s=180)
            eventually(lambda: "some" if workers_of_ray() - before else "", within_s=180)
            driver.send_signal(signal.SIGINT)
            _, said = driver.communicate(timeout=90)
        finally:
            driver.kill()
    assert said.decode().splitlines()[-1] == "equime: interrupted; run the same command again to go on from here"
    assert driver.returncode == 1
    eventually(lambda: "" if workers_of_ray() - before else "all gone")


def workers_of_ray() -> set[int]:
    """Return the processes that have a worker of ours in hand, as Ray names them."""
    titles = {
        int(path.parent.name): path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()
    }
    return {process for process, title in titles.items() if title.startswith(b"ray::RemoteWorker")}
