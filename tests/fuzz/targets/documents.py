"""JSON and YAML: manifests, cards, states of runs, journals."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Final

from equime_builder.layout import CARD_FILE, MANIFEST_FILE, RECIPE_FILE
from equime_builder.locate import content_key
from equime_builder.manifest import read_manifest, stated_manifest
from equime_builder.registration import folder_module
from equime_builder.stream.folder import Folder
from equime_builder.stream.source import find_shards
from equime_builder.verify import verify
from equime_evaluation.clips import Journal
from equime_generation.claim import claim, pin_photos
from equime_generation.config import RunConfig
from equime_generation.regeneration.blueprint import Blueprint
from tests.fuzz.mutations import mutated_json
from tests.fuzz.target import Target
from tests.fuzz.targets.tables import whole_folder
from tests.samples import people


def _manifest(folder: Path, *, name: str = MANIFEST_FILE) -> list[bytes]:
    whole_folder(folder)
    if name != MANIFEST_FILE:
        (folder / MANIFEST_FILE).rename(folder / name)
    return [(folder / name).read_bytes()]


def _claimed(folder: Path) -> object:
    with claim(RunConfig(out=str(folder), clips_per_emotion=1)) as workspace:
        return workspace.is_finished


def _run(folder: Path) -> list[bytes]:
    with claim(RunConfig(out=str(folder), clips_per_emotion=1)) as workspace:
        return [(workspace.folder / "run.json").read_bytes()]


def _pins(folder: Path) -> list[bytes]:
    with claim(RunConfig(out=str(folder), clips_per_emotion=1)) as workspace:
        pin_photos(workspace, people(3))
        return [(workspace.folder / "photos.json").read_bytes()]


def _pinned(folder: Path) -> object:
    with claim(RunConfig(out=str(folder), clips_per_emotion=1)) as workspace:
        pin_photos(workspace, people(3))
    return None


def _journal(folder: Path) -> list[bytes]:
    with Journal(folder / "journal.jsonl", "settings") as journal:
        journal.add("clip", "key", {"psnr": 40.5})
    return [(folder / "journal.jsonl").read_bytes().strip()]


def _journalled(folder: Path) -> object:
    with Journal(folder / "journal.jsonl", "settings") as journal:
        return journal.found("clip", "key")


def _card(folder: Path) -> list[bytes]:
    whole_folder(folder)
    return [(folder / CARD_FILE).read_bytes()]


TARGETS: Final[dict[str, Target]] = {
    "manifest": Target(
        file=MANIFEST_FILE,
        samples=_manifest,
        readers=(
            read_manifest,
            verify,
            content_key,
            lambda folder: find_shards(Folder(str(folder)), "fear", "train"),
            lambda folder: Blueprint.of(folder).config(out=folder / "again"),
        ),
        mutate=mutated_json,
        refused=True,
    ),
    "recipe": Target(
        file=RECIPE_FILE,
        samples=partial(_manifest, name=RECIPE_FILE),
        readers=(stated_manifest, lambda folder: Blueprint.of(folder).config(out=folder / "again")),
        mutate=mutated_json,
        refused=True,
    ),
    "card": Target(
        file=CARD_FILE,
        few=25,
        samples=_card,
        readers=(lambda folder: folder_module(folder, name="equime", builder_module="equime_dataset"),),
        marks=(b"configs:", b"data_files:", b"path: ", b"config_name: ", b"dtype: ", b"---\n"),
    ),
    "run": Target(file=".work/run.json", samples=_run, readers=(_claimed,), mutate=mutated_json),
    "pins": Target(file=".work/photos.json", samples=_pins, readers=(_pinned,), mutate=mutated_json),
    "journal": Target(file="journal.jsonl", samples=_journal, readers=(_journalled,), mutate=mutated_json),
}
