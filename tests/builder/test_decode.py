"""Every backend gives the same frames and refuses the same bytes."""

import sys
from io import BytesIO
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from equime_builder.decode import BACKENDS, BackendName, _found_backend, decode_frames, decode_luma
from equime_builder.demux import probe_video
from equime_builder.errors import MediaError, UsageError
from equime_builder.streams import stream
from equime_generation.encode import PROFILES, encode

ALL: tuple[BackendName, ...] = ("pyav", "torchcodec", "decord")


def counting_frames(count: int = 30, size: int = 64) -> NDArray[np.uint8]:
    """Return textured frames whose mean brightness is 40 + 5 x index."""
    rng = stream("test_decode")
    grain = rng.normal(0, 6, (size, size, 3))
    grain -= grain.mean((0, 1))
    return np.stack([np.clip(40 + 5 * index + grain, 0, 255) for index in range(count)]).astype(np.uint8)


@pytest.fixture(scope="module", params=PROFILES)
def clip(request: pytest.FixtureRequest) -> bytes:
    return encode(counting_frames(), profile=request.param).data


@pytest.fixture(scope="module")
def small() -> bytes:
    return encode(counting_frames()).data


def test_table_names_all_backends() -> None:
    assert tuple(BACKENDS) == ALL


def test_backends_give_identical_frames(clip: bytes) -> None:
    # Equal to the last bit: all take FFmpeg's own yuv-to-rgb tables, and the tags leave them no choice of matrix.
    decoded = [decode_frames(clip, backend=backend) for backend in ALL]
    assert decoded[0].shape == (30, 64, 64, 3)
    for other in decoded[1:]:
        np.testing.assert_array_equal(decoded[0], other)


@pytest.mark.parametrize("backend", ALL)
def test_any_order_and_repeats(clip: bytes, backend: BackendName) -> None:
    indices = [29, 0, 7, 7, 25, 3]
    picked = decode_frames(clip, indices, backend=backend)
    np.testing.assert_array_equal(picked, decode_frames(clip)[indices])
    assert np.abs(picked.mean((1, 2, 3)) - (40 + 5 * np.array(indices))).max() < 3


@settings(max_examples=25, deadline=None)
@given(indices=st.lists(st.integers(0, 29), min_size=1, max_size=8))
def test_skipping_never_changes_a_frame(small: bytes, indices: list[int]) -> None:
    np.testing.assert_array_equal(decode_frames(small, indices), decode_frames(small)[indices])


@pytest.mark.parametrize("backend", ALL)
def test_layout_and_size(small: bytes, backend: BackendName) -> None:
    frames = decode_frames(small, [0, 9], backend=backend, layout="TCHW", size_px=16)
    assert frames.shape == (2, 3, 16, 16)
    assert frames.flags.c_contiguous
    seen = decode_frames(small, [0, 9], backend=backend, size_px=16)
    np.testing.assert_array_equal(frames.transpose(0, 2, 3, 1), seen)
    assert np.abs(frames.mean((1, 2, 3)) - (40, 85)).max() < 3


@pytest.mark.parametrize("backend", ALL)
@pytest.mark.parametrize("size_px", [48, 64, 112])
def test_resized_frames_are_area_averages_whoever_decodes(small: bytes, backend: BackendName, size_px: int) -> None:
    whole = decode_frames(small, [3, 20])
    method = cv2.INTER_AREA if size_px < 64 else cv2.INTER_LINEAR
    expected = np.stack([cv2.resize(frame, (size_px, size_px), interpolation=method) for frame in whole])
    resized = decode_frames(small, [3, 20], backend=backend, size_px=size_px)
    difference = np.abs(resized.astype(int) - expected)
    if size_px == 64:
        assert not difference.any(), "frames of that size already are left as they are"
    assert difference.mean() < 2
    assert difference.max() <= 24


@pytest.mark.parametrize("backend", ["torchcodec", "decord"])
def test_a_missing_backend_is_replaced_and_said_once(
    small: bytes, backend: BackendName, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (backend, "torchcodec.decoders"):
        monkeypatch.setitem(sys.modules, name, None)
    _found_backend.cache_clear()
    with pytest.warns(RuntimeWarning, match=f"{backend} cannot be imported here .* pyav decodes instead"):
        frames = decode_frames(small, [5], backend=backend)
    np.testing.assert_array_equal(frames, decode_frames(small, [5], backend=backend), "no second warning")
    np.testing.assert_array_equal(frames, decode_frames(small, [5]))
    _found_backend.cache_clear()


def test_luma_follows_brightness(small: bytes) -> None:
    luma = decode_luma(small)
    assert luma.shape == (30, 64, 64)
    assert luma.dtype == np.uint8
    expected = 16 + 219 / 255 * counting_frames().mean((1, 2, 3))
    assert np.abs(luma.mean((1, 2)) - expected).max() < 1


def test_facts(small: bytes) -> None:
    facts = probe_video(small)
    assert (facts.codec, facts.fps, facts.frames, facts.width, facts.height) == ("h264", 24.0, 30, 64, 64)


@pytest.mark.parametrize("index", [-1, 30, 10**9])
@pytest.mark.parametrize("backend", ALL)
def test_index_outside_is_refused(small: bytes, backend: BackendName, index: int) -> None:
    with pytest.raises(UsageError, match=f"frame {index} is outside the video; it has frames 0 to 29"):
        decode_frames(small, [0, index], backend=backend)


def test_unknown_options_list_the_choices(small: bytes) -> None:
    with pytest.raises(UsageError, match="auto, pyav, torchcodec, decord"):
        decode_frames(small, backend="opencv")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="THWC, TCHW"):
        decode_frames(small, layout="HWC")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="size_px"):
        decode_frames(small, size_px=0)


@pytest.mark.parametrize("backend", ALL)
@pytest.mark.parametrize(
    "make",
    [
        lambda clip: b"",
        lambda clip: b"no video at all\n" * 200,
        lambda clip: b"#EXTM3U\n#EXTINF:5,\nfile:///etc/hostname\n",
        lambda clip: b"\x89PNG\r\n\x1a\n" + bytes(200),
        lambda clip: clip[:500],
        lambda clip: clip[: len(clip) // 2],
        lambda clip: clip[:-1],
        lambda clip: clip.replace(b"moov", b"void"),
    ],
    ids=["empty", "text", "playlist", "picture", "header only", "half", "one byte short", "no index"],
)
def test_hostile_bytes(small: bytes, backend: BackendName, make: object) -> None:
    assert callable(make)
    with pytest.raises(MediaError) as caught:
        decode_frames(make(small), [0], backend=backend)
    assert "\n" not in str(caught.value)


def test_damage_inside_a_picture_is_not_concealed(small: bytes) -> None:
    start = small.index(b"mdat") + 2000
    damaged = small[:start] + bytes(byte ^ 0x55 for byte in small[start : start + 400]) + small[start + 400 :]
    with pytest.raises(MediaError):
        decode_frames(damaged)
    with pytest.raises(MediaError):
        decode_luma(damaged)


def test_containers_that_know_their_streams_only_from_packets(small: bytes, tmp_path: Path) -> None:
    path = tmp_path / "clip.ts"
    with av.open(BytesIO(small), "r") as source, av.open(str(path), "w", format="mpegts") as container:
        stream = container.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(source.streams.video[0]):
            if packet.size:
                packet.stream = stream
                container.mux(packet)
    np.testing.assert_array_equal(decode_frames(path.read_bytes(), [3, 29]), decode_frames(small, [3, 29]))
