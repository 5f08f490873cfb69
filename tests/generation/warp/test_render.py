from __future__ import annotations

import hashlib
import subprocess
import sys
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from equime_generation.renderers import RENDERERS, Job, load_renderer
from equime_generation.renderers.warp import WarpRenderer
from equime_generation.renderers.warp import render as render_module
from equime_generation.renderers.warp.frame import MovedFrame, still
from equime_generation.renderers.warp.nuisance import Sensor, sway
from equime_generation.renderers.warp.rig import Rig
from tests.generation.warp.programme import APEX, both, plan_of

if TYPE_CHECKING:
    from pathlib import Path

    from equime_generation.faces import Face
    from equime_generation.renderers import Clip

AGAIN = """
import hashlib, sys
import numpy as np
from equime_builder.records import Demographics, Subject
from equime_generation.faces import Face
from equime_generation.renderers import Job
from equime_generation.renderers.warp import WarpRenderer
from tests.generation.warp.programme import plan_of
kept = np.load(sys.argv[1])
someone = Subject(id="p", demographics=Demographics(), source="s", source_sha256="0" * 64, source_license="l")
face = Face(subject=someone, image=kept["image"], landmarks=kept["landmarks"], upscale=1.0)
clip = next(WarpRenderer().render([Job(face=face, plan=plan_of({1: 0.3, 12: 0.3}))]))
print(hashlib.sha256(clip.frames.tobytes()).hexdigest())
"""


def test_a_fresh_process_renders_the_same_bytes(clip: Clip, faces: tuple[Face, Face], tmp_path: Path) -> None:
    np.savez(tmp_path / "face.npz", image=faces[1].image, landmarks=faces[1].landmarks)
    paths = [path for path in sys.path if path]
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {paths!r}\n{AGAIN}", str(tmp_path / "face.npz")],
        capture_output=True,
        text=True,
        check=True,
        env={"OPENBLAS_NUM_THREADS": "1", "PATH": "/usr/bin"},
    )
    assert done.stdout.split()[-1] == hashlib.sha256(clip.frames.tobytes()).hexdigest()


def test_clips_do_not_depend_on_their_order(clip: Clip, faces: tuple[Face, Face]) -> None:
    jobs = [Job(face=faces[0], plan=plan_of({})), Job(face=faces[1], plan=plan_of({1: 0.3, 12: 0.3}))]
    again = list(WarpRenderer().render(jobs))[1]
    np.testing.assert_array_equal(again.frames, clip.frames)


def test_frames_have_the_size_of_the_contract(clip: Clip) -> None:
    assert clip.frames.shape == (144, 512, 512, 3)
    assert clip.frames.dtype == np.uint8
    assert clip.smallest_jacobian is not None
    assert 0.5 < clip.smallest_jacobian < 1
    assert clip.scaled == 1


def test_an_empty_plan_shows_the_photo_up_to_sway_and_noise(faces: tuple[Face, Face]) -> None:
    plan = plan_of({}, sway_px=0.0, noise_sigma=0.0)
    clip = next(WarpRenderer().render([Job(face=faces[0], plan=plan)]))
    assert (clip.frames == clip.frames[0]).all()
    assert clip.smallest_jacobian == 1
    difference = np.abs(clip.frames[0].astype(int) - faces[0].image)
    assert cv2.PSNR(clip.frames[0], faces[0].image) > 37
    assert np.percentile(difference, 99) <= 12
    assert abs(clip.frames[0].mean() - faces[0].image.mean()) < 0.05


def test_outside_the_face_only_sway_and_sensor_change_the_photo(clip: Clip, faces: tuple[Face, Face]) -> None:
    rig = Rig(faces[1])
    assert clip.truth is not None
    expected = still(rig, clip.truth.head(APEX))
    Sensor(clip.plan.nuisance).expose(expected, APEX)
    moved = np.hypot(*np.moveaxis(clip.truth.field(APEX), -1, 0)) > 0.01
    outside = ~cv2.dilate(moved.astype(np.uint8), np.ones((9, 9), np.uint8)).astype(bool)
    change = (clip.frames[APEX].astype(float) - expected).mean(-1)
    assert np.abs(change[outside]).max() < 7, "the light that is added, and rounding"
    assert change[outside].std() < 1
    assert change[moved].std() > 5 * change[outside].std()
    away = np.ones_like(outside)
    away[rig.region.window] = False
    assert (change[away] == 0).all()


@pytest.mark.parametrize("aus", [(6, 12), (1, 2), (4, 7), (15, 17), (20,)])
def test_the_events_frames_are_as_sharp_as_the_rest(rigs: tuple[Rig, Rig], aus: tuple[int, ...]) -> None:
    for rig in rigs:
        heads = sway(plan_of({}, key="sharpness").nuisance)[::16]
        intensities = {key: value for au in aus for key, value in both(au, 0.3).items()}
        at_rest = [sharpness(rig, still(rig, head)[rig.region.window]) for head in heads]
        moved = [sharpness(rig, MovedFrame(rig, intensities, head).paint()) for head in heads]
        assert np.median(moved) / np.median(at_rest) == pytest.approx(1, abs=0.03)
        assert np.std(at_rest) / np.median(at_rest) < 0.04


def sharpness(rig: Rig, region: np.ndarray) -> float:
    """Variance of the Laplacian over the face."""
    points = rig.face.landmarks[:, :2] - (rig.region.left, rig.region.top)
    (left, top), (right, bottom) = points.min(0).astype(int), points.max(0).astype(int)
    grey = cv2.cvtColor(np.ascontiguousarray(region[max(top, 0) : bottom, left:right]), cv2.COLOR_RGB2GRAY)
    return float(cv2.Laplacian(grey, cv2.CV_32F).var())


def test_faces_are_kept_for_their_next_clips_but_not_without_bound(
    faces: tuple[Face, Face], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(render_module, "paint", lambda *_: np.zeros((1, 2, 2, 3), np.uint8))
    made: list[Face] = []

    def counted(face: Face) -> Rig:
        made.append(face)
        return Rig(face)

    monkeypatch.setattr(render_module, "Rig", counted)
    renderer = WarpRenderer()
    jobs = [Job(face=face, plan=plan_of({})) for face in (faces[0], faces[1], faces[0], faces[1])]
    assert len(list(renderer.render(jobs))) == 4
    assert [id(face) for face in made] == [id(faces[0]), id(faces[1])]


def test_warp_stands_in_the_table() -> None:
    assert "warp" in RENDERERS
    assert isinstance(load_renderer("warp"), WarpRenderer)
