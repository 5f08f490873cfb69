"""The recipe of a clip: with the photo, all that is needed to make it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Final

from equime_builder import __version__
from equime_builder.records import Generation, Plan
from equime_generation.renderers import RENDERERS

if TYPE_CHECKING:
    from equime_generation.config import RunConfig
    from equime_generation.faces import Face
    from equime_generation.renderers import Renderer

_DECIDES_PIXELS: Final = ("av", "mediapipe", "numpy", "opencv-contrib-python", "scipy")


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """What made a clip beside its plan and its photo.

    Attributes:
        renderer: Name in `equime_generation.renderers.RENDERERS`.
        model: Checkpoint; ``None`` where there is none.
        model_revision: What pins the checkpoint's content.
        shape: Settings of the renderer as it used them, the batch size among them.
        profile: Name in `equime_generation.encode.PROFILES`.
    """

    renderer: str
    profile: str
    model: str | None = None
    model_revision: str | None = None
    shape: Mapping[str, object] = field(default_factory=dict)


def maker_of(renderer: Renderer, config: RunConfig) -> Maker:
    """Return what a renderer, as it stands now, and the encoder of a run make of clips."""
    return Maker(
        renderer=config.renderer,
        profile=config.profile,
        model=renderer.model,
        model_revision=renderer.model_revision,
        shape=dict(renderer.shape),
    )


def generation_of(plan: Plan, face: Face, maker: Maker) -> Generation:
    """Return how a clip was made: plan, photo, renderer, encoder profile and the versions that decide its pixels."""
    settings = {maker.renderer: dict(maker.shape)} if maker.shape else {}
    return Generation(
        renderer=maker.renderer,
        model=maker.model,
        model_revision=maker.model_revision,
        recipe={
            "plan": asdict(plan),
            "photo": {"source": face.subject.source, "sha256": face.subject.source_sha256},
            "renderer": maker.renderer,
            "profile": maker.profile,
            "versions": versions(RENDERERS[maker.renderer].packages),
            **settings,
        },
        generated_with=f"equime {__version__}",
    )


@cache
def versions(others: tuple[str, ...] = ()) -> dict[str, str]:
    """Return the installed versions of EquiME and of the packages that decide the pixels.

    Args:
        others: Packages that decide them beside those that decide every clip's.
    """
    found = {"equime": __version__}
    for name in (*_DECIDES_PIXELS, *others):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
