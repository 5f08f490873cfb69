from __future__ import annotations

import pyarrow as pa
import pytest
from datasets import ClassLabel, Features, Json, List, Value, Video

from equime_builder.errors import DatasetError
from equime_builder.schema import COLUMN_NAMES, COLUMNS, VERSION_KEY, arrow_schema, check_schema, features


def test_features_hold_the_types_that_loaders_rely_on() -> None:
    found = features()
    assert tuple(found) == COLUMN_NAMES
    assert found["video"] == Video()
    assert found["messages"] == List(Json())
    assert found["recipe"] == Json()
    assert found["au_intensity"] == List(Value("float32"), length=36)
    assert found["emotion"] == ClassLabel(
        names=["happiness", "sadness", "surprise", "fear", "anger", "neutral", "disgust", "contempt"]
    )


def test_features_survive_the_way_through_the_arrow_schema() -> None:
    assert Features.from_arrow_schema(arrow_schema()) == features()
    assert arrow_schema().metadata[VERSION_KEY] == b"1"


def test_column_names_are_unique_and_explained() -> None:
    assert len(set(COLUMN_NAMES)) == len(COLUMN_NAMES)
    assert all(column.meaning and column.group for column in COLUMNS)


def changed(version: bytes = b"1", drop: str | None = None, add: pa.Field | None = None) -> pa.Schema:
    fields = [field for field in arrow_schema() if field.name != drop]
    return pa.schema(fields + ([add] if add is not None else []), metadata={VERSION_KEY: version})


def test_check_accepts_its_own_schema() -> None:
    check_schema(arrow_schema(), where="here")


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        (changed(version=b"2"), r"here: schema version is 2, this software reads 1; .*install the version"),
        (pa.schema([("id", pa.string())]), "schema version is none"),
        (changed(drop="video"), r"missing: video; extra: none\); render"),
        (changed(add=pa.field("mood", pa.string())), r"missing: none; extra: mood\); render"),
        (changed(add=pa.field("id", pa.string())), "columns differ"),
        (changed(drop="fold", add=pa.field("fold", pa.string())), "column 'fold' is string, must be int32; render"),
    ],
)
def test_check_refuses_another_schema(schema: pa.Schema, message: str) -> None:
    with pytest.raises(DatasetError, match=message):
        check_schema(schema, where="here")
