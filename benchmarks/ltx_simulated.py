"""A model that takes its time: it sleeps as long as a GPU would compute, so that all else around it can be timed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

from equime_builder.records import FRAMES
from equime_builder.streams import stream
from equime_generation.parts import ClipDone, Part
from equime_generation.renderers import RENDERERS
from equime_generation.renderers.ltx.render import LtxRenderer
from equime_generation.run import render_part

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from equime_generation.renderers.ltx.request import Request
    from equime_generation.renderers.ltx.settings import LtxSettings

BATCH_SIZE: Final = 4
BATCH_S: Final = 16.0
"""Seconds of the GPU for a batch."""
DECODE_SHARE: Final = 0.2
"""Of these, what it decodes for, clip after clip; a fifth by `equime_generation.renderers.ltx.cost`."""
_FADE_FRAMES: Final = 4


class SimulatedModel:
    """Sleeps, then fades from the first picture to the apex and back, under noise."""

    batch_size = BATCH_SIZE
    guided = False

    def __init__(self) -> None:
        self._noise = stream("bench/ltx").integers(0, 4, (16, 512, 512, 3)).astype(np.uint8)

    def know(self, prompts: Iterable[str]) -> None:
        """Know all prompts already: they are encoded once for a campaign, before it."""

    def sample(self, requests: Sequence[Request]) -> Iterator[NDArray[np.uint8]]:
        wake = time.monotonic() + (1 - DECODE_SHARE) * BATCH_S
        sleep_until(wake)
        for request in requests:
            start = time.monotonic()
            frames = self._faded(request)
            sleep_until(start + DECODE_SHARE * BATCH_S / len(requests))
            yield frames

    def _faded(self, request: Request) -> NDArray[np.uint8]:
        (_, apex, *_), (rest, moved, *_) = request.conditioning.frames, request.conditioning.pictures
        frames = np.empty((FRAMES, *rest.shape), np.uint8)
        for number, frame in enumerate(frames):
            share = max(0.0, 1 - abs(number - apex) / _FADE_FRAMES)
            shown = cv2.addWeighted(moved, share, rest, 1 - share, 0) if share else rest
            cv2.add(shown, self._noise[number % len(self._noise)], dst=frame)
        return frames


def sleep_until(moment_s: float) -> None:
    time.sleep(max(0.0, moment_s - time.monotonic()))


def open_simulated(settings: LtxSettings) -> LtxRenderer:
    return LtxRenderer(SimulatedModel(), settings, name="simulated", revision="0" * 64, shape={})


def render_simulated(part: Part, report: Callable[[ClipDone], None]) -> None:
    """Render a part as a worker does, but with the simulated model; the first start leaves a file with its time."""
    RENDERERS["ltx"] = replace(RENDERERS["ltx"], factory="benchmarks.ltx_simulated:open_simulated")
    first = Path(part.config.out, "first")
    if not first.exists():
        first.touch()
    render_part(part, report)
