"""Frames are described on encoded clips of a drawn picture, in which one frame is given away."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from equime_builder.streams import stream
from equime_evaluation.shortcuts import FEATURES, Regions, frame_features, regions_of
from equime_generation.encode import PROFILES, encode
from tests.moving import picture

SIZE, FRAMES, MARKED = 96, 24, 15
REGIONS = Regions(
    parts={
        "upper": ((slice(8, 48), slice(16, 80)),),
        "lower": ((slice(48, 88), slice(16, 80)),),
        "face": ((slice(8, 88), slice(16, 80)),),
    },
    flat={"cheeks": ((slice(40, 56), slice(20, 36)),), "background": ((slice(0, 8), slice(0, 96)),)},
)


def frames() -> np.ndarray:
    noise = stream("frames").normal(0, 2, (FRAMES, SIZE, SIZE))
    return np.clip(np.rint(picture(SIZE) + noise), 0, 255)


def features(clip: np.ndarray, profile: str = "lossless") -> dict[str, np.ndarray]:
    rgb = np.repeat(clip[..., None], 3, axis=-1).astype(np.uint8)
    table = frame_features(encode(rgb, profile=profile).data, REGIONS)
    assert table.shape == (FRAMES, len(FEATURES))
    np.testing.assert_allclose(np.median(table, axis=0), 0, atol=1e-12)
    return dict(zip(FEATURES, table.T, strict=True))


def test_brightness_and_contrast_are_logarithms_of_ratios() -> None:
    clip = frames()
    clip[MARKED, :48] = np.rint(128 + 0.9 * (clip[MARKED, :48] - 128))
    found = features(clip)
    assert found["upper contrast"][MARKED] == pytest.approx(np.log(0.9), abs=0.02)
    assert found["lower contrast"][MARKED] == pytest.approx(0, abs=0.01)
    clip = frames()
    clip[MARKED, 48:] += 10
    # Luma runs over 219 of 255 levels from 16 on.
    usual = 16 + clip[0, 48:88, 16:80].mean() * 219 / 255
    assert features(clip)["lower brightness"][MARKED] == pytest.approx(np.log1p(10 * 219 / 255 / usual), abs=0.005)


def test_blur_and_noise_are_seen_where_they_are() -> None:
    clip = frames()
    clip[MARKED, 48:] = cv2.GaussianBlur(clip[MARKED, 48:], (0, 0), 1.0)
    found = features(clip)
    assert found["lower sharpness"][MARKED] < -1
    assert found["lower fine detail"][MARKED] < -0.5
    assert abs(found["upper sharpness"][MARKED]) < 0.2
    clip = frames()
    clip[MARKED, :8] = clip[0, :8] + stream("more").normal(0, 6, (8, SIZE))
    assert features(np.clip(np.rint(clip), 0, 255))["background noise"][MARKED] > 0.4


def test_noise_is_measured_on_its_own_scale() -> None:
    flat = 128 + np.repeat(np.array([1.0, 2.0, 4.0]), 8)[:, None, None] * stream("flat").normal(size=(24, SIZE, SIZE))
    found = features(np.rint(flat))["cheeks noise"]
    assert found[16:].mean() - found[8:16].mean() == pytest.approx(np.log(2), abs=0.1)


def test_bytes_are_those_of_the_frames_in_order_of_presentation() -> None:
    clip = frames()
    clip[MARKED] = stream("costly").integers(0, 255, (SIZE, SIZE))
    for profile in ("lossless", "preview"):  # the second has B frames, stored in another order
        assert int(features(clip, profile)["packet bytes"].argmax()) in {0, MARKED}
        assert features(clip, profile)["packet bytes"][MARKED] > 0.5


def test_the_quantiser_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    zones = f"mbtree=0:zones={MARKED},{MARKED},q=40"
    zoned = replace(PROFILES["default"], quality=("crf", "20"), params=f"{PROFILES['default'].params}:{zones}")
    monkeypatch.setitem(PROFILES, "zoned", zoned)
    found = features(frames(), "zoned")["quantiser"]
    assert found[MARKED] > 12
    assert np.abs(np.delete(found, [0, MARKED])).max() < 4


def test_regions_split_the_face_at_the_nose() -> None:
    landmarks = np.zeros((478, 3))
    landmarks[:, 0], landmarks[:, 1] = np.linspace(100, 400, 478), np.linspace(50, 450, 478)
    landmarks[1, :2], landmarks[50, :2], landmarks[280, :2] = (250, 260), (180, 300), (320, 300)
    landmarks[468, :2], landmarks[473, :2] = (190, 200), (310, 200)
    regions = regions_of(landmarks)
    assert regions.parts["upper"] == ((slice(50, 260), slice(100, 400)),)
    assert regions.parts["lower"] == ((slice(260, 450), slice(100, 400)),)
    assert regions.flat["cheeks"] == ((slice(285, 315), slice(165, 195)), (slice(285, 315), slice(305, 335)))
    assert regions.flat["background"] == ((slice(0, 61), slice(0, 61)), (slice(0, 61), slice(451, 512)))
