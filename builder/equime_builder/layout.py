"""Names and places in a dataset folder."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Final

from equime_builder.errors import DatasetError
from equime_builder.facs import EMOTION_LABELS
from equime_builder.records import SPLITS, SPOTTING

MANIFEST_FILE: Final = "manifest.json"
SUBJECTS_FILE: Final = "subjects.parquet"
PLAN_FILE: Final = "plan.parquet"
REJECTS_FILE: Final = "rejects.parquet"
TABLE_FILES: Final = (PLAN_FILE, REJECTS_FILE, SUBJECTS_FILE)
CARD_FILE: Final = "README.md"
LICENSE_FILE: Final = "LICENSE"
DATA_FOLDER: Final = "data"
SPOTTING_FOLDER: Final = SPOTTING
FLOW_FOLDER: Final = "flow"


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
    parts = PurePosixPath(path).parts
    if len(parts) != 2 or parts[0] != SPOTTING_FOLDER or not parts[1].endswith(".parquet"):
        return None
    split, _, number = parts[1].removesuffix(".parquet").partition("-")
    return split if split in SPLITS and len(number) >= 5 and number.isdecimal() else None


def flow_path(emotion: str, split: str, number: int) -> str:
    """Return the path of a file of true motion; ``emotion`` may be `equime_builder.records.SPOTTING`."""
    return f"{FLOW_FOLDER}/{emotion}/{split}-{number:05d}.parquet"


def place_order(path: str) -> tuple[int, int, str]:
    """Return a key that sorts shards by emotion and split as their lists do, then by name; other files last."""
    emotion, split = place_of(path) or ("", "")
    names: tuple[str, ...] = SPLITS
    if not emotion:
        return len(EMOTION_LABELS), len(names), path
    return EMOTION_LABELS.index(emotion), names.index(split), path


def check_relative_path(path: str) -> None:
    """Check that a path stays inside the folder that it is relative to, on any system.

    Raises:
        DatasetError: It is absolute, climbs, names a drive, or holds characters that file systems read differently.
    """
    plain = path.isprintable() and not set(path) & set('\\:*?"<>|')
    if not path or not plain or any(part in ("", ".", "..") for part in path.split("/")):
        raise DatasetError(f"{MANIFEST_FILE}: path {path!r:.120} leaves the folder or is no plain relative path")
