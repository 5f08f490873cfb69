"""The card of the tiny dataset: its YAML as the Hub reads it, and its numbers against the rows."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import DatasetCard

from equime_builder.card import configs_of, write_card
from equime_builder.manifest import FileEntry, Manifest, read_manifest
from equime_builder.schema import COLUMN_NAMES, features
from equime_builder.shards import write_rows
from equime_builder.summary import summarize
from tests.samples import byte_row


@pytest.fixture(scope="module")
def card(tiny_dataset: Path) -> DatasetCard:
    loaded: DatasetCard = DatasetCard.load(tiny_dataset / "README.md")
    return loaded


@pytest.fixture(scope="module")
def header(card: DatasetCard) -> dict[str, Any]:
    return dict(card.data.to_dict())  # type: ignore[no-untyped-call]


def test_the_hub_accepts_the_header(header: dict[str, Any]) -> None:
    assert header["license"] == "cc-by-nc-4.0"
    assert header["pretty_name"] == "EquiME"
    assert header["size_categories"] == ["n<1K"]
    assert "video-classification" in header["task_categories"]
    fields = header["extra_gated_fields"]
    assert set(fields.values()) == {"text", "country", "checkbox"}
    assert {"Institution", "Research statement"} <= set(fields)
    assert "CC BY-NC 4.0" in header["extra_gated_prompt"]


def test_configs_name_all_and_each_emotion(header: dict[str, Any]) -> None:
    configs = {config["config_name"]: config for config in header["configs"]}
    assert list(configs) == ["all", "fear", "anger", "neutral"]
    assert [name for name, config in configs.items() if config.get("default")] == ["all"]
    assert configs["all"]["data_files"][0] == {"split": "train", "path": "data/*/train-*.parquet"}
    assert configs["fear"]["data_files"] == [
        {"split": split, "path": f"data/fear/{split}-*.parquet"} for split in ("train", "validation", "test")
    ]


def test_a_split_without_clips_is_left_out() -> None:
    everything, fear, anger = configs_of({"fear": {"train": 3}, "anger": {"train": 1, "test": 2}})
    assert [file["split"] for file in everything["data_files"]] == ["train", "test"]
    assert [file["split"] for file in fear["data_files"]] == ["train"]
    assert [file["split"] for file in anger["data_files"]] == ["train", "test"]


def test_features_of_the_header_are_those_of_the_schema(card: DatasetCard) -> None:
    from datasets.info import DatasetInfosDict

    assert DatasetInfosDict.from_dataset_card_data(card.data)["all"].features == features()


def test_the_prose_has_every_section_and_column(card: DatasetCard) -> None:
    sections = re.findall(r"^## (.+)$", card.text, re.MULTILINE)
    assert sections == [
        "Uses", "Structure", "Measured motion", "Reviews by people", "How it was made",
        "Sources", "How demographics were obtained", "Limits and biases", "Words used", "Licence", "Citation",
    ]  # fmt: skip
    assert re.findall(r"^\| `(\w+)` \|", card.text, re.MULTILINE) == list(COLUMN_NAMES)
    for forbidden in ("at work or at\n?.*school", "detecting deception", "identifying anybody"):
        assert re.search(forbidden, card.text)
    assert "More Information Needed" not in card.text


def test_the_numbers_are_those_of_the_rows(card: DatasetCard, tiny_dataset: Path) -> None:
    manifest = read_manifest(tiny_dataset)
    assert "18 synthetic video clips of facial micro-expressions on 3 people" in card.text
    assert "All clips together last 1.8 minutes" in card.text
    # one person a split: t001 and t002 are women, t003 a man
    rows = dict(re.findall(r"^\| (fear|anger|neutral|all) \| (.+) \|$", card.text, re.MULTILINE))
    assert rows["fear"].split(" | ")[-1] == str(sum(manifest.counts["fear"].values())) == "6"
    assert rows["all"].split(" | ")[-1] == "18"
    assert "| median correlation with the planned motion | 0.970 |" in card.text
    assert "| median slope (measured / planned) | 0.900 |" in card.text
    assert "| apex within 1 frame | 6 of 6 (100.0 %) |" in card.text
    assert "| movements found on negatives without a blink | 0 |" in card.text
    assert f"`{manifest.fingerprint}`" in card.text


def test_what_was_declared_measured_and_estimated_stand_apart(card: DatasetCard) -> None:
    assert "- declared by: drawn by a test" in card.text
    assert "- guessed by a model: nothing was estimated" in card.text
    assert "measured on the photo, 1 of 3 people" in card.text  # of t001 to t003, t002 alone has an angle


def test_texts_from_outside_stay_in_their_line(tmp_path: Path) -> None:
    row = {**byte_row(1, b"abc"), "gender": "a|b", "source": "x\n# Heading", "measured": None}
    write_rows(tmp_path / "data/fear/train-00000.parquet", [row])
    entry = FileEntry(path="data/fear/train-00000.parquet", rows=1, size_bytes=1, sha256="0" * 64)
    write_card(tmp_path, Manifest(code_version="1", config={}, files=(entry,)), summarize(tmp_path, [entry.path]))
    text = (tmp_path / "README.md").read_text()
    assert "- photos: x # Heading" in text
    assert "a\\|b" in text
    assert "The motion of these clips was not measured." in text
