"""A visitor's photo: read, deleted, and forgotten when the page closes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("gradio", reason="install equime[app]")
pytest.importorskip("mediapipe", reason="install equime[render]")

from equime_generation.app.make import Maker
from equime_generation.app.people import OWN

PAGE: Any = SimpleNamespace(session_hash="page-1")
OTHER: Any = SimpleNamespace(session_hash="page-2")


@pytest.fixture(scope="module")
def maker() -> Iterator[Maker]:
    made = Maker()
    yield made
    made.bench.close()


def upload(tmp_path: Path, data: bytes) -> Path:
    """A file as Gradio lays it down: in a folder of its own."""
    folder = tmp_path / "a1b2"
    folder.mkdir()
    (folder / "photo.jpg").write_bytes(data)
    return folder / "photo.jpg"


@pytest.fixture
def portrait(maker: Maker) -> bytes:
    return maker.bench.people["openpeople-p005"].read()


def test_the_file_is_deleted_and_the_face_is_forgotten_with_its_page(
    maker: Maker, tmp_path: Path, portrait: bytes
) -> None:
    file = upload(tmp_path, portrait)
    emptied, _, who, line = maker.take_photo(PAGE, True, str(file), maker.first)
    assert (emptied, who) == (None, OWN)
    assert "passes" in line
    assert list(tmp_path.iterdir()) == []
    face = maker.visitors.face_of("page-1")
    assert face is not None
    assert face.subject.id.startswith("photo-")
    maker.forget(OTHER)
    assert len(maker.visitors) == 1
    maker.forget(PAGE)
    maker.forget(PAGE)
    assert len(maker.visitors) == 0
    picture, words = maker.preview(PAGE, OWN, "happiness", 60, 4, 5, *([0.2] * 34))
    assert "img" not in picture
    assert "choose it again" in words


def test_without_consent_nothing_is_made_and_the_file_is_deleted_all_the_same(
    maker: Maker, tmp_path: Path, portrait: bytes
) -> None:
    file = upload(tmp_path, portrait)
    _, _, who, line = maker.take_photo(PAGE, False, str(file), maker.first)
    assert who == maker.first
    assert "consent" in line
    assert list(tmp_path.iterdir()) == []
    assert maker.visitors.face_of("page-1") is None


def test_a_refused_file_is_deleted_too(maker: Maker, tmp_path: Path) -> None:
    file = upload(tmp_path, b"a letter")
    _, _, _, line = maker.take_photo(PAGE, True, str(file), maker.first)
    assert "cannot be read as a photo" in line
    assert list(tmp_path.iterdir()) == []


def test_one_visitor_never_sees_the_face_of_another(maker: Maker, tmp_path: Path, portrait: bytes) -> None:
    maker.take_photo(PAGE, True, str(upload(tmp_path, portrait)), maker.first)
    try:
        _, words = maker.preview(OTHER, OWN, "happiness", 60, 4, 5, *([0.2] * 34))
        assert "choose it again" in words
    finally:
        maker.forget(PAGE)


def test_names_that_nobody_offered_choose_nobody(maker: Maker) -> None:
    chosen: Any = SimpleNamespace(who="../../etc/passwd")
    assert maker.choose(chosen) == maker.first
