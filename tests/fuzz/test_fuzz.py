"""Readers of outside bytes under damaged files: each returns or raises an EquimeError, whatever the bytes are.

No other exception, no crash of a C library, no endless loop, no more than 2 GiB, nothing outside the folder read or
written, no network, no program started, no pickle. Each family of readers runs in a process of its own, so that a crash
ends that one and is told. Each target gets a few cases, in CI twenty seconds of processor time, in the same order each
time and everywhere; with ``EQUIME_FUZZ_S``, which says the seconds, new ones are tried.
"""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from equime_builder.errors import DatasetError
from tests.fuzz.guard import Guard
from tests.fuzz.hunt import KEPT, Hunt
from tests.fuzz.target import Target

SECONDS: Final = os.environ.get("EQUIME_FUZZ_S") or ("20" if "CI" in os.environ else "0")
_ROOT: Final = Path(__file__).parents[2]
_FAMILIES: Final = ("photos", "videos", "tables", "tars", "documents", "settings", "sheets", "weights")

needs_signals = pytest.mark.skipif(os.name != "posix", reason="signals and limits of POSIX")


@needs_signals
@pytest.mark.parametrize("family", _FAMILIES)
def test_no_damaged_file_leads_a_reader_astray(family: str, tmp_path: Path) -> None:
    seed = secrets.randbelow(2**31) if "EQUIME_FUZZ_S" in os.environ else 1
    command = [sys.executable, "-m", "tests.fuzz.hunt", family, SECONDS, str(tmp_path), str(seed)]
    paths = [str(_ROOT / part) for part in ("", "builder", "evaluation", "generation")]
    ran = subprocess.run(
        command,
        cwd=_ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if ran.returncode:
        ended = signal.Signals(-ran.returncode).name if ran.returncode < 0 else "a broken rule"
        kept = f"bytes in {KEPT} or {tmp_path}"
        pytest.fail(f"{ended}, seed {seed}, {kept}\n{ran.stdout[-2000:]}\n{ran.stderr[-6000:]}", pytrace=False)


def test_every_family_is_tried() -> None:
    from tests.fuzz.targets import FAMILIES

    assert tuple(FAMILIES) == _FAMILIES


def _misbehaving(folder: Path) -> object:
    names: dict[str, str] = {}
    ways: dict[bytes, Callable[[], object]] = {
        b"x": lambda: (folder.parent / "private" / "secret").read_bytes(),
        b"y": lambda: (folder.parent / "new").write_bytes(b""),
        b"z": lambda: subprocess.run([sys.executable, "-c", ""], check=True),
        b"k": lambda: names["missing"],
    }
    way = ways.get((folder / "file").read_bytes()[:1])
    return way() if way else None


@needs_signals
@pytest.mark.parametrize(("first", "message"), [(b"x", "open .*secret"), (b"y", "open .*new"), (b"z", "Popen")])
def test_a_reader_that_goes_astray_is_caught(first: bytes, message: str, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=message):
        _hunt(first, tmp_path).run(0, 1)


@needs_signals
def test_a_reader_that_raises_something_else_is_caught(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="missing"):
        _hunt(b"k", tmp_path).run(0, 1)


@needs_signals
def test_a_target_that_refuses_its_own_samples_is_caught(tmp_path: Path) -> None:
    def refuse(folder: Path) -> None:
        raise DatasetError("no")

    target = Target(file="file", samples=lambda folder: [b"valid"], readers=(refuse,))
    with pytest.raises(DatasetError):
        Hunt("refusing", target, tmp_path, Guard())


def _hunt(first: bytes, folder: Path) -> Hunt:
    target = Target(
        file="file",
        samples=lambda folder: [b"valid"],
        readers=(_misbehaving,),
        mutate=lambda random, data, material: first,
    )
    return Hunt("misbehaving", target, folder, Guard())
