from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from equime_builder.facs import AUS, Side
from equime_evaluation.motion import measure
from equime_generation.encode import encode
from equime_generation.renderers import Job
from equime_generation.renderers.warp import WarpRenderer
from equime_generation.renderers.warp.frame import MovedFrame, still
from equime_generation.renderers.warp.nuisance import Sensor
from equime_generation.renderers.warp.truth import WarpTruth, displacement
from equime_generation.renderers.warp.units import UNITS
from tests.generation.warp.programme import APEX, OFFSET, ONSET, both, plan_of, size

if TYPE_CHECKING:
    from equime_generation.faces import Face
    from equime_generation.renderers import Clip
    from equime_generation.renderers.warp.rig import Rig

UPRIGHT = np.eye(2, 3)
TILTED = np.array([[1.001, -0.001, 0.4], [0.001, 1.001, -0.3]])


def painted(rig: "Rig", intensities: dict[tuple[int, Side], float], head: np.ndarray = UPRIGHT) -> np.ndarray:
    image = still(rig, head)
    image[rig.region.window] = MovedFrame(rig, intensities, head).paint()
    return image


def trackable(truth: np.ndarray) -> np.ndarray:
    """Where a patch moves as one: much motion, and little change of it."""
    mean, square = (cv2.blur(values, (11, 11)) for values in (truth, truth**2))
    calm = np.sqrt(np.maximum(square - mean**2, 0).sum(-1)) < 0.15 * size(truth).max()
    return np.asarray(calm & (size(truth) > 0.4 * size(truth).max()), dtype=np.uint8)


# Lids are narrower than a patch that can be tracked; the next test looks at them.
@pytest.mark.parametrize("au", [au for au in UNITS if au not in (5, 7)])
def test_tracked_points_go_where_the_truth_says(rig: "Rig", au: int) -> None:
    intensities = both(au, 0.35)
    truth = displacement(rig, intensities)
    images = still(rig, UPRIGHT), painted(rig, intensities)
    before, after = (cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) for image in images)
    points = cv2.goodFeaturesToTrack(before, 80, 0.005, 3, mask=trackable(truth))
    guess = np.zeros_like(points)
    found, status, _ = cv2.calcOpticalFlowPyrLK(before, after, points, guess, winSize=(11, 11), maxLevel=1)
    ok = np.asarray(status).ravel() == 1
    x, y = points[ok, 0].astype(int).T
    moved, planned = (found - points)[ok, 0], truth[y, x]
    assert ok.sum() >= 6
    assert np.median(np.hypot(*(moved - planned).T)) < 0.45
    share = (moved * planned).sum(-1) / (planned**2).sum(-1)
    assert np.median(share) == pytest.approx(1, abs=0.12)


@pytest.mark.parametrize("au", [1, 4, 5, 6, 7, 9, 12, 15, 20, 43])
def test_the_truth_leads_back_to_the_photo(rig: "Rig", au: int) -> None:
    intensities = both(au, 0.4)
    truth = displacement(rig, intensities)
    frame = painted(rig, intensities, TILTED)
    y, x = np.mgrid[0:512, 0:512].astype(np.float32)
    there = np.stack([x + truth[..., 0], y + truth[..., 1], np.ones_like(x)], axis=-1) @ TILTED.T
    back = cv2.remap(frame, there[..., 0].astype(np.float32), there[..., 1].astype(np.float32), cv2.INTER_CUBIC)
    rest = still(rig, UPRIGHT)
    moving = size(truth) > 0.3 * size(truth).max()
    residue = np.abs(back.astype(float) - rest).mean(-1)[moving]
    unexplained = np.abs(frame.astype(float) - rest).mean(-1)[moving]
    assert np.median(residue) < 3.5  # brightness changes of the skin, and interpolation
    assert np.percentile(residue, 95) < 0.7 * np.percentile(unexplained, 95)


def test_the_truth_follows_the_curve(clip: "Clip") -> None:
    truth = clip.truth
    assert truth is not None
    assert size(truth.field(ONSET)).max() == 0
    assert size(truth.field(OFFSET)).max() == 0
    apex = truth.field(APEX)
    half = truth.field(ONSET + 2)
    np.testing.assert_allclose(half, 0.5 * apex, atol=0.02)
    assert apex.shape == (512, 512, 2)
    assert apex.dtype == np.float32


def test_the_probe_of_an_expression_is_its_apex(clip: "Clip") -> None:
    assert clip.truth is not None
    np.testing.assert_array_equal(clip.truth.probe(), clip.truth.field(APEX)[None])


def test_the_probe_of_a_negative_holds_every_unit(rig: "Rig") -> None:
    probe = WarpTruth(rig, plan_of({}), np.broadcast_to(UPRIGHT, (144, 2, 3))).probe()
    assert probe.shape == (len(AUS), 512, 512, 2)
    np.testing.assert_array_equal(probe[AUS.index(12)], displacement(rig, both(12, 1.0)))
    assert (size(probe).max(axis=(1, 2)) > 0.03 * rig.face.interocular_px).all()


@pytest.mark.parametrize("au", [7, 24])
def test_weak_units_are_found_at_their_size_in_the_decoded_clip(default_face: "Face", au: int) -> None:
    # Lids slide over eyeballs and lips press: what they hide must not count as skin that stayed.
    (pressed,) = WarpRenderer().render([Job(face=default_face, plan=plan_of({au: 0.22}))])
    assert pressed.truth is not None
    fields, iod_px = pressed.truth.probe(), default_face.interocular_px
    measured = measure(encode(pressed.frames).data, fields, interocular_px=iod_px, negative=False)
    assert measured.slope is not None
    assert 0.86 <= measured.slope <= 1.05
    assert measured.apex_frame == pytest.approx(APEX, abs=1)


def test_the_head_is_the_rigid_motion_of_the_frames(clip: "Clip", rig: "Rig") -> None:
    assert clip.truth is not None
    for frame in (0, 100):
        expected = still(rig, clip.truth.head(frame))
        Sensor(clip.plan.nuisance).expose(expected, frame)
        np.testing.assert_array_equal(clip.frames[frame], expected)
