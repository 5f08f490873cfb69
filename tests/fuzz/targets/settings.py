"""TOML: configurations of runs and set-ups of trainings."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from equime_evaluation.baselines.setup import read_setup
from equime_generation.config import RunConfig
from equime_generation.config_file import read_config
from equime_generation.renderers.ltx.settings import LtxSettings
from tests.fuzz.containers import mutated_lines
from tests.fuzz.target import Target

_VALUES: Final = (b"= ", b"= [", b'= "', b"= '''", b"= 1979-05-27T07:32:00Z", b"= nan", b"[ltx]", b"[[ltx]]", b"= 0x")


def _runs(folder: Path) -> list[bytes]:
    configs = [
        RunConfig(faces="folder:photos", emotions=("fear", "anger"), clips_per_emotion=3, seed=7),
        RunConfig(renderer="ltx", ltx=LtxSettings(model="org/name", revision="0" * 40)),
    ]
    return [config.to_toml().encode() for config in configs]


def _setups(folder: Path) -> list[bytes]:
    return [
        b'model = "cnn3d"\nclasses = "3class"\nepochs = 3\nlearning_rate = 1e-3\nflip = true\n',
        b'model = "ststnet"\nframes = 0\nvalidation_people = 1\npatience_epochs = 2\n',
    ]


TARGETS: Final[dict[str, Target]] = {
    "config": Target(
        file="run.toml",
        samples=_runs,
        readers=(lambda folder: read_config(folder / "run.toml", {}),),
        mutate=mutated_lines(b" "),
        marks=_VALUES,
    ),
    "setup": Target(
        file="setup.toml",
        samples=_setups,
        readers=(lambda folder: read_setup(str(folder / "setup.toml")),),
        mutate=mutated_lines(b" "),
        marks=_VALUES,
    ),
}
