"""The recipe of a clip: with the photo, all that is needed to make it again."""

from __future__ import annotations

from dataclasses import asdict
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Final

from equime_builder import __version__
from equime_builder.records import Generation, Plan

if TYPE_CHECKING:
    from equime_generation.config import RunConfig
    from equime_generation.faces import Face

_DECIDES_PIXELS: Final = ("av", "mediapipe", "numpy", "opencv-contrib-python", "scipy")


def generation_of(plan: Plan, face: Face, config: RunConfig) -> Generation:
    """Return how a clip was made: plan, photo, renderer, encoder profile and the versions that decide its pixels."""
    return Generation(
        renderer=config.renderer,
        model=None,
        model_revision=None,
        recipe={
            "plan": asdict(plan),
            "photo": {"source": face.subject.source, "sha256": face.subject.source_sha256},
            "renderer": config.renderer,
            "profile": config.profile,
            "versions": versions(),
        },
        generated_with=f"equime {__version__}",
    )


@cache
def versions() -> dict[str, str]:
    """Return the installed versions of EquiME and of the packages that decide the pixels."""
    found = {"equime": __version__}
    for name in _DECIDES_PIXELS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
