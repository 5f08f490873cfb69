"""One run at a time, whoever comes when, and whatever a clock says."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from equime_builder.errors import DatasetError, UsageError
from equime_builder.store import open_store
from equime_generation import lease as leases
from equime_generation.lease import lease
from equime_generation.scratch import this_machine
from tests.stores.s3_server import S3

FOLDER = ".work/claims"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, duration_s in {"BEAT_S": 0.05, "_LOOK_S": 0.02}.items():
        monkeypatch.setattr(leases, name, duration_s)


@pytest.mark.parametrize("where", ["memory", "s3"])
def test_a_second_run_is_refused_and_told_by_whom(where: str, request: pytest.FixtureRequest) -> None:
    place = request.getfixturevalue(where)
    store = open_store("s3://bucket/equime" if isinstance(place, S3) else place)
    told = r"another run is at work in .*/equime \(process \d+ on .*\); wait for it"
    with lease(store, FOLDER), pytest.raises(UsageError, match=told):
        lease(store, FOLDER).__enter__()
    with lease(store, FOLDER) as held:
        assert held.number == 2, "a run that has ended is not waited for"
        held.confirm()


def claim_of(memory: str, **changes: object) -> None:
    claim = {"run": "ab", "host": "far", "pid": 1, "machine": "far", "beat": 7, "is_over": False, **changes}
    open_store(memory).write(f"{FOLDER}/00000003.json", json.dumps(claim).encode())


def test_a_silent_run_is_taken_over_and_finds_out(memory: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "SILENCE_S", 0.3)
    claim_of(memory)
    with lease(open_store(memory), FOLDER) as held:
        assert held.number == 4
        sleeper = leases.Lease(held.store, FOLDER, 3)
        with pytest.raises(UsageError, match=r"was taken over by another run \(process \d+ on .*\).*leave it to that"):
            sleeper.confirm()


def test_a_run_killed_on_this_machine_is_not_waited_for(memory: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "SILENCE_S", 1e9)
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    claim_of(memory, pid=gone.pid, machine=this_machine())
    with lease(open_store(memory), FOLDER) as held:
        assert held.number == 4


def test_a_damaged_claim_is_said(memory: str) -> None:
    open_store(memory).write(f"{FOLDER}/00000001.json", b"[1]")
    with pytest.raises(DatasetError, match=r"claims/00000001\.json is damaged; remove it and run again"):
        lease(open_store(memory), FOLDER).__enter__()
