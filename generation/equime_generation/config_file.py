"""Configurations read from TOML files and from the command line, which are a stranger's until checked."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

from equime_builder.errors import UsageError, choose
from equime_builder.toml_file import read_toml
from equime_generation.config import RunConfig
from equime_generation.renderers.ltx.settings import LtxSettings

TABLES: Final[dict[str, type[LtxSettings]]] = {"ltx": LtxSettings}
"""Fields of `RunConfig` that are records of their own, tables in the file."""

_KINDS: Final[dict[type, str]] = {
    tuple: "a list of words", int: "a whole number", float: "a number", str: "a text", bool: "true or false",
}  # fmt: skip


def read_config(path: Path | None, given: Mapping[str, object]) -> RunConfig:
    """Return the configuration of a TOML file, overruled by what was given on the command line.

    Args:
        path: A TOML file with some of the fields of `RunConfig`; ``None`` = all defaults.
        given: Field to value, or to a mapping of such for a field in `TABLES`; ``None`` values are left out.

    Raises:
        UsageError: The file cannot be read, is not TOML, or holds an unknown field or a wrong type.
    """
    values: dict[str, object] = {}
    if path is not None:
        values |= read_toml(path, what="configuration", remedy="give --config a TOML file")
    for name, value in given.items():
        if isinstance(value, Mapping):
            values[name] = {**_table(name, values.get(name, {})), **_said(value)}
        elif value is not None:
            values[name] = value
    return RunConfig(**{name: _field(name, value) for name, value in values.items()})


def _said(given: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in given.items() if value is not None}


def _field(name: str, value: object) -> Any:
    if name not in TABLES:
        return _checked(RunConfig, name, value)
    record = TABLES[name]
    table = _table(name, value)
    return record(**{inner: _checked(record, inner, content, table=name) for inner, content in table.items()})


def _table(name: str, value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise UsageError(
            f"configuration field {name} must be a table, [{name}] with one setting a line, got {value!r:.80}"
        )
    return value


def _checked(record: type[RunConfig | LtxSettings], name: str, value: object, *, table: str = "") -> Any:
    defaults = {field.name: field.default for field in fields(record)}
    choose(f"{table} setting" if table else "configuration field", name, tuple(defaults))
    kind = type(defaults[name])
    if isinstance(value, list):
        value = tuple(value)
    if kind is float and type(value) is int:
        with suppress(OverflowError):  # more digits than any float has: refused below
            value = float(value)
    if type(value) is not kind or (kind is tuple and not all(isinstance(item, str) for item in value)):  # type: ignore[union-attr]
        raise UsageError(f"configuration field {table and table + '.'}{name} must be {_KINDS[kind]}, got {value!r:.80}")
    return value
