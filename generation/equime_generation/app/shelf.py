"""The clips of a dataset by their columns; a video is read when somebody asks for its clip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from equime_builder.errors import DatasetError
from equime_builder.facs import AUS, EMOTION_LABELS, SLOTS
from equime_builder.gallery.choice import Candidate, rows_of
from equime_builder.manifest import read_manifest
from equime_builder.schema import check_schema
from equime_builder.values import check_values

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa
    from numpy.typing import NDArray

    from equime_builder.manifest import FileEntry

GROUPS: Final = ("gender", "age_group", "skin_tone")
"""Columns of declared groups that clips can be chosen by."""
_COLUMNS: Final = ("id", "plan_id", "subject_id", *GROUPS, "au_intensity", "measured.motion_px", "measured.correlation")

ORDERS: Final[dict[str, tuple[str, int]]] = {
    "as stored": ("", 1),
    "smallest motion first": ("motion_px", 1),
    "largest motion first": ("motion_px", -1),
    "lowest correlation first": ("correlation", 1),
}
"""Names of orders: measured value and direction; what was not measured comes last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which clips are wanted; empty = any.

    Attributes:
        emotions: One of these.
        aus: All of these move, on either side.
        splits: One of these.
        groups: Declared group by column of `GROUPS`.
        least_motion_px: Measured motion is at least that large; 0 keeps clips that were not measured, too.
        least_correlation: Of the measured motion with the planned one; 0 as above.
        order: One of `ORDERS`.
    """

    emotions: Sequence[str] = ()
    aus: Sequence[int] = ()
    splits: Sequence[str] = ()
    groups: Sequence[tuple[str, str]] = ()
    least_motion_px: float = 0.0
    least_correlation: float = 0.0
    order: str = "as stored"


class Shelf:
    """All clips of one event or none, in the order of their shards.

    Args:
        root: The dataset folder.

    Raises:
        DatasetError: A shard cannot be read, or the dataset keeps its clips in tar files alone.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._entries = [entry for entry in read_manifest(root).shards if entry.place is not None]
        if not self._entries:
            raise DatasetError(f"{root}: it has no Parquet shards to browse; render it with --format both")
        tables = [_columns_of(root, entry) for entry in self._entries]
        lengths = [table.num_rows for table in tables]
        self._shard = np.repeat(np.arange(len(tables)), lengths)
        self._row = np.concatenate([np.arange(length) for length in lengths])
        self._texts = {name: _texts(tables, name) for name in ("id", "plan_id", "subject_id", *GROUPS)}
        self._emotion = np.repeat([entry.emotion for entry in self._entries], lengths)
        self._split = np.repeat([entry.split for entry in self._entries], lengths)
        self._moves = np.concatenate([_units(table) for table in tables])
        self._measured = {name: _measured(tables, name) for name in ("motion_px", "correlation")}

    def __len__(self) -> int:
        return len(self._row)

    def values(self, column: str) -> list[str]:
        """Return the values of a column of `GROUPS` that occur, sorted."""
        return sorted({str(value) for value in self._texts[column] if value is not None})

    @property
    def emotions(self) -> list[str]:
        """Emotions that occur, in the label's order."""
        found = set(self._emotion.tolist())
        return [name for name in EMOTION_LABELS if name in found]

    def chosen(self, choice: Choice) -> NDArray[np.int64]:
        """Return the places of the clips that a choice keeps, in its order."""
        keep = np.ones(len(self), np.bool_)
        if choice.emotions:
            keep &= np.isin(self._emotion, list(choice.emotions))
        if choice.splits:
            keep &= np.isin(self._split, list(choice.splits))
        for au in choice.aus:
            keep &= self._moves[:, AUS.index(au)]
        for column, value in choice.groups:
            keep &= self._texts[column] == value
        for name, least in (("motion_px", choice.least_motion_px), ("correlation", choice.least_correlation)):
            if least > 0:
                keep &= self._measured[name] >= least  # False where it was not measured
        places = np.flatnonzero(keep)
        column, sign = ORDERS[choice.order]
        return places[np.argsort(sign * self._measured[column][places], kind="stable")] if column else places

    def line(self, place: int) -> dict[str, Any]:
        """Return what a list shows of a clip; ``None`` = not declared, or not measured."""
        measured = {name: float(values[place]) for name, values in self._measured.items()}
        return {
            **{name: values[place] for name, values in self._texts.items()},
            "emotion": str(self._emotion[place]),
            "split": str(self._split[place]),
            "aus": [au for au, moves in zip(AUS, self._moves[place], strict=True) if moves],
            **{name: None if np.isnan(value) else value for name, value in measured.items()},
        }

    def row(self, place: int) -> dict[str, Any]:
        """Return a clip's whole row, its video among it.

        Raises:
            DatasetError: The shard cannot be read.
        """
        line, entry = self.line(place), self._entries[self._shard[place]]
        names = ("id", "plan_id", "subject_id", "gender", "skin_tone", "emotion", "split")
        wanted = Candidate(**{name: line[name] for name in names}, shard=entry.path, row=int(self._row[place]))
        return next(rows_of(self._root, [wanted]))[1]


def _columns_of(root: Path, entry: FileEntry) -> pa.Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(root / entry.path) as file:
            check_schema(file.schema_arrow, where=entry.path)
            table = file.read(columns=list(_COLUMNS))
            check_values(table, where=entry.path)
            return table
    except (pa.ArrowException, OSError) as error:
        raise DatasetError(f"{entry.path}: cannot be read: {error}; run equime verify on the dataset") from error


def _texts(tables: Sequence[pa.Table], name: str) -> NDArray[np.object_]:
    return np.concatenate([table[name].to_numpy() for table in tables])


def _units(table: pa.Table) -> NDArray[np.bool_]:
    """Return (rows, 18) bool: which Action Units move on either side."""
    flat = table["au_intensity"].combine_chunks().flatten().to_numpy(zero_copy_only=False)
    return np.asarray((flat.reshape(-1, len(SLOTS) // 2, 2) > 0).any(-1))


def _measured(tables: Sequence[pa.Table], name: str) -> NDArray[np.float64]:
    """Return a measured value of each clip, NaN where there is none."""
    from pyarrow import compute

    columns = [compute.struct_field(table["measured"], name) for table in tables]
    return np.concatenate([compute.fill_null(column, np.nan).to_numpy() for column in columns])
