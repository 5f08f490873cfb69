"""The columns of a layout as fields of a Croissant record set, derived from the schema."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from equime_builder.schema import Column, Columns, features
from equime_builder.tars import sample_features

ID_FIELD: Final = "id"

_TYPES: Final = {
    "string": "sc:Text", "bool": "sc:Boolean", "int32": "cr:Int32", "int64": "cr:Int64",
    "float32": "cr:Float32", "float64": "cr:Float64",
}  # fmt: skip
"""Croissant data types by the type of a `datasets` value."""


def fields_of(name: str, columns: Columns) -> list[dict[str, Any]]:
    """Return the fields of Parquet files.

    Args:
        name: Of the record set; its files are the file set ``<name>-files``.
    """
    return [
        _field(f"{name}/{column.name}", _meaning(column, feature), feature, _Place(f"{name}-files", column.name))
        for column, feature in zip(columns, features(columns).values(), strict=True)
    ]


def tar_fields_of(name: str, columns: Columns) -> list[dict[str, Any]]:
    """Return the fields of the JSON members of tar files: every column but the video, which is a member of its own.

    The specification allows JSONPath inside a member; mlcroissant 1.1 checks it and does not read it yet.

    Args:
        name: As for `fields_of`.
    """
    types = sample_features(columns)["json"]
    meanings = {column.name: column.meaning for column in columns}
    return [
        _field(f"{name}/{key}", meanings[key], feature, _Place(f"{name}-files", None, key))
        for key, feature in types.items()
    ]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the files of a record set the values of a field stand.

    Attributes:
        column: Column of a table; ``None`` where each file is a JSON value.
        path: JSONPath inside the column or the file.
    """

    files: str
    column: str | None
    path: str = ""

    def inside(self, step: str) -> _Place:
        return replace(self, path=f"{self.path}.{step}".removeprefix("."))

    @property
    def source(self) -> dict[str, Any]:
        extract = {"column": self.column} if self.column else {"fileProperty": "content"}
        found: dict[str, Any] = {"fileSet": {"@id": self.files}, "extract": extract}
        return found | ({"transform": {"jsonPath": self.path}} if self.path else {})


def _field(field_id: str, meaning: str, feature: Any, place: _Place) -> dict[str, Any]:
    known: dict[str, Any] = {"@type": "cr:Field", "@id": field_id, "name": field_id.rpartition("/")[2]}
    known |= {"description": meaning} if meaning else {}
    inner = getattr(feature, "feature", None)
    if inner is not None:
        known |= {"isArray": True, "arrayShape": str(feature.length)}
        place, feature = (place.inside("[*]") if isinstance(inner, dict) else place), inner
    if isinstance(feature, dict):
        parts = [_field(f"{field_id}/{key}", "", value, place.inside(key)) for key, value in feature.items()]
        return known | {"source": place.source, "subField": parts}
    if type(feature).__name__ == "Video":
        return known | {"dataType": "sc:VideoObject", "source": place.inside("bytes").source}
    return known | {"dataType": _scalar_type(feature), "source": place.source}


def _scalar_type(feature: Any) -> str:
    kind = type(feature).__name__
    if kind == "Json":
        return "sc:Text"
    return "sc:Integer" if kind == "ClassLabel" else _TYPES[feature.dtype]


def _meaning(column: Column, feature: Any) -> str:
    if type(feature).__name__ != "ClassLabel":
        return column.meaning
    numbers = ", ".join(f"{number} {name}" for number, name in enumerate(feature.names))
    return f"{column.meaning}; {numbers}"
