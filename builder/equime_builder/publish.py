"""Files that appear whole or not at all, and leftovers of runs that were killed."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

from equime_builder.errors import EquimeError, OutputError

PARTIAL_SUFFIX: Final = ".part"


def publish(path: Path, write: Callable[[Path], None]) -> Path:
    """Write a file under a temporary name beside its place, flush it to the disk, and rename it.

    A file that stands at ``path`` is replaced in one step. Missing folders are made.

    Args:
        path: Where the finished file shall stand.
        write: Writes the whole content to the path it is given.

    Raises:
        OutputError: The place cannot be written, or the disk is full; nothing is left behind.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}{PARTIAL_SUFFIX}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            write(partial)
            _flush(partial, os.O_RDWR)
            os.replace(partial, path)
        finally:
            partial.unlink(missing_ok=True)
        _flush_folder(path.parent)
    except EquimeError:
        raise  # some are OSErrors, and say what they are about
    except OSError as error:
        raise OutputError(_explain(path, error)) from error
    return path


def publish_text(path: Path, text: str) -> Path:
    """Write a UTF-8 text file, whole or not at all; line ends stay as they are.

    Raises:
        OutputError: As `publish`.
    """
    return publish(path, lambda partial: _write_bytes(partial, text.encode()))


def is_partial(path: Path) -> bool:
    """Tell whether a file's name is that of an unfinished `publish`."""
    return path.name.startswith(".") and path.name.endswith(PARTIAL_SUFFIX)


def sweep(folder: Path) -> list[Path]:
    """Remove unfinished files below a folder, and return them; for who holds the folder's lock.

    Their times do not count: a clock that was set back would let them stay.

    Args:
        folder: Searched with all folders below it; may be missing.

    Raises:
        OutputError: A leftover cannot be removed.
    """
    swept = []
    for path in sorted(folder.rglob(f".*{PARTIAL_SUFFIX}")):
        try:
            if path.is_file():
                path.unlink()
                swept.append(path)
        except FileNotFoundError:
            continue  # its writer has just published it
        except OSError as error:
            raise OutputError(_explain(path, error)) from error
    return swept


def remove_tree(folder: Path) -> None:
    """Remove a folder with all that it holds; it may be missing.

    Raises:
        OutputError: Something in it cannot be removed.
    """
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        return
    except OSError as error:
        raise OutputError(f"cannot remove {folder}: {error.strerror or error}; remove it and run again") from error


def _write_bytes(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def _flush(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _flush_folder(folder: Path) -> None:
    if os.name == "posix":  # Windows opens no folders and orders renames itself
        _flush(folder, os.O_RDONLY)


def _explain(path: Path, error: OSError) -> str:
    reason = error.strerror or str(error)
    return f"cannot write {path}: {reason}; free space or choose another place with --out"
