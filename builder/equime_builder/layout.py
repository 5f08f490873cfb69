"""Names and places in a dataset folder."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Final

from equime_builder.errors import DatasetError
from equime_builder.facs import EMOTION_LABELS
from equime_builder.records import SPLITS, SPOTTING

MANIFEST_FILE: Final = "manifest.json"
RECIPE_FILE: Final = "recipe.json"
"""The manifest of a recipe release: of the dataset that its recipes make, none of whose clips it holds."""
SUBJECTS_FILE: Final = "subjects.parquet"
PLAN_FILE: Final = "plan.parquet"
REJECTS_FILE: Final = "rejects.parquet"
TABLE_FILES: Final = (PLAN_FILE, REJECTS_FILE, SUBJECTS_FILE)
CARD_FILE: Final = "README.md"
DATASHEET_FILE: Final = "datasheet.md"
CROISSANT_FILE: Final = "croissant.json"
PAPER_FILES: Final = (CARD_FILE, DATASHEET_FILE, CROISSANT_FILE)
"""Files that describe the dataset; each names the contents that it describes, `Manifest.contents`."""
LICENSE_FILE: Final = "LICENSE"
DATA_FOLDER: Final = "data"
SPOTTING_FOLDER: Final = SPOTTING
VQA_FOLDER: Final = "vqa"
FLOW_FOLDER: Final = "flow"
QUALITY_FOLDER: Final = "quality"
ATTRIBUTES_FOLDER: Final = "attributes"
TAR_FOLDER: Final = "webdataset"
LABELS_FOLDER: Final = "labels"
_LONGEST_BYTES: Final = 255
"""Of a path; longer names are none to most file systems."""


def shard_path(emotion: str, split: str, number: int) -> str:
    """Return the path of a shard, relative to the dataset folder."""
    return f"{DATA_FOLDER}/{emotion}/{split}-{number:05d}.parquet"


def place_of(path: str) -> tuple[str, str] | None:
    """Return emotion and split of ``data/<emotion>/<split>-<number>.parquet``, or None for any other path."""
    parts = PurePosixPath(path).parts
    if len(parts) != 3 or parts[0] != DATA_FOLDER or not parts[2].endswith(".parquet"):
        return None
    split, _, number = parts[2].removesuffix(".parquet").partition("-")
    if parts[1] not in EMOTION_LABELS or split not in SPLITS or len(number) < 5 or not number.isdecimal():
        return None
    return parts[1], split


def spotting_path(split: str, number: int) -> str:
    """Return the path of a shard, relative to the dataset folder."""
    return f"{SPOTTING_FOLDER}/{split}-{number:05d}.parquet"


def spotting_split_of(path: str) -> str | None:
    """Return the split of ``spotting/<split>-<number>.parquet``, or None for any other path."""
    return _split_in(SPOTTING_FOLDER, path)


def vqa_path(split: str, number: int) -> str:
    """Return the path of a shard of questions, relative to the dataset folder."""
    return f"{VQA_FOLDER}/{split}-{number:05d}.parquet"


def vqa_split_of(path: str) -> str | None:
    """Return the split of ``vqa/<split>-<number>.parquet``, or None for any other path."""
    return _split_in(VQA_FOLDER, path)


def _split_in(folder: str, path: str) -> str | None:
    parts = PurePosixPath(path).parts
    if len(parts) != 2 or parts[0] != folder or not parts[1].endswith(".parquet"):
        return None
    split, _, number = parts[1].removesuffix(".parquet").partition("-")
    return split if split in SPLITS and len(number) >= 5 and number.isdecimal() else None


def flow_twin(path: str) -> str:
    """Return the path of the file of true motion of a shard's clips.

    Example:
        >>> flow_twin("data/fear/train-00000.parquet"), flow_twin("spotting/test-00001.parquet")
        ('flow/fear/train-00000.parquet', 'flow/spotting/test-00001.parquet')
    """
    return f"{FLOW_FOLDER}/{path.removeprefix(f'{DATA_FOLDER}/')}"


def labels_twin(path: str) -> str:
    """Return the path of the labels of a shard's clips in a recipe release, as `flow_twin`."""
    return f"{LABELS_FOLDER}/{path.removeprefix(f'{DATA_FOLDER}/')}"


def tar_path(emotion: str, split: str, number: int) -> str:
    """Return the path of a WebDataset shard; ``emotion`` may be `equime_builder.records.SPOTTING`."""
    return f"{TAR_FOLDER}/{emotion}/{split}-{number:05d}.tar"


def tar_place_of(path: str) -> tuple[str, str] | None:
    """Return emotion and split of ``webdataset/<emotion>/<split>-<number>.tar``, or None for any other path.

    The emotion is `equime_builder.records.SPOTTING` on clips of several events.
    """
    parts = PurePosixPath(path).parts
    if len(parts) != 3 or parts[0] != TAR_FOLDER or not parts[2].endswith(".tar"):
        return None
    split, _, number = parts[2].removesuffix(".tar").partition("-")
    if parts[1] not in (*EMOTION_LABELS, SPOTTING) or split not in SPLITS or len(number) < 5 or not number.isdecimal():
        return None
    return parts[1], split


def tar_twin(path: str) -> str:
    """Return the path of the WebDataset shard that holds the rows of a Parquet shard.

    Example:
        >>> tar_twin("data/fear/train-00000.parquet"), tar_twin("spotting/test-00001.parquet")
        ('webdataset/fear/train-00000.tar', 'webdataset/spotting/test-00001.tar')
    """
    return f"{TAR_FOLDER}/{path.removeprefix(f'{DATA_FOLDER}/').removesuffix('.parquet')}.tar"


def parquet_twin(path: str) -> str:
    """Return the path of the Parquet shard that holds the rows of a WebDataset shard, as `tar_twin` back."""
    inside = f"{path.removeprefix(f'{TAR_FOLDER}/').removesuffix('.tar')}.parquet"
    return inside if inside.startswith(f"{SPOTTING_FOLDER}/") else f"{DATA_FOLDER}/{inside}"


def place_order(path: str) -> tuple[int, int, str]:
    """Return a key that sorts shards by emotion and split as their lists do, then by name; other files last."""
    emotion, split = place_of(path) or tar_place_of(path) or ("", "")
    names: tuple[str, ...] = SPLITS
    if emotion not in EMOTION_LABELS:
        return len(EMOTION_LABELS), len(names), path
    return EMOTION_LABELS.index(emotion), names.index(split), path


def check_relative_path(path: str) -> None:
    """Check that a path stays inside the folder that it is relative to, on any system.

    Raises:
        DatasetError: It is absolute, climbs, names a drive, is over 255 bytes long, or holds characters that file
            systems read differently.
    """
    plain = path.isprintable() and not set(path) & set('\\:*?"<>|') and len(path.encode()) <= _LONGEST_BYTES
    if not path or not plain or any(part in ("", ".", "..") for part in path.split("/")):
        raise DatasetError(f"{MANIFEST_FILE}: path {path!r:.120} leaves the folder or is no plain relative path")
