"""Rows chosen by emotion, by Action Unit, by fold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from datasets import load_dataset
from pyarrow import compute

import equime_dataset  # noqa: F401 - registers the name
from equime_builder.errors import UsageError
from tests.dataset.plain_reading import ids, table


def test_emotions(home: Path) -> None:
    rows = load_dataset("equime", emotions=("anger", "neutral"), split="train", columns=["id"])
    assert ids(load_dataset("equime", emotions="fear", split="train")) == ids(
        load_dataset("equime", "fear", split="train")
    )
    wanted = [*table(home, "data/anger/train-*")["id"], *table(home, "data/neutral/train-*")["id"]]
    assert ids(rows) == sorted(name.as_py() for name in wanted)


def test_aus_keeps_clips_in_which_nothing_else_moves(home: Path) -> None:
    rows = load_dataset("equime", aus=(1, 2, 4, 5), columns=["id"])
    for split in rows:
        planned = table(home, f"data/*/{split}-*").to_pylist()
        wanted = [row["id"] for row in planned if {au["au"] for au in row["aus"]} <= {1, 2, 4, 5}]
        assert ids(rows[split]) == sorted(wanted)
        assert 0 < len(wanted) < len(planned)


@pytest.mark.parametrize("streaming", [False, True])
def test_a_fold_is_held_out_whatever_the_split(home: Path, streaming: bool) -> None:
    everything = table(home)
    fold = everything["fold"][0].as_py()
    sides = load_dataset("equime", fold=fold, streaming=streaming, columns=["id", "subject_id"])
    assert set(sides) == {"train", "test"}
    held_out = everything.filter(compute.field("fold") == fold)["id"].to_pylist()
    assert ids(sides["test"]) == sorted(held_out)
    assert ids(sides["train"]) == sorted(set(everything["id"].to_pylist()) - set(held_out))


def test_choices_combine_with_filters(home: Path) -> None:
    fold = table(home)["fold"][0].as_py()
    options: dict[str, Any] = {"fold": fold, "emotions": ("fear",), "columns": ["id"]}
    sides = load_dataset("equime", filters=compute.field("id") != "fear-t001-00", **options)
    wanted = [
        row["id"]
        for row in table(home, "data/fear/*").to_pylist()
        if row["fold"] == fold and row["id"] != "fear-t001-00"
    ]
    assert ids(sides["test"]) == sorted(wanted)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": "joy"}, "configuration 'joy' is unknown; choose from: all, fear, anger, neutral"),
        ({"emotions": ("joy",)}, "emotion 'joy' is unknown; choose from: happiness"),
        ({"aus": (3,)}, "AU '3' is unknown; choose from: 1, 2, 4"),
        ({"fold": 5}, "fold '5' is unknown; choose from: 0, 1, 2, 3, 4"),
        ({"columns": ["id", "au"]}, "column 'au' is unknown; choose from: id, plan_id, .*synthetic"),
        ({"emotion": "fear"}, "option 'emotion' is unknown; choose from: .*emotions, aus, fold"),
    ],
)
def test_a_wrong_value_is_answered_with_the_choices(home: Path, options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        load_dataset("equime", **options)
