from __future__ import annotations

import hashlib
import os
import pickle
from pathlib import Path

import pytest

from equime_builder.errors import UsageError
from equime_builder.licenses import may_be_passed_on
from equime_builder.records import Demographics, Reject
from equime_generation.faces import Face
from equime_generation.gate import admit
from equime_generation.landmarks import FaceFinder
from equime_generation.sources import open_source
from tests.generation.face_sets import portrait, put


def lfw_folder(root: Path, photos: dict[str, bytes]) -> Path:
    for name, data in photos.items():
        person = name.rpartition("_")[0]
        put(root / person / f"{name}.jpg", data)
    return root


def called(data: bytes) -> str:
    return f"lfw-{hashlib.sha256(data).hexdigest()[:12]}"


def test_a_folder_is_a_person_called_after_its_first_photo(tmp_path: Path) -> None:
    lfw_folder(tmp_path, {"Ann_Lee_0001": b"a1", "Ann_Lee_0002": b"a2", "Bo_Roe_0001": b"b1", "Ann_Lee_0010": b"a10"})
    photos = open_source(f"lfw:{tmp_path}")
    found = {photo.read(): (photo.name, photo.subject_id) for photo in photos}
    ann, bo = called(b"a1"), called(b"b1")
    assert found == {
        b"a1": (f"{ann}/0001", ann),
        b"a2": (f"{ann}/0002", ann),
        b"a10": (f"{ann}/0003", ann),
        b"b1": (f"{bo}/0001", bo),
    }
    assert {photo.demographics for photo in photos} == {Demographics()}


def test_people_stand_in_the_order_of_their_pseudonyms(tmp_path: Path) -> None:
    lfw_folder(tmp_path, {f"{name}_0001": name.encode() for name in ("Ann_Lee", "Bo_Roe", "Cy_Poe", "Di_Fox")})
    names = [photo.name for photo in open_source(f"lfw:{tmp_path}")]
    assert names == sorted(names)


def test_no_name_reaches_a_subject_or_a_list_of_refused_photos(tmp_path: Path, finder: FaceFinder) -> None:
    lfw_folder(tmp_path / "lfw", {"Ann_Lee_0001": portrait(1, 250), "Bo_Roe_0001": b"no photo"})
    outcomes = list(admit(open_source(f"lfw:{tmp_path}"), finder))
    assert all(isinstance(outcome, Reject) for outcome in outcomes)
    kept = pickle.dumps(outcomes)
    assert not [word for word in (b"Ann", b"Lee", b"Bo_", b"Roe") if word in kept]


def test_the_first_photo_that_passes_stands_for_the_person(tmp_path: Path, finder: FaceFinder) -> None:
    photos = {"Ann_Lee_0001": portrait(1, 250), "Ann_Lee_0002": portrait(1), "Ann_Lee_0003": portrait(1, 900)}
    first, second, third = admit(open_source(f"lfw:{lfw_folder(tmp_path, photos)}"), finder)
    person = called(portrait(1, 250))
    assert isinstance(first, Reject)
    assert (first.reason, first.id, first.subject_id) == ("small_face", f"{person}/0001", person)
    assert isinstance(second, Face)
    assert second.subject.id == person
    assert second.subject.source_sha256 == hashlib.sha256(portrait(1)).hexdigest()
    assert isinstance(third, Reject)
    assert third.reason == "spare"


def test_press_photos_stay_on_the_machine(tmp_path: Path) -> None:
    (photo,) = open_source(f"lfw:{lfw_folder(tmp_path, {'Ann_Lee_0001': b'a'})}")
    assert may_be_passed_on(photo.license) is False


def test_an_unreadable_first_photo_is_skipped_for_the_pseudonym(tmp_path: Path) -> None:
    lfw_folder(tmp_path, {"Ann_Lee_0001": b"", "Ann_Lee_0002": b"a2"})
    (tmp_path / "Ann_Lee" / "Ann_Lee_0001.jpg").unlink()
    os.mkfifo(tmp_path / "Ann_Lee" / "Ann_Lee_0001.jpg")
    assert {photo.subject_id for photo in open_source(f"lfw:{tmp_path}")} == {called(b"a2")}
    (tmp_path / "Ann_Lee" / "Ann_Lee_0002.jpg").unlink()
    (photo,) = open_source(f"lfw:{tmp_path}")
    assert (photo.name, photo.subject_id) == ("lfw-unreadable/0001", None)


def test_folders_within_a_persons_folder_do_not_split_the_person(tmp_path: Path) -> None:
    lfw_folder(tmp_path, {"Ann_0001": b"a1", "Ann_0003": b"a3"})
    put(tmp_path / "Ann" / "Ann_0002" / "Ann_0002_0001.jpg", b"other")
    people = {photo.read(): photo.subject_id for photo in open_source(f"lfw:{tmp_path}")}
    assert people == {b"a1": called(b"a1"), b"a3": called(b"a1"), b"other": called(b"other")}


def test_loose_photos_are_nobody(tmp_path: Path) -> None:
    put(tmp_path / "Ann_Lee_0001.jpg", b"a")
    with pytest.raises(UsageError, match="a folder for each person, and 1 photos lie loose") as caught:
        open_source(f"lfw:{tmp_path}")
    assert "Ann_Lee" not in str(caught.value)
