"""`equime app`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from equime_builder.errors import DatasetMissingError
from equime_builder.locate import find_dataset
from equime_generation.cli.terminal import say

Folder = Annotated[
    Path | None, typer.Argument(help="Dataset folder to browse, review and audit; $EQUIME_HOME or ./equime by default.")
]
Port = Annotated[int | None, typer.Option(min=1, max=65535, help="Port; the first free one from 7860 on by default.")]


def app(folder: Folder = None, port: Port = None) -> None:
    """Open the app in the browser: make a clip from a photo, browse a dataset, review it, see who is shown.

    It answers to this machine alone, and needs no network.
    """
    dataset = _dataset(folder)
    from equime_generation.app import serve

    say("starting (a few seconds) ...")
    serve(dataset, port=port, opened=_say_where, browser=_has_window())


def _dataset(folder: Path | None) -> Path | None:
    try:
        return find_dataset(folder)
    except DatasetMissingError:
        if folder is not None:
            raise
        return None


def _say_where(address: str) -> None:
    say(f"EquiME is open at {address} (this machine only); stop it with Ctrl-C")


def _has_window() -> bool:
    """Return whether somebody sits here who can see a browser; a terminal's text browser is none."""
    graphical = sys.platform in ("darwin", "win32") or {"DISPLAY", "WAYLAND_DISPLAY"} & set(os.environ)
    return sys.stdout.isatty() and bool(graphical)
