"""JSON that came with a checkpoint, read as what a stranger wrote: bounded, typed, and refused with the file's name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from equime_generation.renderers.ltx.faults import CheckpointError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_MOST_BYTES: Final = 4 * 2**20


def read_object(path: Path) -> dict[str, Any]:
    """Return the JSON object in a file.

    Raises:
        CheckpointError: The file is missing, larger than 4 MiB, no JSON or no object.
    """
    if not path.is_file():
        raise CheckpointError(f"{path} is missing; download the whole repository again")
    if path.stat().st_size > _MOST_BYTES:
        raise CheckpointError(f"{path} is larger than {_MOST_BYTES // 2**20} MiB, which no configuration is")
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise CheckpointError(f"{path} cannot be read as JSON ({type(error).__name__}); download it again") from error
    if not isinstance(found, dict):
        raise CheckpointError(f"{path} must hold a JSON object, got {type(found).__name__}; download it again")
    return found


def whole_number(values: Mapping[str, Any], key: str, *, least: int, most: int, where: Path) -> int:
    """Return a whole number from a configuration.

    Raises:
        CheckpointError: It is missing, no whole number, or out of bounds.
    """
    value = values.get(key)
    if type(value) is not int or not least <= value <= most:
        raise CheckpointError(f"{key} in {where} must be a whole number of {least} to {most}, got {value!r:.40}")
    return value


def number(values: Mapping[str, Any], key: str, *, least: float, most: float, where: Path) -> float:
    """Return a finite number from a configuration.

    Raises:
        CheckpointError: It is missing, no number, or out of bounds.
    """
    value = values.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:  # NaN is unlike itself
        raise CheckpointError(f"{key} in {where} must be a number, got {value!r:.40}")
    if not least <= value <= most:
        raise CheckpointError(f"{key} in {where} must lie in {least:g} to {most:g}, got {value!r:.40}")
    return float(value)
