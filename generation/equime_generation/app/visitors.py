"""What the app remembers of each open page: the visitor's own face, until the page closes."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from equime_generation.faces import Face


class Visitors:
    """Faces of visitors by their page; they live in memory alone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faces: dict[str, Face] = {}

    def keep(self, page: str, face: Face) -> None:
        """Remember the face of a page, in place of an earlier one."""
        with self._lock:
            self._faces[page] = face

    def face_of(self, page: str) -> Face | None:
        """Return the face of a page, ``None`` where it has none."""
        with self._lock:
            return self._faces.get(page)

    def forget(self, page: str) -> None:
        """Forget all about a page; harmless when repeated."""
        with self._lock:
            self._faces.pop(page, None)

    def __len__(self) -> int:
        with self._lock:
            return len(self._faces)
