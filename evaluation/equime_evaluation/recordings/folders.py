"""Folders of image sequences, found by the ends of their paths, so that it does not matter where a set was unpacked."""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path
from typing import Final

from equime_evaluation.recordings.images import SUFFIXES

_LONGEST: Final = 3


class ImageFolders:
    """All folders with images below a root.

    Where a set has raw and cropped images of the same clip, the raw ones are taken: every clip of every set is then cut
    out in the same way.
    """

    def __init__(self, root: Path) -> None:
        self._by_end: dict[tuple[str, ...], list[Path]] = defaultdict(list)
        for folder, below, files in os.walk(root):
            below.sort()
            if any(name.lower().endswith(SUFFIXES) for name in files):
                path = Path(folder)
                parts = tuple(part.lower() for part in path.relative_to(root).parts)
                for length in range(1, min(_LONGEST, len(parts)) + 1):
                    self._by_end[parts[-length:]].append(path)
        for paths in self._by_end.values():
            paths.sort(key=lambda path: ("crop" in path.as_posix().lower(), path.as_posix()))

    def find(self, *ends: tuple[str, ...]) -> Path | None:
        """Return the first folder whose path ends in one of these, in the order given; case does not matter."""
        for end in ends:
            found = self._by_end.get(tuple(part.lower() for part in end))
            if found:
                return found[0]
        return None
