"""The folder of an export: one export owns it, a killed one goes on in it, and nothing else is touched."""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from equime_builder.errors import OutputError, UsageError
from equime_builder.publish import PARTIAL_SUFFIX, publish_text, sweep

MARKER_FILE: Final = "equime-export.json"
_LOCK_FILE: Final = ".equime-export.lock"
_LARGEST_MARKER_BYTES: Final = 2**20


@contextmanager
def claim(root: Path, out: Path, request: Mapping[str, Any]) -> Iterator[bool]:
    """Keep other exports out of a folder until the block is left, and mark it as this one's.

    Args:
        root: The dataset folder.
        out: Made where it is missing.
        request: What is exported from what, JSON values only; the same request goes on where it was.

    Yields:
        Whether this export was finished earlier.

    Raises:
        UsageError: The folder holds something else or another export, lies within the dataset or around it, or another
            export is at work in it.
        OutputError: The folder cannot be written.
    """
    from filelock import FileLock, Timeout

    try:
        _refuse_strange_folder(root, out)
        out.mkdir(parents=True, exist_ok=True)
        lock = FileLock(out / _LOCK_FILE, timeout=0)
        lock.acquire()
    except Timeout:
        raise UsageError(f"another export is at work in {out}; wait for it, or choose another --out") from None
    except OSError as error:
        raise OutputError(f"{out} cannot be written: {error.strerror}; choose another --out") from error
    try:
        found = _marker(out)
        if found is not None and found.get("request") != dict(request):
            raise UsageError(f"{out} holds another export ({_told(found)}); remove it, or choose another --out")
        whole = found is not None and found.get("whole") is True
        if not whole:
            _mark(out, request, whole=False)
            _clear_leftovers(out)
        yield whole
    finally:
        lock.release()
        (out / _LOCK_FILE).unlink(missing_ok=True)


def mark_whole(out: Path, request: Mapping[str, Any]) -> None:
    """Say that an export is finished; nothing is written after it."""
    _mark(out, request, whole=True)


def refuse_full_disk(out: Path, size_bytes: int) -> None:
    """Check that there is room for what is missing of so many bytes.

    Raises:
        OutputError: There is not.
    """
    missing = size_bytes - sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    free = shutil.disk_usage(out).free
    if free < missing:
        raise OutputError(
            f"{out} needs about {missing / 1e9:.1f} GB and the disk has {free / 1e9:.1f} GB; make room, choose "
            "fewer clips with --emotions or --split, or another --out"
        )


def publish_folder(path: Path, write: Callable[[Path], None]) -> Path:
    """Fill a folder under a temporary name beside its place and rename it; a folder that is there stays as it is.

    Raises:
        OutputError: The place cannot be written, or the disk is full; nothing is left behind.
    """
    if path.is_dir():
        return path
    partial = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}{PARTIAL_SUFFIX}")
    try:
        partial.mkdir(parents=True)
        try:
            write(partial)
            os.replace(partial, path)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    except OSError as error:
        raise OutputError(
            f"cannot write {path}: {error.strerror or error}; free space or choose another --out"
        ) from error
    return path


def _refuse_strange_folder(root: Path, out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise UsageError(f"--out must be a folder, and {out} is a file; choose another")
    dataset, target = root.resolve(), out.resolve()
    if target.is_relative_to(dataset) or dataset.is_relative_to(target):
        raise UsageError(f"--out {out} and the dataset {root} lie within each other; choose a folder beside it")
    # An export that was killed at its very beginning leaves its lock and the first part of its marker.
    known = (_LOCK_FILE, f".{MARKER_FILE}.")
    strange = [path.name for path in out.iterdir() if not path.name.startswith(known)] if out.is_dir() else []
    if strange and MARKER_FILE not in strange:
        raise UsageError(f"{out} holds something that is no export of EquiME; choose an empty folder or another --out")


def _marker(out: Path) -> dict[str, Any] | None:
    path = out / MARKER_FILE
    if not path.exists():
        return None
    try:
        if path.stat().st_size > _LARGEST_MARKER_BYTES:
            raise ValueError("it is too large")
        content = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(content, dict) or not isinstance(content.get("request"), dict):
            raise ValueError("it is no marker")
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"{path} cannot be read: {error}; remove {out}, or choose another --out") from error
    return content


def _mark(out: Path, request: Mapping[str, Any], *, whole: bool) -> None:
    publish_text(out / MARKER_FILE, json.dumps({"request": dict(request), "whole": whole}, indent=1) + "\n")


def _told(found: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in found["request"].items() if name != "contents")[:200]


def _clear_leftovers(out: Path) -> None:
    sweep(out)
    for path in sorted(out.rglob(f".*{PARTIAL_SUFFIX}")):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
