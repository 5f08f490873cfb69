"""Room on this machine for what travels to or from another: a folder a process, gone with it."""

from __future__ import annotations

import atexit
import os
import re
import shutil
import socket
import tempfile
from functools import cache
from pathlib import Path
from typing import Final

_NAME: Final = re.compile(r"equime-(?P<pid>\d+)-(?P<host>[a-z0-9.-]*)-[^-]+")


@cache
def scratch_folder() -> Path:
    """Return this process' folder under ``TMPDIR``; those of processes that were killed on this machine are removed.

    Raises:
        OSError: There is no such place, or it cannot be written.
    """
    root = Path(tempfile.gettempdir())
    for path in root.glob("equime-*"):
        if _is_left_over(path):
            shutil.rmtree(path, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"equime-{os.getpid()}-{_host()}-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def is_running(pid: int) -> bool:
    """Tell whether a process of this machine runs; where that cannot be told, it does."""
    if os.name != "posix":
        return True
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):  # no system counts so far
        return False
    except OSError:
        return True  # somebody else's
    return True


def this_machine() -> str:
    """Return what tells this machine, or this container on it, from others with processes of the same numbers."""
    try:
        return f"{_host()} {os.readlink(Path('/proc', 'self', 'ns', 'pid'))}"
    except OSError:
        return _host()  # no container of Linux


def _host() -> str:
    return re.sub(r"[^a-z0-9.-]", "-", socket.gethostname().lower())


def _is_left_over(path: Path) -> bool:
    name = _NAME.fullmatch(path.name)
    if name is None or name["host"] != _host() or is_running(int(name["pid"])):
        return False
    return path.is_dir() and not path.is_symlink() and _is_ours(path)


def _is_ours(path: Path) -> bool:
    return path.stat().st_uid == os.getuid() if hasattr(os, "getuid") else True
