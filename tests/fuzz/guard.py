"""Looks over a reader's shoulder: files outside its folder, the network, other programs, pickles, memory and time."""

from __future__ import annotations

import ctypes
import os
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

MEMORY_BYTES: Final = 2 * 2**30
"""Address space that a reader may take beyond what the process has when fuzzing begins."""

_FORBIDDEN: Final = {
    "pickle.find_class", "socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.system", "os.exec",
    "os.posix_spawn", "os.startfile",
}  # fmt: skip
_CHANGES: Final = {"os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.symlink", "os.link", "os.truncate", "os.chmod"}
_AT: Final = {"os.remove": 1, "os.rmdir": 1, "os.mkdir": 2}
"""Which argument is the open folder that a path may be relative to, as in `shutil.rmtree`."""
_IN_OPEN: Final = 0x20


class Guard:
    """Notes what the process does that no reader may do; what C libraries open is seen by inotify, on Linux."""

    def __init__(self) -> None:
        self._private, self._writable = "", ""
        self._seen: list[str] = []
        self._watch: int | None = None
        self._is_on = False
        sys.addaudithook(self._audit)

    def mind(self, private: Path, writable: Path) -> None:
        """Set the file that no reader may open, whatever the bytes say, and the only folder that may change."""
        self._private, self._writable = os.fspath(private), os.fspath(writable)
        self._watch = _watch(self._private)

    def watched(self, read: Callable[[], object]) -> None:
        """Call a reader.

        Raises:
            AssertionError: It did what no reader may do.
        """
        self._is_on = True
        try:
            read()
        finally:
            self._is_on = False
            self._note_opened()
            if self._seen:
                seen, self._seen = self._seen, []
                raise AssertionError(f"the reader went where no bytes may lead it: {seen[:5]}")

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self._is_on:
            return
        if event in _FORBIDDEN:
            self._seen.append(f"{event} {arguments!r:.200}")
        elif event == "open" and isinstance(arguments[0], str | bytes):
            path = os.path.realpath(os.fsdecode(arguments[0]))
            if path == self._private or (_writes(arguments[2]) and not self._may_change(path)):
                self._seen.append(f"open {path} {arguments[1]}")
        elif event in _CHANGES and not self._may_change(_place(event, arguments)):
            self._seen.append(f"{event} {arguments!r:.200}")

    def _may_change(self, path: str) -> bool:
        return f"{path}/".startswith((f"{self._writable}/", "/dev/"))

    def _note_opened(self) -> None:
        try:
            if self._watch is not None and os.read(self._watch, 4096):
                self._seen.append(f"a library opened {self._private}")
        except BlockingIOError:
            return


def limit_memory() -> None:
    """Let the process take `MEMORY_BYTES` more address space than it has now, and no more; may be said again."""
    if sys.platform != "linux":
        return
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + MEMORY_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))


def _place(event: str, arguments: tuple[Any, ...]) -> str:
    folder = arguments[_AT[event]] if event in _AT else -1
    if folder >= 0 and sys.platform != "linux":
        return "/dev/"  # which folder it is cannot be told
    above = os.readlink(f"/proc/self/fd/{folder}") if folder >= 0 else ""
    return os.path.realpath(os.path.join(above, os.fsdecode(arguments[0])))


def _writes(flags: int) -> bool:
    return bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC))


def _watch(path: str) -> int | None:
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None, use_errno=True)
    watch = libc.inotify_init1(os.O_NONBLOCK)
    if watch < 0 or libc.inotify_add_watch(watch, path.encode(), _IN_OPEN) < 0:
        raise OSError(ctypes.get_errno(), "inotify cannot be had")
    return int(watch)
