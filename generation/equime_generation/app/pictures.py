"""Pictures and videos inside the page itself, so that nothing of a visitor's photo is written to the disk."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Final

import numpy as np

from equime_builder.gallery.markup import Markup, tag

if TYPE_CHECKING:
    from numpy.typing import NDArray

_JPEG_QUALITY: Final = 90
_ARROW_EVERY_PX: Final = 24
_ARROW_SCALE: Final = 6
_LEAST_PX: Final = 0.25
_INK: Final = (255, 255, 255)


def inline(data: bytes, kind: str) -> str:
    """Return the address that holds the bytes themselves.

    Args:
        kind: Media type, such as ``"video/mp4"``.

    Source: RFC 2397.
    """
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def picture(pixels: NDArray[np.uint8], words: str, *, side_px: int = 512) -> Markup:
    """Return an image element.

    Args:
        pixels: (H, W) or (H, W, 3) uint8.
        words: What it shows, for those who do not see it.
        side_px: Width and height in the page.
    """
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=_JPEG_QUALITY)
    return tag("img", src=inline(file.getvalue(), "image/jpeg"), alt=words, width=side_px, height=side_px)


def motion_map(face: NDArray[np.uint8], field: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return a face in grey with its displacement as colour (viridis, up to the largest) and arrows, six times as long.

    Args:
        face: (H, W, 3) uint8 RGB.
        field: (H, W, 2) float32 displacement in pixels, x then y.

    Returns:
        (H, W, 3) uint8 RGB.
    """
    import cv2

    size = np.hypot(field[..., 0], field[..., 1])
    share = size / max(float(size.max()), _LEAST_PX)
    colours = cv2.applyColorMap(np.rint(255 * share).astype(np.uint8), cv2.COLORMAP_VIRIDIS)[..., ::-1]
    grey = cv2.cvtColor(face, cv2.COLOR_RGB2GRAY)[..., None].astype(np.float32)
    opacity = 0.75 * np.sqrt(share)[..., None]
    mixed = np.clip(np.rint(grey + opacity * (colours - grey)), 0, 255).astype(np.uint8)
    for y in range(_ARROW_EVERY_PX // 2, size.shape[0], _ARROW_EVERY_PX):
        for x in range(_ARROW_EVERY_PX // 2, size.shape[1], _ARROW_EVERY_PX):
            if size[y, x] >= _LEAST_PX:
                tip = (int(x + _ARROW_SCALE * field[y, x, 0]), int(y + _ARROW_SCALE * field[y, x, 1]))
                cv2.arrowedLine(mixed, (x, y), tip, _INK, 1, cv2.LINE_AA, tipLength=0.3)
    return mixed
