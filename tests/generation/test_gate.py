from __future__ import annotations

from equime_generation.faces import Face


def test_every_default_person_passes(default_faces: tuple[Face, ...]) -> None:
    assert [face.subject.id for face in default_faces] == [f"openpeople-p{n:03d}" for n in range(1, 11)]
