"""The configuration of a run: a frozen record that can stand in a TOML file and has a fingerprint."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Final

from equime_builder.digests import fingerprint
from equime_builder.errors import UsageError, choose
from equime_builder.facs import EMOTIONS

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

DESIGNS: Final[tuple[str, ...]] = ("independent", "crossed")
_LEAST: Final[dict[str, int]] = {
    "clips_per_emotion": 1, "spotting_clips": 0, "attempts": 1, "workers": 0, "seed": 0, "subjects": 0,
}  # fmt: skip
PLACE_FIELDS: Final[frozenset[str]] = frozenset({"out", "engine", "workers"})
"""Fields that say where and how fast a run goes; they do not change a byte of its result."""


def default_workers() -> int:
    """Return the number of processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RunConfig:
    """What to render, and where.

    Attributes:
        out: Folder of the dataset.
        faces: Source of the photos, see `equime_generation.sources.open_source`.
        subjects: How many people take part, chosen evenly over gender, skin tone and age group, the best photos of each
            first, see `equime_generation.selection.choose_people`; 0 = everybody who passes the gate.
        emotions: Some of `equime_builder.facs.EMOTIONS`, without repeats.
        clips_per_emotion: Clips of each emotion, spread evenly over the subjects.
        spotting_clips: Clips of several events, spread in the same way; a configuration of their own, ``spotting``.
        with_flow: Whether the true motion of every event's frames is written beside the clips.
        with_vqa: Whether the configuration ``vqa`` is written: the same clips once more, with questions and answers.
        design: ``independent`` draws an AU programme for each clip; ``crossed`` puts each programme on every subject.
        balance: ``people`` or ``groups``, see `equime_generation.quotas.deal`; a crossed design is always over people.
        renderer: Name in `equime_generation.renderers.RENDERERS`.
        profile: Name in `equime_generation.encode.PROFILES`.
        attempts: Times that a clip is rendered, with new sway and noise, before it is dropped.
        seed: Any whole number; another seed gives other plans.
        engine: Name in `equime_generation.engines.ENGINES`.
        workers: Processes of the local engine.
    """

    out: str = "equime"
    faces: str = "openpeople"
    subjects: int = 0
    emotions: tuple[str, ...] = EMOTIONS
    clips_per_emotion: int = 10
    spotting_clips: int = 0
    with_flow: bool = False
    with_vqa: bool = True
    design: str = "independent"
    balance: str = "people"
    renderer: str = "warp"
    profile: str = "default"
    attempts: int = 4
    seed: int = 0
    engine: str = "local"
    workers: int = 0

    def __post_init__(self) -> None:
        from equime_generation.encode import PROFILES
        from equime_generation.engines import ENGINES
        from equime_generation.quotas import BALANCES
        from equime_generation.renderers import RENDERERS

        for emotion in self.emotions:
            choose("emotion", emotion, EMOTIONS)
        if not self.emotions or len(set(self.emotions)) != len(self.emotions):
            raise UsageError(f"emotions must name at least one, each once, got {', '.join(self.emotions) or 'none'}")
        choose("design", self.design, DESIGNS)
        choose("balance", self.balance, BALANCES)
        if (self.design, self.balance) == ("crossed", "groups"):
            raise UsageError("a crossed design gives everyone the same programmes, so balance must be people")
        choose("renderer", self.renderer, tuple(RENDERERS))
        choose("encoder profile", self.profile, tuple(PROFILES))
        choose("engine", self.engine, tuple(ENGINES))
        for name, least in _LEAST.items():
            if getattr(self, name) < least:
                raise UsageError(f"{name} must be at least {least}, got {getattr(self, name)}")

    @property
    def recipe(self) -> dict[str, Any]:
        """The fields that decide the bytes of the dataset, ready for JSON."""
        values = {name: value for name, value in asdict(self).items() if name not in PLACE_FIELDS}
        # whose folder the photos lay in is nobody's business; their hashes stand in subjects.parquet
        kind, colon, _ = self.faces.partition(":")
        return {**values, "emotions": list(self.emotions), "faces": f"{kind}:DIR" if colon else kind}

    @property
    def fingerprint(self) -> str:
        """16 hex digits that name this exact recipe."""
        return fingerprint(self.recipe)

    def to_toml(self) -> str:
        """Return the recipe as TOML text that `read_config` takes back, once a real folder stands for ``DIR``."""
        return "".join(f"{name} = {_toml(value)}\n" for name, value in self.recipe.items())


def _toml(value: object) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return str(value).lower()


def read_config(path: Path | None, given: Mapping[str, object]) -> RunConfig:
    """Return the configuration of a TOML file, overruled by what was given on the command line.

    Args:
        path: A TOML file with some of the fields of `RunConfig`; ``None`` = all defaults.
        given: Field to value; ``None`` values are left out.

    Raises:
        UsageError: The file cannot be read, is not TOML, or holds an unknown field or a wrong type.
    """
    values: dict[str, object] = {} if path is None else _parse(path)
    values |= {name: value for name, value in given.items() if value is not None}
    return RunConfig(**{name: _checked(name, value) for name, value in values.items()})


def _parse(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"configuration {path} cannot be read: {error.strerror}; give --config a TOML file") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"configuration {path} is not TOML: {error}") from error


def _checked(name: str, value: object) -> Any:
    defaults = {field.name: field.default for field in fields(RunConfig)}
    choose("configuration field", name, tuple(defaults))
    if isinstance(value, list):
        value = tuple(value)
    kind = type(defaults[name])
    if type(value) is not kind or (kind is tuple and not all(isinstance(item, str) for item in value)):  # type: ignore[union-attr]
        words = {tuple: "a list of words", int: "a whole number", str: "a text", bool: "true or false"}
        raise UsageError(f"configuration field {name} must be {words[kind]}, got {value!r}")
    return value
