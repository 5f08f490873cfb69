"""A set-up: one model, what it sees and how it is trained; a record that TOML files are read into."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from importlib.resources import files
from pathlib import Path
from typing import Final, get_type_hints

from equime_builder.errors import UsageError, choose
from equime_builder.sampling import HOWS
from equime_builder.toml_file import parse_toml, read_toml
from equime_evaluation.protocols import CLASS_SETS

CROPS: Final = ("face", "whole")
MODELS: Final = ("cnn3d", "resnet3d", "mobilenet", "ststnet")
FLOW_MODELS: Final = ("ststnet",)
"""Models that see optical flow from onset to apex instead of frames."""
SCHEDULES: Final = ("constant", "cosine")
MOST: Final = 1024
"""Of pixels and of frames; set-ups come with weights from elsewhere, too, and a clip is a cube of them."""
_KINDS: Final[dict[type, str]] = {int: "a whole number", float: "a number", str: "a text", bool: "true or false"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """How a baseline is trained.

    Attributes:
        model: One of `MODELS`.
        classes: One of `equime_evaluation.protocols.CLASS_SETS`.
        size_px: Edge of the square that the model sees.
        frames: How many; 0 for models of `FLOW_MODELS`, which see one flow.
        sampling: How they are chosen; one of `equime_builder.sampling.HOWS` but ``"all"``.
        difference: Whether the first frame chosen is taken from all others, and only these are shown.
        crop: ``face``: upright and cut out by eyes and mouth; ``whole``: the picture as it is.
        balanced: Whether each class weighs the same in the loss.
        flip: Whether half of the clips are mirrored, another half each epoch.
        shift_px: Each clip is moved by up to so many pixels, elsewhere each epoch.
        validation_people: How many people of those trained on choose the epoch; 0 = the last epoch is taken.
        patience_epochs: Training stops when validation has not become better for so long; 0 = never.

    Raises:
        UsageError: A value is unknown or out of range.
    """

    model: str = "resnet3d"
    classes: str = "3class"
    size_px: int = 112
    frames: int = 8
    sampling: str = "onset-apex-offset"
    difference: bool = True
    crop: str = "face"
    epochs: int = 30
    batch_size: int = 16
    learning_rate: float = 2e-3
    weight_decay: float = 1e-2
    schedule: str = "cosine"
    balanced: bool = True
    flip: bool = True
    shift_px: int = 3
    validation_people: int = 0
    patience_epochs: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        choose("model", self.model, MODELS)
        choose("set of classes", self.classes, tuple(CLASS_SETS))
        choose("sampling", self.sampling, tuple(how for how in HOWS if how != "all"))
        choose("crop", self.crop, CROPS)
        choose("schedule", self.schedule, SCHEDULES)
        lowest = {"size_px": 16, "frames": int(not self.sees_flow), "epochs": 1, "batch_size": 2}
        lowest |= dict.fromkeys(("shift_px", "validation_people", "patience_epochs", "seed"), 0)
        for name, least in lowest.items():
            if getattr(self, name) < least:
                raise UsageError(f"{name} must be {least} or more for {self.model}, got {getattr(self, name)}")
        for name in ("size_px", "frames"):
            if getattr(self, name) > MOST:
                raise UsageError(f"{name} must be {MOST} or less, got {getattr(self, name)}")
        if not 0 < self.learning_rate < 10 or not 0 <= self.weight_decay < 10:
            raise UsageError(
                f"learning_rate must lie in 0-10 and weight_decay too, got {self.learning_rate} and {self.weight_decay}"
            )
        if self.patience_epochs and not self.validation_people:
            raise UsageError("patience_epochs needs validation_people: nobody who is tested may decide when to stop")

    @property
    def sees_flow(self) -> bool:
        """Whether the model sees optical flow."""
        return self.model in FLOW_MODELS


def built_in_setups() -> dict[str, str]:
    """Return the name and the first line of each set-up that comes with EquiME."""
    found = {}
    for entry in files(__package__).joinpath("setups").iterdir():
        if entry.name.endswith(".toml"):
            found[entry.name.removesuffix(".toml")] = entry.read_text(encoding="utf-8").partition("\n")[0].lstrip("# ")
    return dict(sorted(found.items()))


def read_setup(place: str, changes: Mapping[str, object] | None = None) -> Setup:
    """Return a set-up that comes with EquiME, by name, or one of a TOML file.

    Args:
        place: A name of `built_in_setups`, or a path that ends in ``.toml``.
        changes: Field to value; ``None`` values are left out.

    Raises:
        UsageError: There is none, the file is not TOML, or a field is unknown or of a wrong type.
    """
    if place.endswith(".toml"):
        remedy = f"give a TOML file or one of: {', '.join(built_in_setups())}"
        values = read_toml(Path(place), what="set-up", remedy=remedy)
    else:
        choose("set-up", place, tuple(built_in_setups()))
        text = files(__package__).joinpath("setups").joinpath(f"{place}.toml").read_text(encoding="utf-8")
        values = parse_toml(text, where=f"set-up {place}")
    values |= {name: value for name, value in (changes or {}).items() if value is not None}
    return setup_of(values, place)


_LARGEST: Final = 2**53
"""Larger whole numbers are no numbers with a fraction, and some are larger than any of these."""


def setup_of(values: Mapping[str, object], place: str) -> Setup:
    """Return the set-up of fields and values that came from ``place``.

    Raises:
        UsageError: A field is unknown, or a value is of a wrong type or out of range.
    """
    kinds = get_type_hints(Setup)
    names = tuple(field.name for field in fields(Setup) if field.default is not MISSING)
    checked = {}
    for name, value in values.items():
        choose(f"field of set-up {place}", name, names)
        small = type(value) is int and abs(value) < _LARGEST
        fitting = float(value) if kinds[name] is float and small else value  # type: ignore[arg-type]
        if type(fitting) is not kinds[name]:
            raise UsageError(f"set-up {place}: {name} must be {_KINDS[kinds[name]]}, got {value!r:.80}")
        checked[name] = fitting
    return Setup(**checked)  # type: ignore[arg-type]  # each type was checked above
