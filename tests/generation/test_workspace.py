from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from equime_builder.errors import DatasetError
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


def test_a_damaged_face_is_named(default_face: Face, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    path = workspace.face_path(default_face.subject.id)
    path.parent.mkdir(parents=True)
    workspace.keep_face(replace(default_face, landmarks=default_face.landmarks[:5]))
    with pytest.raises(DatasetError, match=r"p001\.npz is missing or damaged \(its landmarks are \(5, 3\) float64\)"):
        workspace.face(default_face.subject.id)
    whole = path.read_bytes()
    damaged = (whole[:-30], whole.replace(b"image.npy", b"other.npy"), whole.replace(b"'descr'", b"\0descr'"))
    for content in (b"", *damaged):
        path.write_bytes(content)
        with pytest.raises(DatasetError, match="is missing or damaged"):
            workspace.face(default_face.subject.id)
    workspace.keep_face(default_face)
    assert workspace.face(default_face.subject.id).subject == default_face.subject
