"""The app as its command starts it, in a process of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
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


def started(scratch: Path, *words: str) -> subprocess.Popen[str]:
    """Start ``equime app``."""
    pytest.importorskip("gradio", reason="install equime[app]")
    paths = [str(SOURCES), *(str(SOURCES / part) for part in ("builder", "evaluation", "generation"))]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "TMPDIR": str(scratch)}
    environment.pop("EQUIME_HOME", None)
    return subprocess.Popen(
        [sys.executable, "-m", "equime_generation.cli", "app", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        cwd=scratch,
    )


@contextmanager
def served(scratch: Path, *words: str) -> Iterator[Served]:
    """Run ``equime app`` until the block is left; it must end without a word on standard error."""
    with started(scratch, *words) as process:
        assert process.stdout is not None
        lines = iter(process.stdout.readline, "")
        address = next((found[0] for line in lines if (found := re.search(r"http://\S+", line))), None)
        assert address is not None, "the app ended before it opened"
        try:
            yield Served(address=address, temporary=scratch)
        finally:
            process.send_signal(signal.SIGINT)
            _, trouble = process.communicate(timeout=30)
    assert trouble.strip().splitlines()[1:] == [], trouble


@pytest.fixture(scope="session")
def with_dataset(tiny_dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The app with the tiny dataset open."""
    with served(tmp_path_factory.mktemp("app"), str(tiny_dataset)) as running:
        yield running
