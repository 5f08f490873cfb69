"""Renderers turn faces and plans into clips; all stand behind one protocol and in one table."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar, runtime_checkable

from equime_builder.errors import MissingExtraError, choose
from equime_builder.records import Plan

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from equime_generation.faces import Face

Settings = TypeVar("Settings")


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One clip to render."""

    face: Face
    plan: Plan


class Truth(Protocol):
    """The motion that a clip really holds, known because it was made, not because it was measured."""

    def field(self, frame: int) -> NDArray[np.float32]:
        """Return the skin's displacement at ``frame`` relative to the photo, head sway left out.

        Returns:
            Forward field (H, W, 2) float32 in pixels, x then y (y grows downwards), sampled on the photo's pixels.
        """
        ...

    def head(self, frame: int) -> NDArray[np.float64]:
        """Return the rigid motion of the head at ``frame`` as a 2 x 3 affine matrix, photo to frame, in pixels."""
        ...

    def probe(self) -> NDArray[np.float32]:
        """Return the fields to look for in the decoded clip.

        Returns:
            (K, H, W, 2) float32 in pixels: the field at the apex (K = 1); on a clip of several events the field at
            each apex, and closed eyes last; on a negative one field for each AU (both sides together) at intensity 1.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """Rendered frames with what their renderer knows of them.

    Attributes:
        frames: (144, 512, 512, 3) uint8 RGB.
        plan: The plan as rendered; it differs from the job's in its intensities alone, and only where ``scaled`` < 1.
        truth: ``None`` where nobody knows how the frames really move: they are held against their plan then.
        smallest_jacobian: Least determinant of the warp over all frames, layers apart; 1 without motion; ``None``
            where nobody knows.
        scaled: Factor by which the job's intensities had to be weakened to keep skin from folding; 1 = not at all.
    """

    plan: Plan
    frames: NDArray[np.uint8]
    truth: Truth | None
    smallest_jacobian: float | None
    scaled: float = 1.0

    def __post_init__(self) -> None:
        if self.frames.ndim != 4 or self.frames.shape[-1] != 3 or self.frames.dtype.name != "uint8":
            raise ValueError(f"frames must be (T, H, W, 3) uint8, got {self.frames.shape} {self.frames.dtype}")


class Renderer(Protocol):
    """Renders jobs; a clip depends on its own job and on the batch size, not on its companions in a batch.

    Attributes:
        batch_size: Clips computed together; 1 = one after the other.
        model: Name of the checkpoint without the folder that it lies in; ``None`` where there is none.
        model_revision: What pins the checkpoint's content.
        shape: What else decides the pixels and belongs to a clip's recipe, ready for JSON; empty = nothing.
    """

    @property
    def batch_size(self) -> int: ...  # noqa: D102

    @property
    def model(self) -> str | None: ...  # noqa: D102

    @property
    def model_revision(self) -> str | None: ...  # noqa: D102

    @property
    def shape(self) -> Mapping[str, object]: ...  # noqa: D102

    def render(self, jobs: Iterable[Job]) -> Iterator[Clip]:
        """Yield one clip a job, in any order: `Clip.plan` says which.

        A renderer that waits for a device prepares the next batch meanwhile, so that the device need not wait.
        """
        ...


@runtime_checkable
class KnowsTruth(Protocol):
    """A renderer that knows the motion of a clip without painting it."""

    def truth(self, job: Job) -> Truth:
        """Return the truth of a plan as rendered: nothing is held back any further."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RendererKind:
    """What is known of a renderer before it is loaded.

    Attributes:
        factory: ``module:callable`` that makes it; takes its settings where it has some, else nothing.
        settings: Field of `equime_generation.config.RunConfig` that holds its settings; empty = it has none.
        settle: ``module:function`` that takes settings and returns them with all that they leave open decided, as far
            as it decides pixels, and tells its second argument what was asked for and cannot be had here; empty = they
            leave nothing open.
        prepare: ``module:function`` that takes settings and all plans of a run and does what is done once for all of
            them, before the first worker starts; empty = nothing.
        knows_truth: Whether it is a `KnowsTruth`.
        on_device: Whether a GPU does its work while processor cores encode and measure.
        extra: Extra of this distribution that it needs beside ``render``; empty = none.
        packages: Installed packages that decide its pixels, beside those that decide every clip's.
    """

    factory: str
    settings: str = ""
    settle: str = ""
    prepare: str = ""
    knows_truth: bool = False
    on_device: bool = False
    extra: str = ""
    packages: tuple[str, ...] = ()


RENDERERS: Final[dict[str, RendererKind]] = {
    "warp": RendererKind(factory="equime_generation.renderers.warp:WarpRenderer", knows_truth=True),
    "ltx": RendererKind(
        factory="equime_generation.renderers.ltx.render:open_ltx",
        settings="ltx",
        settle="equime_generation.renderers.ltx.settle:settle",
        prepare="equime_generation.renderers.ltx.prepare:prepare",
        on_device=True,
        extra="ltx",
        packages=("torch", "diffusers", "transformers"),
    ),
}


def load_renderer(name: str, settings: object = None) -> Renderer:
    """Return the renderer that stands under ``name`` in the table.

    Args:
        settings: Of the renderer, where it has some.

    Raises:
        UsageError: The name is unknown.
        MissingExtraError: Its packages are not installed.
    """
    choose("renderer", name, tuple(RENDERERS))
    factory = _named(RENDERERS[name].factory)
    renderer: Renderer = factory(settings) if RENDERERS[name].settings else factory()
    return renderer


def settled(name: str, settings: Settings, tell: Callable[[str], None]) -> Settings:
    """Return settings of a renderer with all that they leave open decided, as far as it decides pixels.

    Args:
        tell: Told what was asked for and cannot be had here, one sentence each.

    Raises:
        MissingExtraError: The renderer's packages are not installed.
        EquimeError: The settings cannot be met on this machine.
    """
    kind = RENDERERS[name]
    for package in kind.packages:
        if importlib.util.find_spec(package) is None:
            raise MissingExtraError(
                f"{package!r} is needed by the renderer {name} and not installed; "
                f'run: pip install "equime[{kind.extra}]"'
            )
    if not kind.settle:
        return settings
    found: Settings = _named(kind.settle)(settings, tell)
    return found


def prepare(name: str, settings: object, plans: Iterable[Plan]) -> None:
    """Do what a renderer does once for all plans of a run.

    Raises:
        EquimeError: It cannot be done on this machine.
    """
    if place := RENDERERS[name].prepare:
        _named(place)(settings, plans)


def _named(place: str) -> Any:
    module_name, _, name = place.partition(":")
    return getattr(importlib.import_module(module_name), name)
