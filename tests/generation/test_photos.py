from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageOps

from equime_builder.errors import PhotoError
from equime_generation.photos import MAX_PHOTO_BYTES, decode_photo, upright


def encode(image: Image.Image, file_format: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, file_format, **options)
    return buffer.getvalue()


def ramp(mode: str = "RGB") -> Image.Image:
    values = np.arange(24 * 16 * 3, dtype=np.uint32).reshape(24, 16, 3) % 251
    return Image.fromarray(values.astype(np.uint8)).convert(mode)


def bomb_png(width: int, height: int) -> bytes:
    """A PNG that declares many pixels and holds none."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"")), (b"IEND", b"")]
    body = b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        (b"not a photo, only text\n" * 40, "no photo; formats: JPEG"),
        (encode(ramp(), "JPEG")[:300], "broken"),
        (encode(ramp(), "PNG")[:-40], "broken"),
        (bomb_png(12_000, 11_000), "may have 120000000 pixels, this file declares 12000 x 11000"),
        (bomb_png(2_000_000, 2_000_000), "may have 120000000 pixels, this file declares more"),
        (encode(Image.new("F", (8, 8)), "TIFF"), "floating-point"),
    ],
)
def test_a_file_that_is_no_photo_is_refused_in_one_line(data: bytes, message: str) -> None:
    with pytest.raises(PhotoError, match=message) as caught:
        decode_photo(data)
    assert "\n" not in str(caught.value)


def test_a_file_over_the_limit_is_refused_before_it_is_opened() -> None:
    with pytest.raises(PhotoError, match="may hold"):
        decode_photo(bytes(MAX_PHOTO_BYTES + 1))


@pytest.mark.parametrize("file_format", ["GIF", "WEBP", "PNG", "TIFF"])
def test_several_pictures_in_one_file_are_refused(file_format: str) -> None:
    data = encode(ramp(), file_format, save_all=True, append_images=[ImageOps.invert(ramp())])
    with pytest.raises(PhotoError, match="animated or has several pages"):
        decode_photo(data)


def test_the_first_picture_of_a_phones_mpo_counts() -> None:
    data = encode(ramp(), "MPO", save_all=True, append_images=[ImageOps.invert(ramp())], quality=95)
    assert np.abs(decode_photo(data).astype(int) - np.asarray(ramp())).mean() < 25


@pytest.mark.parametrize("file_format", ["PNG", "BMP", "TIFF"])
def test_lossless_rgb_comes_back_exactly(file_format: str) -> None:
    np.testing.assert_array_equal(decode_photo(encode(ramp(), file_format)), np.asarray(ramp()))


def test_16_bit_grey_is_scaled_not_clipped() -> None:
    values = np.array([[0, 257, 128 * 257, 200 * 257 + 128, 200 * 257 + 129, 65535]], dtype=np.uint16)
    decoded = decode_photo(encode(Image.fromarray(values), "PNG"))
    np.testing.assert_array_equal(decoded[0, :, 0], [0, 1, 128, 200, 201, 255])
    assert decoded.shape == (1, 6, 3)


def test_transparency_is_laid_on_neutral_grey() -> None:
    pixels = np.array([[[255, 0, 0, 255], [255, 0, 0, 0], [255, 255, 255, 128]]], dtype=np.uint8)
    decoded = decode_photo(encode(Image.fromarray(pixels), "PNG")).astype(int)
    np.testing.assert_array_equal(decoded[0, :2], [[255, 0, 0], [128, 128, 128]])
    np.testing.assert_allclose(decoded[0, 2], 128 + 127 * 128 / 255, atol=1)


def test_a_transparent_palette_is_laid_on_neutral_grey() -> None:
    image = Image.new("P", (2, 1))
    image.putpalette([10, 20, 30, 200, 100, 50])
    image.putpixel((1, 0), 1)
    decoded = decode_photo(encode(image, "PNG", transparency=0))
    np.testing.assert_array_equal(decoded[0], [[128, 128, 128], [200, 100, 50]])


def test_cmyk_becomes_rgb() -> None:
    # no ink is white, full cyan has no red, full black ink is black
    pixels = np.zeros((16, 48, 4), dtype=np.uint8)
    pixels[:, 16:32, 0] = 255
    pixels[:, 32:, 3] = 255
    decoded = decode_photo(encode(Image.fromarray(pixels, mode="CMYK"), "TIFF"))
    np.testing.assert_array_equal(decoded[8, [8, 24, 40]], [[255, 255, 255], [0, 255, 255], [0, 0, 0]])


def test_a_valid_profile_is_applied_and_a_broken_one_ignored() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    for profile in (srgb, lab, b"no profile"):
        decoded = decode_photo(encode(ramp(), "PNG", icc_profile=profile))
        np.testing.assert_allclose(decoded.astype(int), np.asarray(ramp()).astype(int), atol=1)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied_as_pillow_does(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encode(ramp(), "PNG", exif=exif)
    with Image.open(io.BytesIO(data)) as reference:
        np.testing.assert_array_equal(decode_photo(data), np.asarray(ImageOps.exif_transpose(reference)))


def test_an_orientation_out_of_range_leaves_the_photo() -> None:
    exif = Image.Exif()
    exif[0x0112] = 77
    np.testing.assert_array_equal(decode_photo(encode(ramp(), "PNG", exif=exif)), np.asarray(ramp()))


@pytest.mark.parametrize("orientation", range(1, 5))
def test_orientations_that_keep_the_axes_undo_themselves(orientation: int) -> None:
    image = np.asarray(ramp())
    np.testing.assert_array_equal(upright(upright(image, orientation), orientation), image)


@given(st.binary(max_size=200), st.integers(0, 600), st.sampled_from(["JPEG", "PNG", "WEBP", "GIF", "TIFF"]))
def test_damaged_bytes_give_a_picture_or_a_photo_error(noise: bytes, place: int, file_format: str) -> None:
    data = encode(ramp(), file_format)
    damaged = data[:place] + noise + data[place + len(noise) :]
    try:
        decoded = decode_photo(damaged)
    except PhotoError:
        return
    assert decoded.dtype == np.uint8
    assert decoded.ndim == 3
