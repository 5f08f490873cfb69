"""The photos that a dataset was made from, found again by their hashes wherever they lie now."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING

from equime_builder.errors import PhotoError
from equime_builder.records import Reject, Subject
from equime_generation.sources import Photo, open_source

if TYPE_CHECKING:
    from equime_generation.faces import Face

_SHOWN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What became of the search for some photos.

    Attributes:
        found: The photo of each subject, by id.
        missing: Subjects of whom there is no photo at all.
        different: Subjects of whom there are photos, but not the one.
    """

    found: dict[str, Photo] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    different: tuple[str, ...] = ()

    @property
    def complaint(self) -> str:
        """Who is missing or different, in one line; empty = nobody."""
        lists = {"not there": self.missing, "with other bytes": self.different}
        return "; ".join(f"{what}: {_listed(names)}" for what, names in lists.items() if names)


def find_photos(
    people: Mapping[str, Subject], sources: Sequence[str], progress: Callable[[int, int, str], None] | None = None
) -> Search:
    """Look for the photo of each subject in some sources, by the hash of its file.

    Photos that a source itself gives the subject's name are looked at first; a photo that was renamed is found among
    the others.

    Args:
        people: By subject id.
        sources: As for ``equime render --faces``.
        progress: Told how many are found, how many there are, and where the search is.

    Raises:
        UsageError: A source cannot be used.
    """
    photos = [photo for source in sources for photo in open_source(source)]
    named = [photo for photo in photos if photo.subject_id in people]
    wanted = {subject.source_sha256: who for who, subject in people.items()}
    search = Search()
    unlike = {photo.subject_id for photo in named}
    for photo in chain(named, (photo for photo in photos if photo.subject_id not in people)):
        if len(search.found) == len(people):
            break
        if progress is not None:
            progress(len(search.found), len(people), "photos")
        who = wanted.get(_sha256_of(photo))
        if who is not None:
            search.found.setdefault(who, photo)
    lost = [who for who in people if who not in search.found]
    return replace(
        search,
        missing=tuple(who for who in lost if who not in unlike),
        different=tuple(who for who in lost if who in unlike),
    )


def faces_of(people: Mapping[str, Subject], found: Mapping[str, Photo]) -> Iterator[Face]:
    """Yield the face of each subject, who stays as recorded: a table of declared facts may have changed since.

    Raises:
        PhotoError: A photo no longer passes the gate.
    """
    from equime_generation.gate import admit
    from equime_generation.landmarks import FaceFinder

    with FaceFinder() as finder:
        for who, subject in people.items():
            photo = replace(found[who], left_out=None, subject_id=who)
            outcome = next(iter(admit([photo], finder)))
            if isinstance(outcome, Reject):
                raise PhotoError(f"{who}: {outcome.detail}; the clips were made with another version of the gate")
            yield replace(outcome, subject=subject)


def _sha256_of(photo: Photo) -> str:
    try:
        return hashlib.sha256(photo.read()).hexdigest()
    except PhotoError:
        return ""  # another photo, which may be broken


def _listed(names: Iterable[str]) -> str:
    listed = sorted(names)
    more = f" and {len(listed) - _SHOWN} more" if len(listed) > _SHOWN else ""
    return ", ".join(listed[:_SHOWN]) + more
