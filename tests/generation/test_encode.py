"""The encoder keeps motion and colour, and gives the same bytes each time."""

import io

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from equime_builder.decode import decode_frames, decode_luma
from equime_builder.errors import MediaError, OutputError, UsageError
from equime_builder.streams import stream
from equime_evaluation.motion import amplitude_curve
from equime_generation.encode import PROFILES, SYNTHETIC, encode
from tests.moving import bump, course, picture, render

Frames = NDArray[np.uint8]


def resting(count: int) -> Frames:
    return render(picture(64), np.zeros((64, 64, 2), np.float32), np.zeros(count), sway_px=0.5, noise_sigma=1.2)


@pytest.mark.parametrize("shift_px", [1.0, 2.0, 4.0])
def test_default_profile_keeps_motion(shift_px: float) -> None:
    # Survival: amplitude of a known motion found in the decoded clip, over that found in the frames themselves.
    field = bump(192, (96, 96), (0.3 * shift_px, -0.95 * shift_px), 15)
    frames = render(picture(192), field, course(48, (18, 23, 29)), sway_px=0.5, noise_sigma=1.2)
    raw = np.rint(16 + 219 / 255 * frames[..., 0].astype(np.float32)).astype(np.uint8)
    kept, true = (
        amplitude_curve(luma, field[None], interocular_px=44.0).values[22:25, 0].mean()
        for luma in (decode_luma(encode(frames).data), raw)
    )
    assert true == pytest.approx(course(48, (18, 23, 29))[22:25].mean(), rel=0.05)
    assert 0.92 <= kept / true <= 1.05


@pytest.mark.parametrize("profile", PROFILES)
def test_same_frames_give_same_bytes(profile: str) -> None:
    frames = resting(6)
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
    media = encode(resting(30), comment="clip fear-000001")
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
