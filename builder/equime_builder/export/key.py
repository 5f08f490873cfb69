"""The key of an export: which of its names stands for which clip, with what its model has no column for."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from equime_builder.csv_text import Cell
from equime_builder.export.clips import Clip
from equime_builder.export.layouts import write_csv
from equime_builder.rows import Row

KEY_FILE: Final = "equime-key.csv"
_FROM_ROW: Final = (
    "fold", "fps", "emotion_3class", "objective_class", "gender", "age", "age_group", "ethnicity", "skin_tone",
    "skin_ita", "demographics_source", "caption", "seed", "sha256", "source", "source_license",
)  # fmt: skip


class Key:
    """Lines of the key so far."""

    def __init__(self) -> None:
        self._lines: list[list[Cell]] = [["subject", "filename", "id", "subject_id", "split", *_FROM_ROW]]

    def add(self, clip: Clip, row: Row, *, subject: str, filename: str) -> None:
        """Add a clip.

        Args:
            subject: Its person's name in the export.
            filename: Its own.
        """
        self._lines.append(
            [subject, filename, clip.id, clip.subject_id, clip.split, *(row[name] for name in _FROM_ROW)]
        )

    def write(self, out: Path) -> None:
        """Write the key.

        Raises:
            OutputError: The place cannot be written.
        """
        write_csv(out / KEY_FILE, self._lines)
