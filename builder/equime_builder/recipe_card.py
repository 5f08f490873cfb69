"""The card of a recipe release: what it is, how to build the clips, and labels that load as they are."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from equime_builder.card import ALL_CONFIG, header_of
from equime_builder.labels import LABEL_COLUMNS, SPOTTING_LABEL_COLUMNS
from equime_builder.layout import CARD_FILE, LABELS_FOLDER, SUBJECTS_FILE
from equime_builder.manifest import Manifest
from equime_builder.publish import publish_text
from equime_builder.records import SPLITS, SPOTTING
from equime_builder.schema import features
from equime_builder.tables import read_subjects


def write_recipe_card(root: Path, manifest: Manifest) -> Path:
    """Write ``README.md`` of a recipe release.

    Args:
        root: The release; its table of subjects is there.
        manifest: Of the dataset that it makes.

    Raises:
        DatasetError: The table of subjects is damaged.
        OutputError: The place cannot be written.
    """
    from huggingface_hub import DatasetCardData

    header = DatasetCardData(**_header(manifest)).to_yaml(line_break="\n")
    subjects = [subject for subject, _ in read_subjects(root / SUBJECTS_FILE).values()]
    licences = sorted({f"- {person.source}: {' '.join(person.source_license.split())}" for person in subjects})
    return publish_text(root / CARD_FILE, f"---\n{header}\n---\n\n{_prose(manifest, len(subjects), licences)}")


def _header(manifest: Manifest) -> dict[str, Any]:
    emotions: dict[str, list[str]] = {
        name: [split for split in SPLITS if split in own] for name, own in manifest.counts.items()
    }
    everything = [
        _files(split, [name for name, splits in emotions.items() if split in splits])
        for split in SPLITS
        if any(split in splits for splits in emotions.values())
    ]
    configs: list[dict[str, Any]] = [{"config_name": ALL_CONFIG, "default": True, "data_files": everything}]
    kinds: dict[str, list[str]] = {**emotions, **({SPOTTING: list(manifest.spotting)} if manifest.spotting else {})}
    configs += [
        {"config_name": name, "data_files": [_files(split, [name]) for split in splits]}
        for name, splits in kinds.items()
    ]
    layouts = {ALL_CONFIG: LABEL_COLUMNS} | ({SPOTTING: SPOTTING_LABEL_COLUMNS} if manifest.spotting else {})
    info = [{"config_name": name, "features": features(own)._to_yaml_list()} for name, own in layouts.items()]
    named = {"pretty_name": "EquiME, recipes", "configs": configs, "dataset_info": info}
    header = header_of(manifest)
    return {**header, **named, "tags": [*header["tags"], "recipe-release"]}


def _files(split: str, names: Iterable[str]) -> dict[str, Any]:
    return {"split": split, "path": [f"{LABELS_FOLDER}/{name}/{split}-*.parquet" for name in names]}


def _prose(manifest: Manifest, people: int, licences: Iterable[str]) -> str:
    faces = str(manifest.config.get("faces", "SOURCE"))
    clips = manifest.clips + sum(manifest.spotting.values())
    lines = "\n".join(licences)
    return f"""\
# EquiME, recipe release

The recipes of {clips} synthetic video clips of facial micro-expressions on {people} people, without the clips: every
plan to the last digit, every label and measured value, the hash of every photo and of every file that comes of them.
The photos must not be passed on, nor clips made from them; whoever has them builds the very same dataset:

```console
$ pip install "equime[render]=={manifest.code_version}"
$ equime pull ORGANISATION/NAME equime
$ equime regenerate equime --faces {faces}
```

Every photo is checked by its hash before anything is rendered. With the versions that the recipes name the shards have
the same bytes; with others each clip is compared with its labels, and what differs is named. The folder then loads like
any other: `load_dataset("equime", "fear")`.

Photos:

{lines}

## Labels without clips

```python
from datasets import load_dataset

labels = load_dataset("ORGANISATION/NAME", "{next(iter(manifest.counts), ALL_CONFIG)}")  # all columns but the video
```

## Forbidden uses

- inferring the emotions of people at work or at school
- detecting deception in people
- identifying anybody, or linking a clip to a real person

## Licence

[CC BY-NC 4.0](https://creativecommons.org/licenses/by-nc/4.0/) for plans and labels, as far as the photos' own licences
allow; see `LICENSE`. Configuration: fingerprint `{manifest.fingerprint}`, in full in `recipe.json`.
"""
