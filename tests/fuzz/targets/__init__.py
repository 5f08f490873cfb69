"""Every reader of outside bytes, by the name of what it reads, in families."""

from __future__ import annotations

from typing import Final

from tests.fuzz.target import Target
from tests.fuzz.targets import documents, photos, settings, sheets, tables, tars, videos, weights

FAMILIES: Final[dict[str, dict[str, Target]]] = {
    "photos": photos.TARGETS,
    "videos": videos.TARGETS,
    "tables": tables.TARGETS,
    "tars": tars.TARGETS,
    "documents": documents.TARGETS,
    "settings": settings.TARGETS,
    "sheets": sheets.TARGETS,
    "weights": weights.TARGETS,
}
"""Those of a family share what they import, and a process."""
