"""Where photos come from: one table of sources, opened by a short text such as ``openpeople`` or ``folder:DIR``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from equime_builder.errors import UsageError, choose
from equime_generation.sources.celeba_hq import open_celeba_hq
from equime_generation.sources.ffhq import open_ffhq
from equime_generation.sources.folder import open_folder
from equime_generation.sources.lfw import open_lfw
from equime_generation.sources.openpeople import open_openpeople
from equime_generation.sources.photo import Photo

__all__ = ["DEFAULT_SOURCE", "SOURCES", "Photo", "open_source"]

DEFAULT_SOURCE: Final = "openpeople"

SOURCES: Final[dict[str, Callable[[str], Sequence[Photo]]]] = {
    "openpeople": open_openpeople,
    "folder": open_folder,
    "celeba-hq": open_celeba_hq,
    "ffhq": open_ffhq,
    "lfw": open_lfw,
}
"""Name to a function of what stands behind the colon."""


def open_source(spec: str = DEFAULT_SOURCE) -> Sequence[Photo]:
    """Return the photos of a source in a fixed order, none of them read yet.

    Args:
        spec: ``openpeople`` (ten synthetic people), or ``folder:DIR``, ``celeba-hq:DIR``, ``ffhq:DIR``, ``lfw:DIR`` as
            described at the functions of `SOURCES`.

    Raises:
        UsageError: The source is unknown, or its folder or table cannot be used.
        MissingExtraError: The source's package is not installed.

    Example:
        >>> [photo.subject_id for photo in open_source("openpeople")][:2]
        ['openpeople-p001', 'openpeople-p002']
    """
    name, _, argument = spec.partition(":")
    choose("source", name, tuple(SOURCES))
    photos = SOURCES[name](argument)
    if not photos:
        raise UsageError(f"source {spec!r} holds no photos; give a folder with JPEG, PNG or WebP files in it")
    return photos
