"""A photo that has not been read yet, with what its source declares about it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from equime_builder.errors import PhotoError
from equime_builder.records import Demographics
from equime_generation.photos import MAX_PHOTO_BYTES

UNDECLARED_LICENSE: Final = "undeclared"


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """One photo of one person; small and picklable, for its bytes are read on demand.

    Attributes:
        name: Unique within its source; for lists of refused photos, never written into a dataset's rows.
        content: The file, or its bytes.
        subject_id: Who is on it; ``None`` = nobody said, and the person is called after the file's hash, so that
            no name of a private file enters a dataset.
        source: Name of the source, never a path.
        license: Licence of the photo as its source states it; `equime_builder.licenses` reads it.
        root: Folder that the resolved path of ``content`` must not leave; ``None`` = no such rule.
        left_out: Why the source itself rules the photo out, in one line; such a photo is listed and never read.
    """

    name: str
    content: Path | bytes
    subject_id: str | None
    demographics: Demographics
    source: str
    license: str
    root: Path | None = None
    left_out: str | None = None

    def read(self) -> bytes:
        """Return the file's bytes.

        Raises:
            PhotoError: The file is gone, unreadable, too large, no regular file, or a link that leaves the folder.
        """
        if isinstance(self.content, bytes):
            return self.content
        if self.root is not None and not _real(self.content).is_relative_to(_real(self.root)):
            raise PhotoError("a photo must lie in its folder, this is a link that leaves it")
        try:
            if not self.content.is_file():
                raise PhotoError("a photo must be a regular file, this one is gone or of another kind")
            size = self.content.stat().st_size
            if size > MAX_PHOTO_BYTES:
                raise PhotoError(f"a photo may hold {MAX_PHOTO_BYTES} bytes, this file has {size}")
            return self.content.read_bytes()
        except PhotoError:
            raise
        except OSError as error:
            raise PhotoError(f"the photo cannot be read: {error.strerror}") from None


def _real(path: Path) -> Path:
    # Path.resolve raises on a loop of links; realpath leaves that to the reading.
    return Path(os.path.realpath(path))
