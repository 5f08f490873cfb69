"""``equime_settings.json`` beside a checkpoint: which family it is of, or how it wants to be run."""

from __future__ import annotations

import re
from dataclasses import fields
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from equime_generation.renderers.ltx.configs import number, read_object, whole_number
from equime_generation.renderers.ltx.families import FAMILIES, TRAIN_STEPS, Family
from equime_generation.renderers.ltx.faults import CheckpointError

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS_NAME: Final = "equime_settings.json"
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9.-]{0,39}")
_MOST_STEPS: Final = 200
_LIMITS: Final[dict[str, tuple[float, float]]] = {
    "guidance_scale": (1.0, 30.0),
    "guidance_rescale": (0.0, 1.0),
    "decode_timestep": (0.0, 1.0),
    "decode_noise_scale": (0.0, 1.0),
    "image_cond_noise_scale": (0.0, 1.0),
}
_KEYS: Final = ("family", *(field.name for field in fields(Family) if field.name != "name"))


def own_family(folder: Path) -> Family | None:
    """Return the family that a checkpoint's ``equime_settings.json`` states; ``None`` where there is no such file.

    The file names a known family, ``{"family": "2b-0.9.8-distilled"}``, or, for a checkpoint of one's own, a new name
    with ``timesteps`` (falling, in (0, 1000]) and any other setting of `Family`.

    Raises:
        CheckpointError: The file says something else.
    """
    path = folder / SETTINGS_NAME
    if not path.exists():
        return None
    values = read_object(path)
    if unknown := sorted(set(values) - set(_KEYS)):
        raise CheckpointError(f"{path} holds {', '.join(unknown)!r:.80}; choose from: {', '.join(_KEYS)}")
    name = values.get("family")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise CheckpointError(f"family in {path} must be up to 40 of a-z, 0-9, dot and hyphen, got {name!r:.60}")
    if name in FAMILIES:
        return _known(name, values, path)
    if "timesteps" not in values:
        raise CheckpointError(
            f"family {name!r} in {path} is unknown; choose from: {', '.join(FAMILIES)}, or state its timesteps as well"
        )
    return Family(name=name, timesteps=_timesteps(values["timesteps"], path), **_rest(values, path))


def _known(name: str, values: dict[str, Any], path: Path) -> Family:
    if len(values) > 1:
        raise CheckpointError(
            f"{path} gives the known family {name!r} other settings; leave them out or choose a name of your own"
        )
    return FAMILIES[name]


def _timesteps(found: Any, path: Path) -> tuple[float, ...]:
    rule = f"timesteps in {path} must be 1 to {_MOST_STEPS} falling numbers in (0, {TRAIN_STEPS}]"
    if not isinstance(found, list) or not 1 <= len(found) <= _MOST_STEPS:
        raise CheckpointError(f"{rule}, got {type(found).__name__}")
    times = [number({"timesteps": time}, "timesteps", least=0.0, most=TRAIN_STEPS, where=path) for time in found]
    if times[-1] <= 0 or any(later >= earlier for earlier, later in pairwise(times)):
        raise CheckpointError(f"{rule}, got {str(found)[:80]}")
    return tuple(times)


def _rest(values: dict[str, Any], path: Path) -> dict[str, Any]:
    rest: dict[str, Any] = {
        key: number(values, key, least=least, most=most, where=path)
        for key, (least, most) in _LIMITS.items()
        if key in values
    }
    if "max_sequence_length" in values:
        rest["max_sequence_length"] = whole_number(values, "max_sequence_length", least=8, most=512, where=path)
    if "stochastic" in values:
        if not isinstance(values["stochastic"], bool):
            raise CheckpointError(f"stochastic in {path} must be true or false, got {values['stochastic']!r:.40}")
        rest["stochastic"] = values["stochastic"]
    return rest
