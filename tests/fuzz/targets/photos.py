"""Photos, and images of recorded sequences."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageCms

from equime_evaluation.clips import Clip, open_reel
from equime_evaluation.recordings.images import read_image
from equime_generation.photos import decode_photo
from tests.fuzz.containers import mutated_png
from tests.fuzz.target import Target

_MARKS: Final = (
    b"IHDR", b"PLTE", b"iCCP", b"eXIf", b"tRNS", b"IDAT", b"acTL", b"Exif", b"ICC_PROFILE", b"\xff\xc0", b"\xff\xc2",
    b"\xff\xc4", b"\xff\xda", b"VP8", b"ICCP", b"ANIM", b"GIF8", b"MPF", b"II*\x00", b"acsp",
)  # fmt: skip


def _samples(folder: Path) -> list[bytes]:
    values = np.arange(32 * 24 * 3, dtype=np.uint32).reshape(32, 24, 3) * 7 % 251
    picture = Image.fromarray(values.astype(np.uint8))
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "a face"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return [
        _saved(picture, "JPEG", exif=exif, icc_profile=profile),
        _saved(picture.convert("CMYK"), "JPEG"),
        _saved(picture, "JPEG", progressive=True),
        _saved(picture, "PNG", exif=exif, icc_profile=profile),
        _saved(picture.convert("P"), "PNG", transparency=3),
        _saved(picture.convert("I;16"), "PNG"),
        _saved(picture, "WEBP", exif=exif),
        _saved(picture.convert("RGBA"), "WEBP", lossless=True),
        _saved(picture, "BMP"),
        _saved(picture, "TIFF", compression="tiff_lzw"),
        _saved(picture.convert("L"), "TIFF", compression="packbits"),
        _saved(picture.convert("P"), "GIF"),
        _saved(picture, "MPO", save_all=True, append_images=[picture]),
        _saved(picture, "EPS"),
    ]


def _saved(picture: Image.Image, file_format: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, file_format, **options)
    return buffer.getvalue()


def _photo(folder: Path) -> object:
    return decode_photo((folder / "photo.jpg").read_bytes())


def _image(folder: Path) -> object:
    return read_image(folder / "photo.jpg")


def _reel(folder: Path) -> object:
    path = folder / "photo.jpg"
    with open_reel(Clip(name="photo", root="", key="", files=(path,))) as reel:
        return list(reel.frames)


TARGETS: Final[dict[str, Target]] = {
    "photo": Target(
        file="photo.jpg",
        samples=_samples,
        readers=(_photo, _image, _reel),
        mutate=mutated_png,
        marks=_MARKS,
        refused=True,
    )
}
