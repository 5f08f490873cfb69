"""Pictures inside the page."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest

pytest.importorskip("cv2", reason="install equime[render]")

from equime_generation.app.pictures import inline, motion_map, picture


def test_an_inline_address_holds_the_bytes() -> None:
    head, _, data = inline(b"\x00\x01clip", "video/mp4").partition(",")
    assert head == "data:video/mp4;base64"
    assert base64.b64decode(data) == b"\x00\x01clip"


def test_a_picture_is_the_one_that_was_given() -> None:
    from PIL import Image

    ramp = np.broadcast_to(np.arange(64, dtype=np.uint8)[:, None, None] * 4, (64, 64, 3)).copy()
    element = picture(ramp, 'a "ramp"', side_px=64)
    data = element.partition("base64,")[2].partition('"')[0]
    shown = np.asarray(Image.open(io.BytesIO(base64.b64decode(data))))
    assert np.abs(shown.astype(int) - ramp).mean() < 2
    assert 'alt="a &quot;ramp&quot;"' in element


def test_still_skin_stays_grey_and_the_fastest_is_yellow() -> None:
    face = np.full((96, 96, 3), (200, 120, 90), np.uint8)
    field = np.zeros((96, 96, 2), np.float32)
    field[30:34, 30:34, 0] = 2.0  # between the arrows
    shown = motion_map(face, field).astype(int)
    assert np.ptp(shown[70, 70]) == 0, "grey"
    red, green, blue = shown[31, 31]
    assert red > 180
    assert green > 180
    assert blue < 120, "viridis ends in yellow"


def test_arrows_point_where_the_skin_goes() -> None:
    face = np.zeros((96, 96, 3), np.uint8)
    field = np.zeros((96, 96, 2), np.float32)
    field[..., 1] = 1.0
    shown = motion_map(face, field)
    white = shown[..., 2] > 150  # viridis has little blue at its end
    assert white[12:18, 12].all(), "six times as long, downwards"
    assert not white[5:10, 12].any()
