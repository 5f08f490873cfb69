"""The machine itself: system, processor, disk, and the libraries that no Python package brings."""

from __future__ import annotations

import ctypes
import ctypes.util
import platform
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from equime_builder.pool import default_workers
from equime_generation.checkup.check import Check

_OLDEST_PYTHON: Final = (3, 10)
_LIBRARIES: Final[tuple[tuple[str, str, bool, str], ...]] = (
    ("EGL", "libEGL.so.1", True, "finding faces: apt-get install libegl1"),
    ("GLESv2", "libGLESv2.so.2", True, "finding faces: apt-get install libgles2"),
    ("avcodec", "libavcodec.so", False, "torchcodec alone (PyAV brings its own): apt-get install ffmpeg"),
)
"""On Linux: name, file, whether the default renderer needs it, and what for; wheels for other systems bring theirs."""


def machine_checks() -> Iterator[Check]:
    """Yield what this machine is."""
    version = platform.python_version()
    oldest = ".".join(map(str, _OLDEST_PYTHON))
    remedy = f"install Python {oldest} or newer"
    yield Check(name="python", ok=sys.version_info >= _OLDEST_PYTHON, needed=True, detail=version, remedy=remedy)
    free_gb = shutil.disk_usage(Path.cwd()).free / 1e9
    found = f"{platform.system()} on {platform.machine()}, {default_workers()} cores, {free_gb:.0f} GB free here"
    yield Check(name="machine", ok=True, needed=True, detail=found)


def library_checks() -> Iterator[Check]:
    """Yield the shared libraries that wheels for Linux expect; nothing on other systems."""
    if sys.platform != "linux":
        return
    for name, file, needed, remedy in _LIBRARIES:
        there = _loads(file) or ctypes.util.find_library(name) is not None
        detail = "there" if there else f"{file} is not there"
        yield Check(name=f"lib{name}", ok=there, needed=needed, detail=detail, remedy="" if there else remedy)


def _loads(file: str) -> bool:
    try:
        ctypes.CDLL(file)
    except OSError:
        return False
    return True
