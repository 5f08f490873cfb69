"""Photos of a source become the subjects of a run: gated, and where the run asks for fewer, chosen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from equime_builder.errors import PhotoError
from equime_builder.records import Reject, Subject
from equime_generation.selection import choose_people, quality_of

if TYPE_CHECKING:
    from equime_generation.config import RunConfig
    from equime_generation.faces import Face
    from equime_generation.landmarks import FaceFinder
    from equime_generation.progress import Watch
    from equime_generation.sources import Photo

COUNTED: Final = frozenset({"attribute", "spare", "surplus"})
"""Reasons that may hold for thousands of good photos of a large source; they are told as counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Passed:
    """A photo that passed, without its picture: thousands of pictures do not fit into memory."""

    photo: Photo
    subject: Subject
    quality: float


def admit_subjects(
    config: RunConfig, watch: Watch, *, keep: Callable[[Face], None] | None = None
) -> tuple[list[Subject], list[Reject]]:
    """Return who takes part, and the photos that do not.

    With ``config.subjects`` set, every photo is gated before anybody is chosen: groups are known only once the skin
    is measured, and to stop where the list is long enough would favour those whose files come first, and miss rare
    groups. The price is one look at each photo (`make bench ONLY=walk` measures it) and a second one at the chosen.

    Args:
        keep: Takes the face of each subject, one at a time; ``None`` = nobody needs the pictures.

    Raises:
        UsageError: The source cannot be used.
        PhotoError: No photo passed, or one changed meanwhile.
    """
    from equime_generation.landmarks import FaceFinder
    from equime_generation.sources import open_source

    refused: list[Reject] = []
    with FaceFinder() as finder:
        faces = _faces(open_source(config.faces), finder, refused, watch)
        subjects = _chosen(config, faces, finder, refused, keep) if config.subjects else _all(faces, keep)
    if not subjects:
        raise PhotoError(
            f"none of the {len(refused)} photos of {config.faces} passed the gate; it takes one sharp, evenly lit, "
            "frontal, neutral face without glasses, not enlarged"
        )
    counts = Counter(reject.reason for reject in refused if reject.reason in COUNTED)
    if counts:
        watch.stage(f"left out: {', '.join(f'{reason} {count}' for reason, count in sorted(counts.items()))}")
    return subjects, refused


def _faces(
    photos: Sequence[Photo], finder: FaceFinder, refused: list[Reject], watch: Watch
) -> Iterator[tuple[Photo, Face]]:
    """Yield the photos that pass; the others go to ``refused``."""
    from equime_generation.gate import admit

    for photo, outcome in zip(photos, admit(photos, finder), strict=True):
        if not isinstance(outcome, Reject):
            yield photo, outcome
            continue
        refused.append(outcome)
        if outcome.reason not in COUNTED:
            watch.photo_refused(outcome)


def _all(faces: Iterator[tuple[Photo, Face]], keep: Callable[[Face], None] | None) -> list[Subject]:
    subjects: list[Subject] = []
    for _, face in faces:
        subjects.append(face.subject)
        if keep is not None:
            keep(face)
    return subjects


def _chosen(
    config: RunConfig,
    faces: Iterator[tuple[Photo, Face]],
    finder: FaceFinder,
    refused: list[Reject],
    keep: Callable[[Face], None] | None,
) -> list[Subject]:
    passed = [_Passed(photo=photo, subject=face.subject, quality=quality_of(face)) for photo, face in faces]
    quality = {one.subject.id: one.quality for one in passed}
    names = {*choose_people(quality, [one.subject for one in passed], config.subjects, seed=config.seed)}
    refused += [_surplus(one, config.subjects) for one in passed if one.subject.id not in names]
    chosen = [one for one in passed if one.subject.id in names]
    if keep is not None:
        _keep_again(chosen, finder, keep)
    return [one.subject for one in chosen]


def _surplus(one: _Passed, count: int) -> Reject:
    return Reject(
        kind="photo",
        id=one.photo.name,
        reason="surplus",
        detail=f"the run takes {count} people, and others of the same group come first (detail {one.quality:.3f})",
        subject_id=one.subject.id,
    )


def _keep_again(chosen: Sequence[_Passed], finder: FaceFinder, keep: Callable[[Face], None]) -> None:
    from equime_generation.gate import admit

    for one, outcome in zip(chosen, admit([one.photo for one in chosen], finder), strict=True):
        if isinstance(outcome, Reject) or outcome.subject != one.subject:
            raise PhotoError(f"{one.photo.name} changed while the photos were admitted; leave them alone and run again")
        keep(outcome)
