from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equime_builder.errors import PhotoError, UsageError
from equime_builder.records import Demographics
from equime_generation.photos import MAX_PHOTO_BYTES
from equime_generation.sources import Photo, open_source
from equime_generation.sources.declared import parse_fitzpatrick, parse_shares


def folder_with(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(name.encode())
    return root


def test_openpeople_declares_ten_people() -> None:
    photos = open_source()
    assert [photo.subject_id for photo in photos] == [f"openpeople-p{n:03d}" for n in range(1, 11)]
    assert [photo.demographics.gender for photo in photos].count("female") == 7
    assert {photo.license for photo in photos} == {"MIT"}
    first = photos[0].demographics
    assert first.age_group == "35-45"
    assert first.ethnicity == "45% Middle Eastern, 55% North African"
    assert first.ethnicity_distribution == (("Middle Eastern", 0.45), ("North African", 0.55))
    assert first.skin_tone == "II"
    assert first.source.startswith("openpeople 0.1.2")
    assert all(photo.read().startswith(b"\xff\xd8") for photo in photos)


def test_photos_are_small_until_they_are_read() -> None:
    assert len(pickle.dumps(open_source())) < 20_000


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("flickr", "source 'flickr' is unknown; choose from: openpeople, folder, celeba-hq, ffhq, lfw"),
        ("celeba-hq", "source celeba-hq needs a folder; write: celeba-hq:DIR"),
        ("ffhq:/nowhere/at/all", "source ffhq:/nowhere/at/all does not exist"),
        ("lfw:", "write: lfw:DIR"),
        ("openpeople:x", "takes no argument"),
        ("folder", "write: folder:DIR"),
        ("folder:", "write: folder:DIR"),
        ("folder:/nowhere/at/all", "does not exist"),
    ],
)
def test_a_spec_that_cannot_be_opened_says_what_can(spec: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        open_source(spec)


def test_a_file_and_an_empty_folder_are_no_source(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(UsageError, match="is a file; give the folder that holds it"):
        open_source(f"folder:{tmp_path}/notes.txt")
    with pytest.raises(UsageError, match="holds no photos"):
        open_source(f"folder:{tmp_path}")


def test_a_folder_is_listed_in_order_without_hidden_and_foreign_files(tmp_path: Path) -> None:
    folder_with(tmp_path, "b.jpg", "a/z.PNG", "a.jpeg", ".hidden.jpg", ".git/x.jpg", "notes.txt", "c/d/e.webp")
    assert [photo.name for photo in open_source(f"folder:{tmp_path}")] == ["a.jpeg", "a/z.PNG", "b.jpg", "c/d/e.webp"]


def test_nothing_of_the_users_machine_shows_in_what_becomes_a_row(tmp_path: Path) -> None:
    folder_with(tmp_path, "Jane Doe.jpg")
    (photo,) = open_source(f"folder:{tmp_path}")
    assert (photo.subject_id, photo.source, photo.license) == (None, "folder", "undeclared")
    assert photo.demographics == Demographics()


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    outside = folder_with(tmp_path / "outside", "secret.jpg", "more/secret.jpg")
    inside = folder_with(tmp_path / "inside", "real.jpg")
    (inside / "link.jpg").symlink_to(outside / "secret.jpg")
    (inside / "folder").symlink_to(outside / "more")
    (inside / "loop.jpg").symlink_to(inside / "loop.jpg")
    photos = {photo.name: photo for photo in open_source(f"folder:{inside}")}
    assert sorted(photos) == ["link.jpg", "loop.jpg", "real.jpg"]
    with pytest.raises(PhotoError, match="link that leaves"):
        photos["link.jpg"].read()
    with pytest.raises(PhotoError):
        photos["loop.jpg"].read()
    assert photos["real.jpg"].read() == b"real.jpg"


def test_pipes_vanished_and_huge_files_are_refused_unread(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    folder_with(tmp_path, "gone.jpg")
    with (tmp_path / "huge.jpg").open("wb") as file:
        file.truncate(MAX_PHOTO_BYTES + 1)
    photos = {photo.name: photo for photo in open_source(f"folder:{tmp_path}")}
    (tmp_path / "gone.jpg").unlink()
    for name, message in (("pipe.jpg", "regular file"), ("gone.jpg", "gone"), ("huge.jpg", "may hold")):
        with pytest.raises(PhotoError, match=message):
            photos[name].read()


def test_a_name_that_a_terminal_would_obey_is_escaped(tmp_path: Path) -> None:
    (tmp_path / "a\x1b[2Jb\n.jpg").write_bytes(b"x")
    (photo,) = open_source(f"folder:{tmp_path}")
    assert photo.name == "a\\x1b[2Jb\\n.jpg"
    assert photo.read() == b"x"


def test_bytes_in_memory_are_a_photo_too() -> None:
    photo = Photo(
        name="upload", content=b"abc", subject_id=None, demographics=Demographics(), source="app", license="own"
    )
    assert photo.read() == b"abc"


@pytest.mark.parametrize(
    ("text", "shares"),
    [
        ("100% Dutch", (("Dutch", 1.0),)),
        ("33.3% A, 33.3% B, 33.4% C", (("A", 0.333), ("B", 0.333), ("C", 0.334))),
        ("half Dutch", ()),
        ("60% A, 60% B", ()),
        ("50% A, B", ()),
        ("", ()),
    ],
)
def test_shares_are_parsed_only_where_they_are_shares(text: str, shares: tuple[tuple[str, float], ...]) -> None:
    parsed = parse_shares(text)
    assert [name for name, _ in parsed] == [name for name, _ in shares]
    assert [share for _, share in parsed] == pytest.approx([share for _, share in shares])


@given(st.lists(st.integers(1, 60), min_size=1, max_size=6))
def test_whole_shares_round_trip(parts: list[int]) -> None:
    parsed = parse_shares(", ".join(f"{part}% Group {index}" for index, part in enumerate(parts)))
    assert bool(parsed) == (99 <= sum(parts) <= 101)
    if parsed:
        assert [round(100 * share) for _, share in parsed] == parts


@given(st.text(max_size=60))
def test_any_text_parses_to_shares_of_one_or_to_none(text: str) -> None:
    parsed = parse_shares(text)
    assert not parsed or sum(share for _, share in parsed) == pytest.approx(1, abs=0.0102)


@pytest.mark.parametrize(
    ("text", "numeral"),
    [("II", "II"), ("Fitzpatrick IV", "IV"), ("fitzpatrick type vi", "VI"), ("VII", None), ("2", None), ("", None)],
)
def test_fitzpatrick_types(text: str, numeral: str | None) -> None:
    assert parse_fitzpatrick(text) == numeral
