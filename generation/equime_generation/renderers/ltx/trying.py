"""A checkpoint tried out before a campaign: the same movements through its VAE, and by each conditioning."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from equime_generation.renderers import Renderer
from equime_generation.renderers.ltx.render import open_ltx
from equime_generation.renderers.ltx.roundtrip import open_round_trip
from equime_generation.renderers.ltx.settings import CONDITIONINGS, LtxSettings
from equime_generation.renderers.ltx.survival import Reading, readings, survivals
from equime_generation.renderers.ltx.trials import Trial, draw_trials
from equime_generation.renderers.ltx.verdict import Verdict
from equime_generation.renderers.warp.render import WarpRenderer

if TYPE_CHECKING:
    from equime_generation.faces import Face

Progress = Callable[[int, int, str], None]
"""Told how many of how many clips were measured, and by which route."""


def try_out(
    settings: LtxSettings, faces: Sequence[Face], *, clips: int, sample: int, workers: int, progress: Progress
) -> Iterator[Verdict]:
    """Yield what a checkpoint leaves of planned motion: first through its VAE, then by each conditioning.

    Args:
        settings: Which checkpoint, and how it is run; the conditioning is each of `CONDITIONINGS` in turn.
        faces: On whom.
        clips: Movements to send through the VAE; 0 = every unit at every level on everybody.
        sample: Of these, how many to render with each conditioning; 0 = none.
        workers: Threads that encode and measure.

    Raises:
        UsageError: The settings name no model, or a moving revision of one.
        CheckpointError: The checkpoint is missing, broken, unsafe or of another family.
        DeviceError: There is no GPU, or it has too little memory.
        OutOfMemory: The batch does not fit.
    """
    through_vae = open_round_trip(settings)  # a wrong model is told before minutes are spent on the clips before it
    trials = draw_trials(faces, clips=clips)
    before = _read("warp", trials, WarpRenderer(), workers, progress)
    yield _verdict("vae", trials, before, _read("vae", trials, through_vae, workers, progress))
    del through_vae  # one model at a time fits into the memory
    if not sample:
        return
    few = draw_trials(faces, clips=min(sample, len(trials)))  # the first of the same order, so all were read before
    for mode in CONDITIONINGS:
        renderer = open_ltx(replace(settings, conditioning=mode))
        yield _verdict(mode, few, before, _read(mode, few, renderer, workers, progress))


def _read(
    route: str, trials: Sequence[Trial], renderer: Renderer, workers: int, progress: Progress
) -> dict[str, Reading]:
    done = 0

    def told(_: str) -> None:
        nonlocal done
        done += 1
        progress(done, len(trials), route)

    progress(0, len(trials), route)
    return readings(trials, renderer, workers=workers, told=told)


def _verdict(route: str, trials: Sequence[Trial], before: dict[str, Reading], after: dict[str, Reading]) -> Verdict:
    return Verdict(route=route, movements=tuple(survivals(trials, before, after)))
