"""The builder class by itself, and the classes that users derive from it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pyarrow import compute

from equime_builder.errors import DatasetMissingError, UsageError
from equime_dataset import EquiME, EquiMEConfig
from tests.dataset.plain_reading import ids, table


class UpperFace(EquiME):
    """Brows and lids alone: what a user would write."""

    BUILDER_CONFIGS = [  # noqa: RUF012 - the stock class declares it so
        EquiMEConfig(name="upper_face", aus=(1, 2, 4, 5, 6, 7, 43), columns=["id", "emotion", "subject_id"])
    ]


class OnePerson(EquiMEConfig):
    """A configuration that chooses rows by code."""

    def rows(self) -> Any:
        return compute.field("subject_id") == self.description


class ByPerson(EquiME):
    BUILDER_CONFIG_CLASS = OnePerson
    BUILDER_CONFIGS = [  # noqa: RUF012
        OnePerson(name=name, description=name, columns=["id", "subject_id"]) for name in ("t001", "t002")
    ]


def test_prepares_and_streams_a_configuration_of_the_card(tiny_dataset: Path) -> None:
    builder = EquiME(config_name="fear", data_dir=tiny_dataset)
    builder.download_and_prepare()
    expected = sorted(table(tiny_dataset, "data/fear/train-*")["id"].to_pylist())
    assert ids(builder.as_dataset(split="train")) == expected
    assert ids(builder.as_streaming_dataset(split="train").decode(False)) == expected


def test_takes_the_default_of_the_card(home: Path) -> None:
    assert EquiME().config.name == "all"
    assert EquiME(emotions=("fear",)).config.emotions == ("fear",)


def test_a_subclass_adds_a_configuration(home: Path) -> None:
    builder = UpperFace(data_dir=home)
    builder.download_and_prepare()
    rows = builder.as_dataset(split="train")
    assert builder.config.name == "upper_face"
    assert rows.column_names == ["id", "subject_id", "emotion"]
    assert ids(rows) == sorted(table(home, "data/*/train-*")["id"].to_pylist())
    assert UpperFace(config_name="fear").config.name == "fear"


def test_a_subclass_chooses_rows_by_code(home: Path) -> None:
    for name in ("t001", "t002"):
        builder = ByPerson(config_name=name)
        stream = builder.as_streaming_dataset()
        found = [row for split in stream.values() for row in split]
        assert {row["subject_id"] for row in found} == {name}
        assert len(found) == 6
    with pytest.raises(UsageError, match="choose from: all, fear, anger, neutral, t001, t002"):
        ByPerson(config_name="t003")


def test_needs_a_dataset(tmp_path: Path) -> None:
    with pytest.raises(DatasetMissingError, match=r"\(data_dir\): there is no such folder"):
        EquiME(config_name="fear", data_dir=tmp_path / "none")
