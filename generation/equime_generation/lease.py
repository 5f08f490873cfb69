"""One run at a time in a store: whoever writes the next claim holds it, as long as the claim is seen to change.

No clock is asked, for machines' clocks differ and jump: a holder that is alive changes its claim every few seconds,
and whoever comes watches for that.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from equime_builder.errors import DatasetError, DatasetMissingError, EquimeError, UsageError
from equime_builder.store import Store
from equime_generation.scratch import is_running, this_machine

BEAT_S: Final = 10.0
"""Time between two changes of a claim."""
SILENCE_S: Final = 60.0
"""A claim that does not change for so long is a dead run's."""
_LOOK_S: Final = 1.0
_DIGITS: Final = 8
_MOST_BYTES: Final = 2**16


@dataclass(frozen=True, slots=True)
class Lease:
    """A claim that this process holds.

    Attributes:
        folder: Of the claims, in the store; they are numbered, and the highest holds.
    """

    store: Store
    folder: str
    number: int

    def confirm(self) -> None:
        """Check that nobody took the place over, as happens to a run that was asleep for a minute.

        Raises:
            UsageError: Somebody did.
        """
        if (latest := _latest(self.store, self.folder)) > self.number:
            who = _described(_read(self.store, self.folder, latest))
            raise UsageError(
                f"{self.store.name} was taken over by another run ({who}), as nothing was heard of this one for a "
                "minute; leave it to that run"
            )


@contextmanager
def lease(store: Store, folder: str) -> Iterator[Lease]:
    """Hold a place in a store against other runs; one that was killed is taken over from.

    Args:
        folder: Where in the store the claims lie.

    Raises:
        UsageError: Another run is at it.
        TransferError: The store does not answer.
        OutputError: It refuses.
    """
    held = _take(store, folder)
    done = threading.Event()
    claim = _claim()
    thread = threading.Thread(target=_beat, args=(held, claim, done), name="equime-lease", daemon=True)
    thread.start()
    try:
        yield held
    finally:
        done.set()
        thread.join()
        _tell(held, {**claim, "is_over": True})


def _take(store: Store, folder: str) -> Lease:
    for _ in range(3):  # others may come at the same moment
        latest = _latest(store, folder)
        if latest:
            _wait_for_silence(store, folder, latest)
        if store.write_new(_path(folder, latest + 1), _text(_claim())):
            return Lease(store, folder, latest + 1)
    raise UsageError(f"several runs start in {store.name} at once; run this one again when the others are at work")


def _wait_for_silence(store: Store, folder: str, number: int) -> None:
    """Return when a claim is over or dead.

    Raises:
        UsageError: It changes.
    """
    first = _read(store, folder, number)
    end_s = time.monotonic() + SILENCE_S
    while not first.get("is_over") and not _is_killed(first) and time.monotonic() < end_s:
        time.sleep(_LOOK_S)
        now = _read(store, folder, number)
        if now.get("is_over"):
            return
        if now != first:
            raise UsageError(
                f"another run is at work in {store.name} ({_described(now)}); wait for it, or choose another --out"
            )


def _is_killed(claim: dict[str, Any]) -> bool:
    pid = claim.get("pid")
    return claim.get("machine") == this_machine() and isinstance(pid, int) and not is_running(pid)


def _latest(store: Store, folder: str) -> int:
    """Return the number of the claim that holds; 0 = none."""
    numbers = [name.removesuffix(".json") for name in store.names(folder)]
    return max((int(number) for number in numbers if number.isdecimal()), default=0)


def _beat(held: Lease, claim: dict[str, Any], done: threading.Event) -> None:
    beat = 0
    while not done.wait(BEAT_S):
        beat += 1
        _tell(held, {**claim, "beat": beat})


def _tell(held: Lease, claim: dict[str, Any]) -> None:
    try:
        held.store.write(_path(held.folder, held.number), _text(claim), attempts=1)
    except EquimeError:
        return  # a store that is away is said by those who need it; then another run may take over


def _claim() -> dict[str, Any]:
    return {
        "run": secrets.token_hex(8), "host": socket.gethostname(), "pid": os.getpid(), "machine": this_machine(),
        "beat": 0, "is_over": False,
    }  # fmt: skip


def _described(claim: dict[str, Any]) -> str:
    return f"process {claim.get('pid', '?')} on {claim.get('host', '?')}"


def _read(store: Store, folder: str, number: int) -> dict[str, Any]:
    try:
        claim = json.loads(store.read(_path(folder, number), most_bytes=_MOST_BYTES))
    except DatasetMissingError:
        return {"is_over": True}  # its run has just finished and cleaned up
    except (ValueError, RecursionError) as error:
        raise DatasetError(f"{store.name}/{_path(folder, number)} is damaged; remove it and run again") from error
    if not isinstance(claim, dict):
        raise DatasetError(f"{store.name}/{_path(folder, number)} is damaged; remove it and run again")
    return claim


def _path(folder: str, number: int) -> str:
    return f"{folder}/{number:0{_DIGITS}d}.json"


def _text(claim: dict[str, Any]) -> bytes:
    return json.dumps(claim, indent=1).encode()
