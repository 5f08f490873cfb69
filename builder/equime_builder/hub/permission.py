"""Whether clips may leave this machine, by the licences of the photos that they were made from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from equime_builder.errors import UsageError
from equime_builder.layout import SUBJECTS_FILE
from equime_builder.licenses import may_be_passed_on
from equime_builder.records import Subject
from equime_builder.tables import read_subjects


def refuse_what_must_stay(root: Path, *, has_permission: bool) -> None:
    """Check that every photo's licence lets clips of it leave this machine.

    Args:
        has_permission: Whether the user states to have the right where a licence says neither yes nor no.

    Raises:
        UsageError: A licence forbids it, or says nothing and the user did not state to have the right.
        DatasetError: The table of subjects is damaged.
    """
    people = [subject for subject, _ in read_subjects(root / SUBJECTS_FILE).values()]
    answers = {subject.id: may_be_passed_on(subject.source_license) for subject in people}
    kept = [subject for subject in people if answers[subject.id] is False]
    if kept:
        raise UsageError(
            f"the photos of {len(kept)} of {len(people)} people must not be passed on, nor clips made from them "
            f"({_terms(kept)}); a recipe release holds no media and lets others build the same clips: "
            f"equime recipe {root} RELEASE, then equime push RELEASE REPO"
        )
    open_questions = [subject for subject in people if answers[subject.id] is None]
    if open_questions and not has_permission:
        raise UsageError(
            f"the licence of the photos of {len(open_questions)} of {len(people)} people does not say whether clips "
            f"may be passed on ({_terms(open_questions)}); if these people and the photos' owners agreed, say so with "
            f"--have-permission; else release the recipes: equime recipe {root} RELEASE"
        )


def _terms(people: Iterable[Subject]) -> str:
    counts = Counter(" ".join(person.source_license.split())[:80] for person in people)
    return "; ".join(f"{license!r}" for license, _ in counts.most_common(3))
