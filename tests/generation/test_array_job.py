"""Jobs of an array on one folder: who may come in, who finishes, and the same bytes as one run."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from equime_builder.digests import sha256_of_file
from equime_builder.errors import UsageError
from equime_generation import array_job
from equime_generation.array_job import render_share
from equime_generation.claim import claim
from equime_generation.config import RunConfig
from equime_generation.extension import extend_dataset
from equime_generation.parts import Part
from equime_generation.progress import ShareDone, Summary, Tally
from equime_generation.run import Drawn, render_dataset
from equime_generation.shares import Share
from equime_generation.workspace import Workspace
from tests.generation.conftest import Ran
from tests.generation.engine_parts import eventually, parts_in

SCRIPT = Path(__file__).resolve().parents[2] / "examples" / "slurm_array.sh"
pytestmark = pytest.mark.skipif(os.name != "posix", reason="locks that can be shared")


def job(out: Path, shard: str, **changes: object) -> RunConfig:
    return replace(RunConfig(out=str(out), shard=shard, clips_per_emotion=2), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["0/3", "4/3", "1", "1/0", "-1/3", "1/3/5", "a/b", ""])
def test_a_share_is_one_of_n(text: str) -> None:
    with pytest.raises(UsageError, match=r"shard must be i/n with i from 1 to n, such as 1/16"):
        Share.parse(text)


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_shares_hold_every_part_once(count: int) -> None:
    parts = parts_in(Path("x"), clips=300)
    shares = [Share(number, count).of(parts) for number in range(1, count + 1)]
    assert sorted(part.name for share in shares for part in share) == [part.name for part in parts]
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


def refusal(config: RunConfig) -> str:
    """Return why a run may not come in; nothing where it may."""
    try:
        with claim(config):
            return ""
    except UsageError as error:
        return str(error)


def test_who_may_come_in_beside_a_job(tmp_path: Path) -> None:
    with claim(job(tmp_path, "1/3")) as workspace:
        half = workspace.folder / "parts" / ".fear-train-00000.parquet.1-ab.part"
        half.write_bytes(b"another job is writing")
        assert refusal(job(tmp_path, "3/3")) == ""
        assert half.exists(), "a job clears nobody's desk"
        assert refusal(job(tmp_path, "1/3")) == f"a job is at work on shard 1/3 of {tmp_path} already; wait for it"
        assert "an array of 3 jobs is at work" in refusal(job(tmp_path, "1/4"))
        assert "another run is at work" in refusal(job(tmp_path, ""))
        assert "other settings (seed 0 there, 1 here)" in refusal(job(tmp_path, "2/3", seed=1))
    assert refusal(job(tmp_path, "1/4")) == ""
    with claim(job(tmp_path, "")):
        assert "another run is at work" in refusal(job(tmp_path, "1/3"))


def test_a_share_is_rendered_by_its_own_function(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="render_share"):
        render_dataset(job(tmp_path / "out", "1/2"), Tally())
    with pytest.raises(UsageError, match="leave --shard out"):
        extend_dataset(job(tmp_path / "out", "1/2"), Tally())
    assert not (tmp_path / "out").exists()
    assert "memory://here is an object store" in refusal(RunConfig(out="memory://here", shard="1/2"))


def test_the_last_one_out_finishes_and_nobody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parts, finished = parts_in(tmp_path), []

    def draw(config: RunConfig, workspace: Workspace, watch: Tally) -> Drawn:
        return Drawn(subjects=(), placements={}, refused=(), parts=tuple(parts))

    def work_off(mine: list[Part], config: RunConfig, watch: Tally) -> None:
        for part in mine:
            Workspace(tmp_path).part_path(part).touch()

    def finish(workspace: Workspace, config: RunConfig, drawn: Drawn) -> None:
        finished.append(config.shard)
        (workspace.out / "manifest.json").touch()

    for name, stand_in in {"draw": draw, "work_off": work_off, "finish": finish}.items():
        monkeypatch.setattr(array_job, name, stand_in)
    monkeypatch.setattr(array_job, "summary_of", lambda place: "whole")
    done = render_share(job(tmp_path, "2/3"), Tally())
    assert done == ShareDone(out=str(tmp_path), shard="2/3", parts=1, missing={"1/3": 1, "3/3": 1})
    with claim(job(tmp_path, "1/3")):  # is at work
        done = render_share(job(tmp_path, "3/3"), Tally())
    assert done == ShareDone(out=str(tmp_path), shard="3/3", parts=1, missing={"1/3": 1})
    with claim(job(tmp_path, "2/3")):  # was started again, and has nothing to do
        assert render_share(job(tmp_path, "1/3"), Tally()) == ShareDone(
            out=str(tmp_path), shard="1/3", parts=1, missing={}
        )
    assert finished == []
    last: object = render_share(job(tmp_path, "2/3"), Tally())
    assert last == "whole"
    assert finished == ["2/3"]
    assert not (tmp_path / ".work").exists()


def test_three_jobs_by_the_script_give_the_bytes_of_one_run(small_run: Ran, tmp_path: Path) -> None:
    out = tmp_path / "mine"
    first, killed, third = (start(small_run.config, out, number) for number in (1, 2, 3))
    eventually(lambda: "begun" if any(out.glob(".work/faces/*.npz")) else "", within_s=240)
    killed.kill()
    killed.communicate()
    for ended in (first, third):
        said, _ = ended.communicate()
        assert ended.returncode == 0
        assert "the last job to end puts the dataset together" in said.decode()
    assert not (out / "manifest.json").exists()
    again = start(small_run.config, out, 2)
    said, _ = again.communicate()
    assert "is whole after" in said.decode()
    assert hashes(out) == hashes(small_run.out)
    assert not (out / ".work").exists()
    late = render_share(replace(small_run.config, out=str(out), shard="3/3"), Tally())
    assert isinstance(late, Summary)
    assert late.already_whole


def start(config: RunConfig, out: Path, number: int) -> subprocess.Popen[bytes]:
    """Start a job as Slurm does: the script, with the numbers in its environment."""
    binaries = out.parent / "bin"
    binaries.mkdir(exist_ok=True)
    equime = binaries / "equime"
    if not equime.exists():  # a job that runs has it open
        equime.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m equime_generation.cli "$@"\n')
        equime.chmod(0o755)
    slurm = {"SLURM_ARRAY_TASK_ID": str(number), "SLURM_ARRAY_TASK_COUNT": "3", "SLURM_CPUS_PER_TASK": "1"}
    places = {"PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": os.pathsep.join(sys.path)}
    words = ["--faces", config.faces, "--emotions", ",".join(config.emotions), "--clips-per-emotion", "3"]
    command = ["bash", str(SCRIPT), *words, "--spotting-clips", "1", "--with-flow", "--out", str(out)]
    environment = {**os.environ, **slurm, **places, "COLUMNS": "200"}
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def hashes(out: Path) -> dict[str, str]:
    return {path.relative_to(out).as_posix(): sha256_of_file(path) for path in sorted(out.rglob("*.parquet"))}
