"""Photos in a folder of the user's, with an optional ``metadata.csv`` about the people on them."""

from __future__ import annotations

from pathlib import Path

from equime_builder.records import Demographics
from equime_generation.sources.images import checked_root, images_below, printable
from equime_generation.sources.photo import UNDECLARED_LICENSE, Photo
from equime_generation.sources.table import Row, read_table


def open_folder(argument: str) -> list[Photo]:
    """Return the images below a folder, sorted by path; hidden files and folders are skipped.

    The table's columns are file, subject_id, gender, age, age_group, ethnicity, skin_tone and license; all but the
    first may be absent or empty. Several files may show one subject. Without a subject_id a person is called
    ``photo-`` and the first 12 hex digits of the file's SHA-256, so that no file name of a private photo enters a
    dataset.

    Args:
        argument: The folder.

    Raises:
        UsageError: The folder is missing, not a folder, or its ``metadata.csv`` cannot be used.
    """
    root = checked_root("folder", argument)
    names = sorted(path.relative_to(root).as_posix() for path in images_below(root))
    rows = read_table(root, frozenset(names))
    return [_photo(root, name, rows.get(name)) for name in names]


def _photo(root: Path, name: str, row: Row | None) -> Photo:
    return Photo(
        name=printable(name),
        content=root / name,
        subject_id=row.subject_id if row else None,
        demographics=row.demographics if row else Demographics(),
        source="folder",
        license=row.license if row else UNDECLARED_LICENSE,
        root=root,
    )
