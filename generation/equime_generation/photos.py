"""Bytes of unknown origin become an upright sRGB picture, or a `PhotoError` that says in one line why not."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from typing import TYPE_CHECKING, Final

import numpy as np

from equime_builder import jpeg
from equime_builder.errors import PhotoError

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL import Image

MAX_PHOTO_BYTES: Final = 64 * 2**20
MAX_PHOTO_PIXELS: Final = 120_000_000
"""More than any usual camera takes; a file that declares more is refused before it is decoded."""

FORMATS: Final[tuple[str, ...]] = ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF")
"""What Pillow may try. A phone's JPEG may carry a second picture (MPO); its first one counts."""

NEUTRAL_GREY: Final = 128
ORIENTATION_TAG: Final = 0x0112

# What Pillow's decoders raise on broken files, besides its own bomb error.
_BROKEN: Final = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    AttributeError,
    EOFError,
    LookupError,
    ArithmeticError,
    AssertionError,
    RuntimeError,
    MemoryError,
    struct.error,
    zlib.error,
)


def decode_photo(data: bytes) -> NDArray[np.uint8]:
    """Return the picture in a photo file, upright and in sRGB.

    EXIF orientation is applied, transparency is laid on neutral grey, 16-bit grey is scaled to 8 bits, CMYK and
    other colour spaces are converted (through the embedded ICC profile where it is valid).

    Args:
        data: A whole file: JPEG, PNG, WebP, BMP, TIFF or a single-frame GIF.

    Returns:
        (H, W, 3) uint8 RGB.

    Raises:
        PhotoError: The bytes are empty, no photo, broken, animated or too large.
    """
    if not data:
        raise PhotoError("a photo must hold bytes, this file is empty")
    if len(data) > MAX_PHOTO_BYTES:
        raise PhotoError(f"a photo may hold {MAX_PHOTO_BYTES} bytes, this file has {len(data)}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _decode(data)


def _decode(data: bytes) -> NDArray[np.uint8]:
    from PIL import Image, UnidentifiedImageError

    try:
        with io.BytesIO(data) as file, Image.open(file, formats=FORMATS) as image:
            _check_header(image)
            if image.format in jpeg.FORMATS and (scans := jpeg.scans_in(file)) > jpeg.MOST_SCANS:
                raise PhotoError(f"a JPEG may have {jpeg.MOST_SCANS} scans, this one has {scans}")
            orientation = _orientation(image)
            image.load()
            rgb = _to_srgb(image)
    except PhotoError:
        raise
    except Image.DecompressionBombError:
        raise PhotoError(f"a photo may have {MAX_PHOTO_PIXELS} pixels, this file declares more") from None
    except UnidentifiedImageError:
        raise PhotoError(f"the file is no photo; formats: {', '.join(FORMATS)}") from None
    except _BROKEN as error:
        raise PhotoError(f"the photo is broken: {' '.join(str(error).split()) or type(error).__name__}") from None
    return upright(rgb, orientation)


def _check_header(image: Image.Image) -> None:
    """Refuse by what the header says, before any pixel is decoded."""
    width, height = image.size
    if width * height > MAX_PHOTO_PIXELS:
        raise PhotoError(f"a photo may have {MAX_PHOTO_PIXELS} pixels, this file declares {width} x {height}")
    if image.format != "MPO" and getattr(image, "is_animated", False):
        raise PhotoError(f"a photo must be one picture, this {image.format} is animated or has several pages")


def _orientation(image: Image.Image) -> int:
    """Return the EXIF orientation, 1 where it is absent or the EXIF block is broken."""
    try:
        value = image.getexif().get(ORIENTATION_TAG, 1)
    except _BROKEN:
        return 1
    return value if value in range(1, 9) else 1


def upright(image: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """Return an (H, W, 3) image turned as EXIF orientation 1-8 asks.

    Source: CIPA DC-008 (Exif 2.32), tag 0x0112: where row 0 and column 0 of the stored image are shown.
    """
    if orientation >= 5:
        image = image.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        image = image[::-1]
    if orientation in (2, 3, 6, 7):
        image = image[:, ::-1]
    return np.ascontiguousarray(image)


def _to_srgb(image: Image.Image) -> NDArray[np.uint8]:
    profile = image.info.get("icc_profile")
    flat = _flatten(_to_8bit(image))
    converted = _through_profile(flat, profile) if isinstance(profile, bytes) else None
    return np.asarray(converted or flat.convert("RGB"), dtype=np.uint8)


def _to_8bit(image: Image.Image) -> Image.Image:
    """Scale 16-bit grey to 8 bits; Pillow itself would clip it."""
    from PIL import Image

    if image.mode == "F":
        raise PhotoError("a photo holds 8 or 16 bits a channel, this one holds floating-point numbers")
    if not image.mode.startswith("I"):
        return image
    values = np.asarray(image).astype(np.int64)
    if values.min() < 0 or values.max() > 65535:
        raise PhotoError(f"16-bit grey lies in 0-65535, this photo spans {values.min()}-{values.max()}")
    return Image.fromarray(((values + 128) // 257).astype(np.uint8))


def _flatten(image: Image.Image) -> Image.Image:
    """Lay transparent pixels on neutral grey."""
    from PIL import Image

    if not image.has_transparency_data:
        return image.convert("RGB") if image.mode in ("P", "1") else image
    layer = image.convert("RGBA")
    ground = Image.new("RGBA", layer.size, (NEUTRAL_GREY, NEUTRAL_GREY, NEUTRAL_GREY, 255))
    return Image.alpha_composite(ground, layer).convert("RGB")


def _through_profile(image: Image.Image, profile: bytes) -> Image.Image | None:
    """Convert to sRGB by an ICC profile; None where the profile is unusable, as viewers ignore it then."""
    from PIL import ImageCms

    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, *_BROKEN):
        return None
