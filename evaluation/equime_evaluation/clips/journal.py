"""Results as they come, one JSON line each, so that a run that was stopped goes on where it was."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from equime_builder.errors import OutputError

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self, TextIO


class Journal:
    """A file of results by clip; a context manager.

    Results are found again by the clip's key and by the settings that they were made with, so that a clip that changed
    is done anew, and so is every clip when the settings change. A line that was cut off by a kill is ignored.

    Args:
        path: Made where it is missing.
        settings: Name of all that a result depends on but the clip.
    """

    def __init__(self, path: Path, settings: str) -> None:
        self._path = path
        self._settings = settings
        self._done: dict[str, dict[str, Any]] = {}
        self._file: TextIO | None = None

    def __enter__(self) -> Self:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            if self._path.exists():
                with self._path.open(encoding="utf-8", errors="replace") as lines:
                    self._done = dict(filter(None, map(self._parsed, lines)))
            self._file = self._path.open("a", encoding="utf-8")
            self._file.write("\n")  # ends a line that was cut off
        except OSError as error:
            raise OutputError(f"cannot write {self._path}: {error.strerror or error}; choose another --out") from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def found(self, name: str, key: str) -> dict[str, Any] | None:
        """Return the result of a clip with this name and key, or ``None``."""
        return self._done.get(f"{name}\n{key}")

    def add(self, name: str, key: str, result: dict[str, Any]) -> None:
        """Keep a result; it is on its way to the disk when this returns."""
        if self._file is None:
            raise RuntimeError("a journal is written inside its with block")
        line = {"settings": self._settings, "name": name, "key": key, "result": result}
        try:
            self._file.write(json.dumps(line, allow_nan=False) + "\n")
            self._file.flush()
        except OSError as error:
            raise OutputError(f"cannot write {self._path}: {error.strerror or error}; free space") from error

    def _parsed(self, line: str) -> tuple[str, dict[str, Any]] | None:
        try:
            entry = json.loads(line)
            if entry["settings"] == self._settings and isinstance(entry["result"], dict):
                return f"{entry['name']}\n{entry['key']}", entry["result"]
        except (ValueError, KeyError, TypeError, RecursionError):
            pass  # cut off, or not ours: that clip is done again
        return None
