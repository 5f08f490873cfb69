"""The dataset card: YAML that makes ``load_dataset`` work, and prose whose numbers are computed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from equime_builder.card_prose import prose
from equime_builder.layout import CARD_FILE, DATA_FOLDER, SPOTTING_FOLDER, TAR_FOLDER, VQA_FOLDER
from equime_builder.manifest import Manifest
from equime_builder.publish import publish_text
from equime_builder.records import SPLITS, SPOTTING
from equime_builder.review_section import review_section
from equime_builder.reviewed import reviewed
from equime_builder.schema import COLUMNS, features
from equime_builder.spotting import SPOTTING_COLUMNS
from equime_builder.spotting_card import spotting_section
from equime_builder.summary import Summary
from equime_builder.tar_card import tar_section
from equime_builder.tars import sample_features
from equime_builder.vqa_card import vqa_section
from equime_builder.vqa_rows import VQA, VQA_COLUMNS

ALL_CONFIG: Final = "all"
"""Name of the default configuration: all emotions, negatives included."""

_GATE_PROMPT: Final = (
    "These clips are synthetic faces for research on micro-expressions. By asking for access you agree to the licence "
    "(CC BY-NC 4.0) and to the forbidden uses named on this card: no inference of emotions of people at work or at "
    "school, no deception detection on people, no identification of anybody."
)
_GATE_FIELDS: Final = {
    "Name": "text",
    "Institution": "text",
    "Country": "country",
    "Research statement": "text",
    "I agree to the licence and to the forbidden uses": "checkbox",
}
_SIZES: Final = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))


def write_card(root: Path, manifest: Manifest, summary: Summary) -> Path:
    """Write ``README.md`` of a dataset folder from its shards, its manifest and its reviews.

    Args:
        summary: Figures of the manifest's ``clip_files``.

    Raises:
        DatasetError: A shard or the reviews cannot be read.
        OutputError: The place cannot be written.
    """
    from huggingface_hub import DatasetCardData

    apart = [review_section(reviewed(root))]
    apart += [spotting_section(root, manifest)] if manifest.spotting else []
    apart += [vqa_section(root, manifest)] if manifest.vqa else []
    apart += [tar_section(manifest)] if manifest.tars else []
    header = DatasetCardData(**header_of(manifest)).to_yaml(line_break="\n")
    return publish_text(root / CARD_FILE, f"---\n{header}\n---\n\n{prose(manifest, summary, apart)}")


def configs_of(
    counts: Mapping[str, Mapping[str, int]], spotting: Iterable[str] = (), vqa: Iterable[str] = ()
) -> list[dict[str, Any]]:
    """Return the ``configs`` of the card's YAML: all (the default), each emotion that has clips, spotting and vqa.

    Splits without a shard are left out, for a pattern that matches nothing does not load.

    Args:
        counts: Clips by emotion and split, as `Manifest.counts`.
        spotting: Splits that have clips of several events.
        vqa: Splits that have questions.
    """
    everywhere = [split for split in SPLITS if any(split in of_emotion for of_emotion in counts.values())]
    everything = {"config_name": ALL_CONFIG, "default": True, "data_files": _globs("*", everywhere)}
    emotions = [{"config_name": name, "data_files": _globs(name, counts[name])} for name in counts]
    apart = [
        {
            "config_name": name,
            "data_files": [{"split": split, "path": f"{folder}/{split}-*.parquet"} for split in splits],
        }
        for name, folder, splits in ((SPOTTING, SPOTTING_FOLDER, spotting), (VQA, VQA_FOLDER, vqa))
    ]
    return [everything, *emotions, *(config for config in apart if config["data_files"])]


def tar_configs_of(counts: Mapping[str, Mapping[str, int]], spotting: Iterable[str] = ()) -> list[dict[str, Any]]:
    """Return the same for a folder whose clips stand in WebDataset shards alone, so without vqa.

    Args:
        counts: As for `configs_of`.
        spotting: As for `configs_of`.
    """

    def files(emotions: Iterable[str], split: str) -> dict[str, Any]:
        return {"split": split, "path": [f"{TAR_FOLDER}/{name}/{split}-*.tar" for name in emotions]}

    by_split = {split: [name for name, of_emotion in counts.items() if split in of_emotion] for split in SPLITS}
    everything = [files(names, split) for split, names in by_split.items() if names]
    configs = {ALL_CONFIG: everything, **{name: [files([name], split) for split in counts[name]] for name in counts}}
    configs |= {SPOTTING: [files([SPOTTING], split) for split in spotting]}
    named = [{"config_name": name, "data_files": of_config} for name, of_config in configs.items() if of_config]
    return [{**config, "default": True} if config["config_name"] == ALL_CONFIG else config for config in named]


def _marked(configs: list[dict[str, Any]], manifest: Manifest) -> list[dict[str, Any]]:
    # datasets 5.2 keys its cache of a local folder by the card alone: without this line a folder that was rendered
    # anew would be served from the rows of the old one
    return [{**config, "description": f"shards {manifest.contents}"} for config in configs]


def _globs(emotion: str, splits: Iterable[str]) -> list[dict[str, str]]:
    return [{"split": split, "path": f"{DATA_FOLDER}/{emotion}/{split}-*.parquet"} for split in splits]


def _features(manifest: Manifest) -> dict[str, Any]:
    """Return features by configuration; Parquet files state their own, so one name a layout will do."""
    spotting = [SPOTTING] if manifest.spotting else []
    if manifest.is_tar_only:
        own = dict.fromkeys([ALL_CONFIG, *manifest.counts], COLUMNS) | dict.fromkeys(spotting, SPOTTING_COLUMNS)
        return {name: sample_features(columns) for name, columns in own.items()}
    layouts = {ALL_CONFIG: COLUMNS} | dict.fromkeys(spotting, SPOTTING_COLUMNS)
    layouts |= {VQA: VQA_COLUMNS} if manifest.vqa else {}
    return {name: features(columns) for name, columns in layouts.items()}


def _configs(manifest: Manifest) -> list[dict[str, Any]]:
    if manifest.is_tar_only:
        return tar_configs_of(manifest.counts, manifest.spotting)
    return configs_of(manifest.counts, manifest.spotting, manifest.vqa)


def header_of(manifest: Manifest) -> dict[str, Any]:
    """Return the card's YAML: licence, tags, configurations and the form by which readers ask for access."""
    return {
        "license": "cc-by-nc-4.0",
        "pretty_name": "EquiME",
        "language": ["en"],
        "language_creators": ["machine-generated"],
        "multilinguality": "monolingual",
        "task_categories": ["video-classification", "video-text-to-text", "image-to-video"],
        "size_categories": [next((name for limit, name in _SIZES if manifest.clips < limit), "1M<n<10M")],
        "annotations_creators": ["machine-generated"],
        "source_datasets": ["original"],
        "tags": ["micro-expression", "action-units", "facs", "synthetic", "video", "fairness"],
        "configs": _marked(_configs(manifest), manifest),
        "dataset_info": [
            {"config_name": name, "features": known._to_yaml_list()} for name, known in _features(manifest).items()
        ],
        "extra_gated_prompt": _GATE_PROMPT,
        "extra_gated_fields": _GATE_FIELDS,
        "extra_gated_button_content": "Agree and ask for access",
    }
