from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from equime_builder.errors import MissingExtraError, UsageError
from equime_generation import landmarks
from equime_generation.faces import Face
from equime_generation.landmarks import FaceFinder


def test_a_face_is_found_where_it_is(finder: FaceFinder, default_face: Face) -> None:
    ground = np.full((700, 900, 3), 128, np.uint8)
    ground[100:612, 250:762] = default_face.image
    (found,) = finder.find(ground)
    assert found.landmarks.shape == (478, 3)
    expected = default_face.landmarks[:, :2] + (250, 100)
    assert np.abs(found.landmarks[:, :2] - expected).max() < 8
    assert len(found.blendshapes) == 52
    assert all(0 <= value <= 1 for value in found.blendshapes.values())
    np.testing.assert_allclose(found.pose[:3, :3] @ found.pose[:3, :3].T, np.eye(3), atol=1e-4)


def test_depth_has_the_scale_of_the_picture_and_the_nose_is_nearest(default_face: Face) -> None:
    z = default_face.landmarks[:, 2]
    assert z[4] == pytest.approx(z.min(), abs=12)
    assert 0.5 * default_face.interocular_px < np.ptp(z) < 2.5 * default_face.interocular_px


def test_several_faces_come_widest_first(finder: FaceFinder, default_face: Face) -> None:
    both = np.full((512, 800, 3), 128, np.uint8)
    both[:, :512] = default_face.image
    both[100:356, 530:786] = default_face.image[::2, ::2]
    wide, narrow = finder.find(both)
    assert np.ptp(wide.landmarks[:, 0]) == pytest.approx(2 * np.ptp(narrow.landmarks[:, 0]), rel=0.05)


def test_no_face_is_an_empty_list(finder: FaceFinder) -> None:
    assert finder.find(np.full((300, 200, 3), 90, np.uint8)) == []
    assert finder.find(np.zeros((1, 1, 3), np.uint8)) == []


def test_a_huge_photo_gives_the_landmarks_of_the_small_one(finder: FaceFinder, default_face: Face) -> None:
    small = default_face.image
    huge = small.repeat(6, axis=0).repeat(6, axis=1)
    (found,) = finder.find(huge)
    # pixel centres: x of the small one lies at 6 x + 2.5 of the huge one; a fifth of a small pixel is 1.2 huge ones
    expected = 6 * default_face.landmarks[:, :2] + 2.5
    assert np.median(np.abs(found.landmarks[:, :2] - expected)) < 3


def test_one_picture_gives_the_same_numbers_in_another_process(default_face: Face, tmp_path: Path) -> None:
    np.save(tmp_path / "image.npy", default_face.image)
    code = (
        "import sys, numpy as np\n"
        "from equime_generation.landmarks import FaceFinder\n"
        "with FaceFinder() as finder:\n"
        "    (found,) = finder.find(np.load(sys.argv[1]))\n"
        "np.save(sys.argv[2], found.landmarks)\n"
    )
    root = Path(landmarks.__file__).parents[2]
    roots = [str(root / name) for name in ("builder", "evaluation", "generation")]
    run = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "image.npy", tmp_path / "out.npy"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(roots)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stderr == ""
    np.testing.assert_array_equal(np.load(tmp_path / "out.npy"), default_face.landmarks)


def test_a_closed_finder_says_so() -> None:
    with FaceFinder() as opened:
        pass
    opened.close()
    with pytest.raises(ValueError, match="closed; open a new one"):
        opened.find(np.zeros((8, 8, 3), np.uint8))


def test_a_model_that_is_missing_or_broken_is_a_users_mistake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EQUIME_FACE_LANDMARKER", str(tmp_path / "none.task"))
    with pytest.raises(UsageError, match=r"must name a face_landmarker\.task file, got"):
        FaceFinder()
    (tmp_path / "bad.task").write_bytes(b"not a model")
    monkeypatch.setenv("EQUIME_FACE_LANDMARKER", str(tmp_path / "bad.task"))
    with pytest.raises(UsageError, match=r"bad\.task is no usable face landmark model"):
        FaceFinder()


def test_a_missing_system_library_names_the_line_to_run(monkeypatch: pytest.MonkeyPatch) -> None:
    vision = pytest.importorskip("mediapipe.tasks.python.vision")

    def fail(_: object) -> None:
        raise OSError("libEGL.so.1: cannot open shared object file")

    monkeypatch.setattr(vision.FaceLandmarker, "create_from_options", fail)
    with pytest.raises(MissingExtraError, match=r"libEGL\.so\.1.*apt-get install libegl1 libgles2"):
        FaceFinder()


def test_standard_error_is_whole_again_after_the_quiet(capfd: pytest.CaptureFixture[str]) -> None:
    with landmarks.quiet_stderr():
        os.write(2, b"noise of a library\n")
    os.write(2, b"a message\n")
    assert capfd.readouterr().err == "a message\n"
