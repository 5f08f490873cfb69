"""The configuration of a run: a frozen record that can stand in a TOML file and has a fingerprint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import cache
from typing import Any, Final

from equime_builder.digests import fingerprint
from equime_builder.errors import UsageError, choose
from equime_builder.facs import EMOTIONS
from equime_generation.renderers import RENDERERS
from equime_generation.renderers.ltx.settings import LtxSettings
from equime_generation.shares import Share

DESIGNS: Final[tuple[str, ...]] = ("independent", "crossed")
FORMATS: Final[tuple[str, ...]] = ("parquet", "webdataset", "both")
_AS_IT_COMES: Final = LtxSettings()
_LEAST: Final[dict[str, int]] = {
    "clips_per_emotion": 1, "spotting_clips": 0, "attempts": 1, "workers": 0, "seed": 0, "subjects": 0,
}  # fmt: skip
PLACE_FIELDS: Final[frozenset[str]] = frozenset({"out", "engine", "address", "workers", "shard", "device"})
"""Fields that say where and how fast a run goes; they do not change a byte of its result."""


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
        format: Of the shards: ``parquet``; ``webdataset`` for tar files alone, without the configuration vqa; ``both``.
        design: ``independent`` draws an AU programme for each clip; ``crossed`` puts each programme on every subject.
        balance: ``people`` or ``groups``, see `equime_generation.quotas.deal`; a crossed design is always over people.
        renderer: Name in `equime_generation.renderers.RENDERERS`.
        profile: Name in `equime_generation.encode.PROFILES`.
        attempts: Times that a clip is rendered, with new sway and noise, before it is dropped.
        seed: Any whole number; another seed gives other plans.
        engine: Name in `equime_generation.engines.ENGINES`.
        address: Of the Ray cluster, ``HOST:PORT`` or ``auto``; empty = the environment's, else this machine alone.
        workers: Processes, or workers of the cluster; 0 = as many as there are cores, or GPUs where those do the work.
        shard: ``i/n`` for one of n jobs that share the folder, see `equime_generation.array_job`; empty = the only one.
        ltx: Settings of the renderer of that name; nobody else may have any.
    """

    out: str = "equime"
    faces: str = "openpeople"
    subjects: int = 0
    emotions: tuple[str, ...] = EMOTIONS
    clips_per_emotion: int = 10
    spotting_clips: int = 0
    with_flow: bool = False
    with_vqa: bool = True
    format: str = "parquet"
    design: str = "independent"
    balance: str = "people"
    renderer: str = "warp"
    profile: str = "default"
    attempts: int = 4
    seed: int = 0
    engine: str = "local"
    address: str = ""
    workers: int = 0
    shard: str = ""
    ltx: LtxSettings = _AS_IT_COMES

    def __post_init__(self) -> None:
        from equime_generation.encode import PROFILES
        from equime_generation.engines import ENGINES
        from equime_generation.quotas import BALANCES

        for emotion in self.emotions:
            choose("emotion", emotion, EMOTIONS)
        if not self.emotions or len(set(self.emotions)) != len(self.emotions):
            raise UsageError(f"emotions must name at least one, each once, got {', '.join(self.emotions) or 'none'}")
        choose("format", self.format, FORMATS)
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
        if self.shard:
            Share.parse(self.shard)
        if self.address and self.engine != "ray":
            raise UsageError(f"address {self.address} is a Ray cluster's; add --engine ray, or leave --address out")
        self._check_renderer()

    def _check_renderer(self) -> None:
        kind = RENDERERS[self.renderer]
        if self.with_flow and not kind.knows_truth:
            known = ", ".join(name for name, other in RENDERERS.items() if other.knows_truth)
            raise UsageError(
                f"with_flow writes true motion, and nobody knows how a clip of the renderer {self.renderer} really "
                f"moves; leave --with-flow out, or choose from: {known}"
            )
        given = [field.name for field in fields(self.ltx) if getattr(self.ltx, field.name) != field.default]
        if given and kind.settings != "ltx":
            raise UsageError(
                f"{', '.join(given)} can be set for the renderer ltx alone, and the renderer is {self.renderer}; "
                "add --renderer ltx or leave them out"
            )

    @property
    def settings(self) -> LtxSettings | None:
        """The settings of the renderer; ``None`` = it has none."""
        return self.ltx if RENDERERS[self.renderer].settings == "ltx" else None

    @property
    def makes_vqa(self) -> bool:
        """Whether the configuration ``vqa`` is written, which is derived from Parquet shards."""
        return self.with_vqa and self.format != "webdataset"

    @property
    def recipe(self) -> dict[str, Any]:
        """The fields that decide the bytes of the dataset, ready for JSON.

        Raises:
            EquimeError: The model that the settings name is missing or cannot be read.
        """
        values = {name: value for name, value in asdict(self).items() if name not in PLACE_FIELDS | {"ltx"}}
        # whose folder the photos lay in is nobody's business; their hashes stand in subjects.parquet
        kind, colon, _ = self.faces.partition(":")
        values |= {"emotions": list(self.emotions), "faces": f"{kind}:DIR" if colon else kind}
        return values if self.settings is None else {**values, "ltx": _recipe_of(self.settings)}

    @property
    def fingerprint(self) -> str:
        """16 hex digits that name this exact recipe."""
        return fingerprint(self.recipe)

    def to_toml(self) -> str:
        """Return the recipe as TOML text that `read_config` takes back, once real folders stand for ``DIR``."""
        tables = {name: value for name, value in self.recipe.items() if isinstance(value, dict)}
        lines = _lines({name: value for name, value in self.recipe.items() if name not in tables})
        if self.settings is not None and not is_on_hub(self.settings):
            tables["ltx"] = {**tables["ltx"], "model": "DIR", "revision": ""}
        return lines + "".join(f"\n[{name}]\n{_lines(table)}" for name, table in tables.items())


def is_on_hub(settings: LtxSettings) -> bool:
    """Tell whether settings name a model by its Hub id and commit, and not by a place on this machine."""
    return bool(settings.revision)


def _recipe_of(settings: LtxSettings) -> dict[str, Any]:
    """Return what of a renderer's settings decides pixels; a model on this machine goes by its name and content."""
    values = {name: value for name, value in asdict(settings).items() if name not in PLACE_FIELDS}
    if settings.model and not is_on_hub(settings):
        name, revision = _local_model(settings)
        values |= {"model": name, "revision": revision}
    return values


@cache
def _local_model(settings: LtxSettings) -> tuple[str, str]:
    from equime_generation.renderers.ltx.checkpoint import find_checkpoint

    found = find_checkpoint(settings)
    return found.model, found.revision


def _lines(values: Mapping[str, object]) -> str:
    return "".join(f"{name} = {_toml(value)}\n" for name, value in values.items())


def _toml(value: object) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return str(value).lower()
