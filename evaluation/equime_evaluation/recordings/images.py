"""Image sequences in folders, numbered as their owners number them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from equime_builder.demux import check_room
from equime_builder.errors import DatasetError, MediaError
from equime_evaluation.clips.picture import opened_picture

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SUFFIXES: Final = (".jpg", ".jpeg", ".png", ".bmp")
_LARGEST_PIXELS: Final = 40_000_000
_LAST_NUMBER: Final = re.compile(r"(\d{1,9})$", re.ASCII)


@dataclass(frozen=True, slots=True)
class ImageFrames:
    """Frames that are image files.

    Attributes:
        paths: In order of their numbers.
        numbers: The number at the end of each name.
    """

    paths: tuple[Path, ...]
    numbers: tuple[int, ...]

    @property
    def count(self) -> int:
        """How many images there are."""
        return len(self.paths)

    @property
    def identity(self) -> str:
        """Names, sizes and times of the files."""
        facts = ((path.name, path.stat()) for path in self.paths)
        return ";".join(f"{name},{fact.st_size},{fact.st_mtime_ns}" for name, fact in facts)

    def read(self, indices: Sequence[int]) -> NDArray[np.uint8]:
        """Return frames.

        Raises:
            MediaError: A file is no image, is huge, or differs in size from the others, or they are too large together.
        """
        import numpy as np

        pictures: list[NDArray[np.uint8]] = []
        for index in indices:
            picture = read_image(self.paths[index])
            check_room(len(indices), picture.shape[0], picture.shape[1], channels=3)
            pictures.append(picture)
        sizes = {picture.shape for picture in pictures}
        if len(sizes) > 1:
            raise MediaError(f"{self.paths[0].parent}: images differ in size: {sorted(sizes)}; a clip has one size")
        return np.stack(pictures)

    def place_of(self, number: int) -> int | None:
        """Return the place of the frame with a number, or ``None`` where there is none."""
        return self.numbers.index(number) if number in self.numbers else None


def read_image(path: Path) -> NDArray[np.uint8]:
    """Return an image file as (H, W, 3) uint8 RGB.

    Raises:
        MediaError: It is no image, or huge.
    """
    import numpy as np

    with opened_picture(path, most_pixels=_LARGEST_PIXELS) as image:
        return np.asarray(image.convert("RGB"))


def sequence_in(folder: Path) -> ImageFrames:
    """Return the images of a folder, by the number at the end of each name.

    Raises:
        DatasetError: There are fewer than two, or two have the same number.
    """
    found = sorted(
        (int(match[1]), path)
        for path in folder.iterdir()
        if path.suffix.lower() in SUFFIXES and (match := _LAST_NUMBER.search(path.stem))
    )
    if len(found) < 2:
        raise DatasetError(f"{folder}: holds {len(found)} numbered images; a clip has two or more")
    numbers = tuple(number for number, _ in found)
    if len(set(numbers)) < len(numbers):
        raise DatasetError(f"{folder}: two images have the same number; a sequence numbers each frame once")
    return ImageFrames(tuple(path for _, path in found), numbers)
