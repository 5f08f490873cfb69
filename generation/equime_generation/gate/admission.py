"""Photos in, faces or reasons out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence

from equime_builder.errors import PhotoError
from equime_builder.records import Reject, Subject
from equime_generation.faces import Face
from equime_generation.gate.candidate import Candidate, make_candidate
from equime_generation.gate.rules import RULES, Rule
from equime_generation.landmarks import FaceFinder
from equime_generation.photos import decode_photo
from equime_generation.skin import skin_ita
from equime_generation.sources.photo import Photo


def admit(photos: Iterable[Photo], finder: FaceFinder, *, rules: Sequence[Rule] = RULES) -> Iterator[Face | Reject]:
    """Yield a face or a reason for each photo, in order; a bad photo never stops the run.

    The first photo of a person that passes stands for the person; later ones are refused as ``"spare"``. A file whose
    bytes were seen before is refused as ``"duplicate"``. What its source rules out is refused unread, as
    ``"attribute"``. Files that cannot be read or decoded are ``"unreadable"``, photos without a face ``"no_face"``;
    every other reason is the name of the rule that refused.

    Args:
        rules: What to hold the photos against, in order; the first rule broken is the reason.
    """
    hashes: set[str] = set()
    people: set[str] = set()
    for photo in photos:
        if photo.left_out is not None:
            yield _refused(photo, "attribute", photo.left_out, photo.subject_id)
            continue
        try:
            data = photo.read()
            digest = hashlib.sha256(data).hexdigest()
            subject_id = photo.subject_id or f"photo-{digest[:12]}"
            if digest in hashes:
                yield _refused(photo, "duplicate", "a photo counts once, the same bytes came before", subject_id)
                continue
            hashes.add(digest)
            if subject_id in people:
                yield _refused(photo, "spare", "one photo stands for a person, an earlier one passed", subject_id)
                continue
            candidate = make_candidate(decode_photo(data), finder)
        except PhotoError as error:
            yield _refused(photo, "unreadable", str(error), photo.subject_id)
            continue
        outcome = _judge(photo, candidate, rules, subject_id=subject_id, digest=digest)
        if isinstance(outcome, Face):
            people.add(subject_id)
        yield outcome


def _judge(
    photo: Photo, candidate: Candidate | None, rules: Sequence[Rule], *, subject_id: str, digest: str
) -> Face | Reject:
    if candidate is None:
        return _refused(photo, "no_face", "a photo must show one face, none was found", subject_id)
    for rule in rules:
        if complaint := rule.complaint(candidate):
            return _refused(photo, rule.reason, complaint, subject_id)
    subject = Subject(
        id=subject_id,
        demographics=photo.demographics,
        source=photo.source,
        source_sha256=digest,
        source_license=photo.license,
        skin_ita=skin_ita(candidate.image, candidate.face.landmarks),
    )
    return Face(
        subject=subject,
        image=candidate.image,
        landmarks=candidate.face.landmarks,
        upscale=candidate.upscale,
    )


def _refused(photo: Photo, reason: str, detail: str, subject_id: str | None) -> Reject:
    return Reject(kind="photo", id=photo.name, reason=reason, detail=detail, subject_id=subject_id)
