"""BRISQUE's statistics against piq's own, bit by bit in all but sums."""

from __future__ import annotations

import importlib

import cv2
import numpy as np
import pytest
import torch
from piq.functional import imresize

from equime_evaluation.quality.halving import halved
from equime_evaluation.quality.statistics import FlatFrameError, scene_statistics
from tests.evaluation.quality.material import grey, small_model

PIQ = importlib.import_module("piq.brisque")


def piqs(frame: np.ndarray) -> np.ndarray:
    luma = torch.from_numpy(frame).float()[None, None] / 255 * 255
    half = imresize(luma, sizes=(frame.shape[0] // 2, frame.shape[1] // 2))
    scales = [PIQ._natural_scene_statistics(scale)[0] for scale in (luma, half)]
    return torch.cat(scales, dim=-1).double().numpy().ravel()


def partly(frame: np.ndarray, level: int) -> np.ndarray:
    changed = frame.copy()
    changed[: len(frame) // 2] = level
    return changed


FRAMES = {
    "picture": grey(128, 96),
    "odd height": grey(129, 96),
    "odd": grey(117, 95),
    "small": grey(16, 17),
    "noise": np.random.default_rng(1).integers(0, 256, (90, 90)).astype(np.uint8),
    "smooth": np.asarray(cv2.GaussianBlur(grey(128, 128), (0, 0), 6)),
    "posterised": (grey(128, 128) // 16 * 16).astype(np.uint8),
    "half grey": partly(grey(128, 128), 130),
    "grey": np.full((40, 40), 130, np.uint8),  # its borders count, as the window reaches over them into black
    "half black": partly(grey(128, 128), 0),
}


@pytest.mark.parametrize("kind", FRAMES)
def test_statistics_and_score_are_piqs(kind: str) -> None:
    ours, theirs = scene_statistics(FRAMES[kind]), piqs(FRAMES[kind])
    # Shapes are looked up in steps of .001, so that a sum's last bit may move one by a step.
    np.testing.assert_allclose(ours, theirs, atol=1.1e-3)
    assert (np.abs(ours - theirs) < 2e-6).sum() >= 33
    assert small_model().score(ours) == pytest.approx(small_model().score(theirs), abs=0.02)


def test_most_frames_have_piqs_very_shapes() -> None:
    frames = [grey(96, 96, seed) for seed in range(12)]
    worst = [np.abs(scene_statistics(frame) - piqs(frame)).max() for frame in frames]
    assert np.median(worst) < 1e-6


def test_a_black_frame_has_no_statistics() -> None:
    black = np.zeros((40, 40), np.uint8)
    with pytest.raises(AssertionError):
        piqs(black)
    with pytest.raises(FlatFrameError):
        scene_statistics(black)


@pytest.mark.parametrize("size", [(64, 48), (65, 48), (33, 47), (18, 17)])
def test_half_the_size_is_piqs(size: tuple[int, int]) -> None:
    frame = grey(*size).astype(np.float32)
    theirs = imresize(torch.from_numpy(frame)[None, None], sizes=(size[0] // 2, size[1] // 2))[0, 0].numpy()
    np.testing.assert_allclose(halved(frame), theirs, atol=1e-4)
