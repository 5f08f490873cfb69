"""Labeled Faces in the Wild: a folder of press photos a person, named after the person."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Final

from equime_builder.errors import PhotoError, UsageError
from equime_builder.licenses import NOT_TO_BE_PASSED_ON
from equime_builder.records import Demographics
from equime_generation.sources.images import checked_root, images_below
from equime_generation.sources.photo import Photo

LICENSE: Final = f"LFW: press photos without a stated licence, {NOT_TO_BE_PASSED_ON}"


def open_lfw(argument: str) -> list[Photo]:
    """Return the photos below a folder of folders, person by person; a folder is a person.

    Names stay outside: a person is called ``lfw-`` and the first 12 hex digits of the SHA-256 of the folder's first
    readable photo, and a photo after the person and its place in the folder. A hash of the name would not do, for the
    5,749 names can be tried one by one.

    Args:
        argument: The folder that holds the people's folders, for example the unpacked ``lfw``.

    Raises:
        UsageError: The folder cannot be used.

    Source: Huang et al., "Labeled Faces in the Wild" (2007), University of Massachusetts Amherst, report 07-49.
    """
    root = checked_root("lfw", argument)
    paths = sorted(images_below(root), key=lambda path: (path.parent, path.name))
    loose = [path for path in paths if path.parent == root]
    if loose:
        raise UsageError(f"source lfw needs a folder for each person, and {len(loose)} photos lie loose in its folder")
    people = [list(_photos(root, list(group))) for _, group in groupby(paths, key=lambda path: path.parent)]
    # by pseudonym: the order of a list must not tell the alphabet of the names
    return [photo for photos in sorted(people, key=lambda photos: photos[0].name) for photo in photos]


def _photos(root: Path, paths: Sequence[Path]) -> Iterator[Photo]:
    person = _pseudonym([_photo(root, path, "", None) for path in paths])
    for place, path in enumerate(paths, start=1):
        yield _photo(root, path, f"{person or 'lfw-unreadable'}/{place:04d}", person)


def _pseudonym(photos: Sequence[Photo]) -> str | None:
    """Return what a person is called; None where none of the photos can be read, so that none can pass."""
    for photo in photos:
        try:
            return f"lfw-{hashlib.sha256(photo.read()).hexdigest()[:12]}"
        except PhotoError:
            continue
    return None


def _photo(root: Path, path: Path, name: str, person: str | None) -> Photo:
    return Photo(
        name=name,
        content=path,
        subject_id=person,
        demographics=Demographics(),
        source="lfw",
        license=LICENSE,
        root=root,
    )
