"""The encoder keeps motion and colour, and gives the same bytes each time."""

import io

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from equime_builder.decode import decode_frames, decode_luma
from equime_builder.errors import MediaError, OutputError, UsageError
from equime_generation.encode import PROFILES, SYNTHETIC, encode
from equime_generation.random import stream

Frames = NDArray[np.uint8]


def texture(size: int) -> NDArray[np.float32]:
    """Return a skin-like picture: smooth shading, pores, no line or edge."""
    rng = stream("test_encode", "texture")
    noise = [cv2.GaussianBlur(rng.normal(size=(size, size, 3)).astype(np.float32), (0, 0), s) for s in (2, 12)]
    scaled = [layer / layer.std() for layer in noise]
    picture = np.array((150, 115, 95), np.float32) + 10 * scaled[0] + 14 * scaled[1]
    clipped: NDArray[np.float32] = np.clip(picture, 0, 255)
    return clipped


def swaying(size: int, amplitudes: NDArray[np.float64], shift_px: float) -> Frames:
    """Render sway and sensor noise, and a Gaussian bump that moves by amplitude times ``shift_px``."""
    picture, rng = texture(size), stream("test_encode", "noise")
    y, x = np.mgrid[0:size, 0:size].astype(np.float32)
    bump = np.exp(-0.5 * ((x - size / 2) ** 2 + (y - size / 2) ** 2) / (size / 10) ** 2)
    frames = []
    for index, amplitude in enumerate(amplitudes):
        sway = 0.5 * np.sin(2 * np.pi * index / 40)
        moved = cv2.remap(picture, x - np.float32(sway), y - bump * np.float32(amplitude * shift_px), cv2.INTER_CUBIC)
        frames.append(moved + rng.normal(0, 1.2, (size, size, 1)))
    return np.clip(np.rint(frames), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("shift_px", [1.0, 2.0])
def test_default_profile_keeps_subpixel_motion(shift_px: float) -> None:
    # The same sway and noise with and without the movement: what differs is the movement and nothing else.
    amplitudes = np.zeros(48)
    amplitudes[20:29] = np.sin(np.linspace(0, np.pi, 9)) ** 2
    with_motion, without = swaying(256, amplitudes, shift_px), swaying(256, np.zeros(48), shift_px)
    raw = with_motion[24].astype(float) - without[24]
    decoded = [decode_frames(encode(clip).data, [24])[0].astype(float) for clip in (with_motion, without)]
    kept = decoded[0] - decoded[1]
    luma = np.array([0.299, 0.587, 0.114])
    survival = ((kept @ luma) * (raw @ luma)).sum() / ((raw @ luma) ** 2).sum()
    assert 0.92 <= survival <= 1.08


@pytest.mark.parametrize("profile", PROFILES)
def test_same_frames_give_same_bytes(profile: str) -> None:
    frames = swaying(64, np.zeros(6), 0.0)
    assert encode(frames, profile=profile).data == encode(frames.copy(), profile=profile).data


def test_lossless_returns_rgb_within_rounding() -> None:
    frames = stream("test_encode", "any colour").integers(0, 256, (3, 32, 48, 3)).astype(np.uint8)
    decoded = decode_frames(encode(frames, profile="lossless").data)
    assert np.abs(decoded.astype(int) - frames).max() <= 3


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (200, 30, 40), (30, 180, 60), (20, 40, 220)])
def test_colours_come_back(colour: tuple[int, int, int]) -> None:
    frames = np.broadcast_to(np.array(colour, np.uint8), (4, 64, 64, 3))
    decoded = decode_frames(encode(frames).data)
    assert np.abs(decoded.astype(int) - np.array(colour)).max() <= 4


def test_luma_is_bt601_limited_range() -> None:
    # Recommendation ITU-R BT.601: Y = 16 + 219 (.299 R + .587 G + .114 B) / 255.
    frames = np.broadcast_to(np.array((200, 30, 40), np.uint8), (2, 32, 32, 3))
    expected = 16 + 219 * (0.299 * 200 + 0.587 * 30 + 0.114 * 40) / 255
    assert abs(decode_luma(encode(frames, profile="lossless").data).mean() - expected) <= 0.5


def test_file_says_what_it_is() -> None:
    media = encode(swaying(64, np.zeros(30), 0.0), comment="clip fear-000001")
    assert media.data[4:8] == b"ftyp"
    assert media.data.index(b"moov") < media.data.index(b"mdat"), "a player must be able to start at once"
    with av.open(io.BytesIO(media.data), mode="r") as container:
        stream_ = container.streams.video[0]
        context = stream_.codec_context
        assert container.metadata["comment"] == f"{SYNTHETIC} clip fear-000001"
        assert "creation_time" not in container.metadata
        assert (context.colorspace, context.color_range) == (6, 1)
        assert (context.color_primaries, context.color_trc) == (1, 13)
        assert (stream_.frames, context.profile) == (30, "High")
        assert stream_.average_rate == 24
        pictures = list(container.decode(stream_))
    assert [picture.key_frame for picture in pictures] == [True] + 29 * [False]
    assert [picture.time for picture in pictures] == pytest.approx([index / 24 for index in range(30)])


@pytest.mark.parametrize(
    ("frames", "words"),
    [
        (np.zeros((0, 32, 32, 3), np.uint8), "T >= 1"),
        (np.zeros((4, 32, 32), np.uint8), "must be"),
        (np.zeros((4, 32, 32, 3), np.float32), "float32"),
        (np.zeros((4, 33, 32, 3), np.uint8), "even"),
    ],
)
def test_wrong_frames_are_named(frames: Frames, words: str) -> None:
    with pytest.raises(MediaError, match=words):
        encode(frames)


def test_unknown_profile_lists_the_choices() -> None:
    with pytest.raises(UsageError, match="default, lossless, preview"):
        encode(np.zeros((1, 32, 32, 3), np.uint8), profile="best")


def test_unwritable_temporary_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/nonexistent-folder")
    with pytest.raises(OutputError, match="TMPDIR"):
        encode(np.zeros((1, 32, 32, 3), np.uint8))
