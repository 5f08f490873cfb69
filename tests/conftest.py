"""Fixtures that several test folders share."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from tests.samples import build_tiny_dataset

if TYPE_CHECKING:
    from equime_generation.faces import Face
    from equime_generation.landmarks import FaceFinder


# How long a machine takes is no property of the code.
# CI tries the same cases each time, so that it says something about the change; everywhere else new ones are tried.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # a shell that runs the tests in the background has Ctrl-C ignored by all that they start, and some tests send it
    signal.signal(signal.SIGINT, signal.default_int_handler)
settings.register_profile(
    "equime", deadline=None, derandomize="CI" in os.environ, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("equime")


@pytest.fixture(scope="session")
def finder() -> Iterator[FaceFinder]:
    """One open landmark model a test process."""
    pytest.importorskip("mediapipe", reason="install equime[render]")
    from equime_generation.landmarks import FaceFinder

    with FaceFinder() as opened:
        yield opened


@pytest.fixture(scope="session")
def default_faces(finder: FaceFinder) -> tuple[Face, ...]:
    """The ten default people, admitted."""
    from equime_generation.faces import Face
    from equime_generation.gate import admit
    from equime_generation.sources import open_source

    return tuple(outcome for outcome in admit(open_source(), finder) if isinstance(outcome, Face))


@pytest.fixture(scope="session")
def default_face(default_faces: tuple[Face, ...]) -> Face:
    """The first of the ten default people."""
    return default_faces[0]


@pytest.fixture(scope="session")
def tiny_dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A complete dataset folder called ``equime``: 3 people, one a split; fear, anger, neutral; 2 clips each."""
    scratch = tmp_path_factory.mktemp("tiny")
    return build_tiny_dataset(scratch / "equime", scratch)
