from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from equime_builder.errors import PhotoError
from equime_builder.groups import group_of
from equime_builder.records import Subject
from equime_generation.config import RunConfig
from equime_generation.faces import Face
from equime_generation.progress import Tally
from equime_generation.subjects import admit_subjects
from tests.generation.face_sets import celeba_folder, portrait, put

# numbers of default people: 1, 3, 4 are women, 2 is a man; 5 smiles, they say; 1 has a second photo
PEOPLE = {"0.jpg": 1, "1.jpg": 2, "2.jpg": 3, "3.jpg": 4, "4.jpg": 5, "5.jpg": 1}
PRESENT = {
    "0.jpg": {"Young"},
    "1.jpg": {"Male"},
    "2.jpg": {"Young"},
    "3.jpg": set(),
    "4.jpg": {"Smiling"},
    "5.jpg": set(),
}


class Stages(Tally):
    """A tally that remembers the stages."""

    def __init__(self) -> None:
        super().__init__()
        self.stages: list[str] = []

    def stage(self, text: str) -> None:
        self.stages.append(text)


@pytest.fixture(scope="module")
def celeba(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("mediapipe", reason="install equime[render]")
    root = tmp_path_factory.mktemp("celeba")
    photos = {name: portrait(number, 900 if name == "5.jpg" else 1024) for name, number in PEOPLE.items()}
    celeba_folder(root, PRESENT, photos)
    put(root / "CelebA-HQ-identity.txt", "".join(f"{name} {70 + number}\n" for name, number in PEOPLE.items()))
    return root


def test_everybody_takes_part_unless_fewer_are_asked_for(celeba: Path) -> None:
    faces: list[Face] = []
    watch = Stages()
    subjects, refused = admit_subjects(RunConfig(faces=f"celeba-hq:{celeba}"), watch, keep=faces.append)
    assert [subject.id for subject in subjects] == [f"celeba-hq-p7{number}" for number in (1, 2, 3, 4)]
    assert [face.subject for face in faces] == subjects
    assert [(reject.id, reject.reason) for reject in refused] == [("4.jpg", "attribute"), ("5.jpg", "spare")]
    assert watch.stages == ["left out: attribute 1, spare 1"]
    assert watch.refused == []


def chosen(root: Path, count: int, seed: int = 0) -> tuple[list[Subject], list[Face], Counter[str]]:
    faces: list[Face] = []
    config = RunConfig(faces=f"celeba-hq:{root}", subjects=count, seed=seed)
    subjects, refused = admit_subjects(config, Tally(), keep=faces.append)
    return subjects, faces, Counter(reject.reason for reject in refused)


def test_fewer_people_are_chosen_evenly_and_the_rest_is_listed(celeba: Path) -> None:
    subjects, faces, reasons = chosen(celeba, 2)
    assert len({group_of(subject) for subject in subjects}) == 2
    assert [face.subject for face in faces] == subjects
    assert reasons == {"attribute": 1, "spare": 1, "surplus": 2}


def test_a_photo_that_changes_meanwhile_stops_the_run(tmp_path: Path) -> None:
    pytest.importorskip("mediapipe", reason="install equime[render]")
    put(tmp_path / "a.jpg", portrait(1))
    put(tmp_path / "b.jpg", portrait(2))
    put(tmp_path / "metadata.csv", "file,subject_id\na.jpg,a\nb.jpg,b\n")

    def keep(face: Face) -> None:
        put(tmp_path / "b.jpg", portrait(2, 900))

    with pytest.raises(PhotoError, match=r"b\.jpg changed while the photos were admitted"):
        admit_subjects(RunConfig(faces=f"folder:{tmp_path}", subjects=2), Tally(), keep=keep)


def test_nobody_at_all_is_said_before_anybody_is_chosen(tmp_path: Path) -> None:
    pytest.importorskip("mediapipe", reason="install equime[render]")
    celeba_folder(tmp_path, {"0.jpg": {"Smiling"}})
    with pytest.raises(PhotoError, match="none of the 1 photos"):
        admit_subjects(RunConfig(faces=f"celeba-hq:{tmp_path}", subjects=3), Tally())
