"""docs/format.md is what the schema says."""

from __future__ import annotations

import re

from docs.make_format import _PARTS, PAGE, page
from equime_builder.schema import COLUMN_NAMES, COLUMNS, features
from equime_builder.spotting import SPOTTING_COLUMNS
from equime_builder.vqa_rows import VQA_COLUMNS


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m docs.make_format"


def test_every_column_stands_there_with_its_meaning() -> None:
    columns = page().split("## Columns of a clip")[1].split("\n## ")[0]
    assert tuple(re.findall(r"^\| `(\w+)` \|", columns, re.M)) == COLUMN_NAMES
    assert all(column.meaning.replace("|", "\\|") in columns for column in COLUMNS)


def test_every_field_of_a_struct_is_explained() -> None:
    for columns in (COLUMNS, SPOTTING_COLUMNS, VQA_COLUMNS):
        for feature in features(columns).values():
            inner = getattr(feature, "feature", feature)
            if isinstance(inner, dict):
                assert set(inner) <= set(_PARTS), "explain the new field in docs/make_format.py"
