from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from equime_generation.faces import Face
from equime_generation.workspace import Workspace


def test_a_kept_face_comes_back_whole(default_face: Face, tmp_path: Path) -> None:
    (tmp_path / ".work" / "faces").mkdir(parents=True)
    Workspace(tmp_path).keep_face(default_face)
    again = Workspace(tmp_path).face(default_face.subject.id)
    assert (again.subject, again.upscale) == (default_face.subject, default_face.upscale)
    np.testing.assert_array_equal(again.image, default_face.image)
    np.testing.assert_array_equal(again.landmarks, default_face.landmarks)


def test_a_face_of_another_photo_replaces_what_an_earlier_run_left(default_face: Face, tmp_path: Path) -> None:
    (tmp_path / ".work" / "faces").mkdir(parents=True)
    workspace = Workspace(tmp_path)
    workspace.keep_face(default_face)
    subject = replace(default_face.subject, source_sha256="0" * 64)
    workspace.keep_face(replace(default_face, subject=subject, image=default_face.image[:, ::-1]))
    again = workspace.face(subject.id)
    assert again.subject == subject
    np.testing.assert_array_equal(again.image, default_face.image[:, ::-1])
