"""The app as its command starts it, in a process of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

SOURCES = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Served:
    """A running app."""

    address: str
    temporary: Path
    """The process keeps its temporary files here."""
    says: Iterator[str]
    """Further lines of its standard output."""


COMMAND = ("-m", "equime_generation.cli", "app")


def started(scratch: Path, *words: str, command: Sequence[str] = COMMAND) -> subprocess.Popen[str]:
    """Start ``equime app``, or other Python that serves it."""
    pytest.importorskip("gradio", reason="install equime[app]")
    paths = [str(SOURCES), *(str(SOURCES / part) for part in ("builder", "evaluation", "generation"))]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "TMPDIR": str(scratch)}
    environment.pop("EQUIME_HOME", None)
    return subprocess.Popen(
        [sys.executable, *command, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        cwd=scratch,
    )


@contextmanager
def served(
    scratch: Path, *words: str, command: Sequence[str] = COMMAND, ending: signal.Signals = signal.SIGINT
) -> Iterator[Served]:
    """Run ``equime app`` until the block is left; it must end well, without a word on standard error."""
    with started(scratch, *words, command=command) as process:
        assert process.stdout is not None
        lines = iter(process.stdout.readline, "")
        address = next((found[0] for line in lines if (found := re.search(r"http://\S+", line))), None)
        assert address is not None, "the app ended before it opened"
        try:
            yield Served(address=address, temporary=scratch, says=lines)
        finally:
            process.send_signal(ending)
            _, trouble = process.communicate(timeout=240)
    assert (trouble, process.returncode) == ("", 0)


@pytest.fixture(scope="session")
def with_dataset(tiny_dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The app with the tiny dataset open."""
    with served(tmp_path_factory.mktemp("app"), str(tiny_dataset)) as running:
        yield running
