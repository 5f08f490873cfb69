"""An image file of unknown origin, opened by the few decoders that are needed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from equime_builder import jpeg
from equime_builder.errors import MediaError

if TYPE_CHECKING:
    from pathlib import Path

    from PIL import Image

FORMATS: Final = ("JPEG", "PNG", "WEBP", "BMP", "TIFF")
"""What Pillow may try, whatever a file is called: its other decoders start programs, such as Ghostscript, or follow
paths in the file."""
# What Pillow's decoders raise on broken files.
_BROKEN: Final = (
    OSError, SyntaxError, ValueError, TypeError, AttributeError, EOFError, LookupError, ArithmeticError, AssertionError,
    RuntimeError, MemoryError,
)  # fmt: skip


@contextmanager
def opened_picture(path: Path, *, most_pixels: int) -> Iterator[Image.Image]:
    """Open an image file and check its size by its header; what breaks while it is used is told in one line.

    Raises:
        MediaError: It is no image of `FORMATS`, is broken, declares more pixels, or is a JPEG of too many scans; on
            opening or within the block.
    """
    import struct
    import warnings
    import zlib

    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with path.open("rb") as file, Image.open(file, formats=FORMATS) as image:
                if image.width * image.height > most_pixels:
                    raise MediaError(f"{path}: {image.width} x {image.height} pixels, at most {most_pixels} are read")
                if image.format in jpeg.FORMATS and (scans := jpeg.scans_in(file)) > jpeg.MOST_SCANS:
                    raise MediaError(f"{path}: a JPEG of {scans} scans, at most {jpeg.MOST_SCANS} are read")
                yield image
    except MediaError:
        raise
    except Image.DecompressionBombError:
        raise MediaError(f"{path}: declares more than {most_pixels} pixels, at most so many are read") from None
    except (*_BROKEN, struct.error, zlib.error) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise MediaError(f"{path}: cannot be read as an image: {reason:.120}") from error
