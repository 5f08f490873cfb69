"""The row of faces to choose from."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from equime_builder.gallery.markup import Markup, tag
from equime_generation.app.pictures import picture
from equime_generation.photos import decode_photo

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from equime_generation.faces import Face
    from equime_generation.sources.photo import Photo

OWN: Final = "own"
"""Stands for the visitor's own photo."""
TELL_CHOICE: Final = """
element.addEventListener("change", (event) => trigger("select", { who: event.target.value }));
"""
"""JavaScript of the component that holds the row: a choice reaches Python as an event with ``who``."""

_THUMB_PX: Final = 72


def choice_of_people(people: Iterable[Photo], chosen: str, own: Face | None = None) -> Markup:
    """Return the faces as one group of radio buttons.

    Args:
        people: The synthetic ones.
        chosen: Subject id, or `OWN`.
        own: The visitor's own face, which then comes first.
    """
    faces = [_face(str(photo.subject_id), *_portrait(photo), chosen) for photo in people]
    if own is not None:
        faces.insert(0, _face(OWN, picture(_thumb(own.image), "", side_px=_THUMB_PX), ["your photo"], chosen))
    return tag("fieldset", tag("legend", "Whose face"), *faces, class_="people")


def _face(value: str, thumb: Markup, words: Sequence[str], chosen: str) -> Markup:
    name = ", ".join(words)
    radio = tag("input", type="radio", name="who", value=value, checked=value == chosen, aria_label=name)
    return tag("label", radio, thumb, *(tag("span", word, class_="who") for word in words), title=name)


@cache
def _portrait(photo: Photo) -> tuple[Markup, tuple[str, ...]]:
    """Return a synthetic person's thumbnail, and their name with what was declared of them in short."""
    declared = photo.demographics
    words = tuple(word for word in (photo.name, declared.gender, declared.age_group) if word)
    return picture(_thumb(_head(decode_photo(photo.read()))), "", side_px=_THUMB_PX), words


def _head(portrait: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the square in the upper middle of a studio portrait that shows the head."""
    height, width = portrait.shape[:2]
    side = min(height, width) * 6 // 10
    left = (width - side) // 2
    return portrait[:side, left : left + side]


def _thumb(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    import cv2
    import numpy as np

    small = cv2.resize(image, (2 * _THUMB_PX, 2 * _THUMB_PX), interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.uint8)
