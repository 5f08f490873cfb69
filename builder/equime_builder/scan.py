"""The stock Parquet reader with a filter of its own for each split, as folds differ in their rows, not their files."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from operator import and_
from typing import TYPE_CHECKING, Any

from datasets import DatasetInfo, Split, SplitGenerator
from datasets.packaged_modules.parquet.parquet import Parquet, ParquetConfig
from pyarrow import parquet

from equime_builder.address import is_url
from equime_builder.errors import UsageError, choose
from equime_builder.selection import of_fold
from equime_builder.stream.folder import Folder

if TYPE_CHECKING:
    from pyarrow.compute import Expression


class Scan(Parquet):  # type: ignore[misc]
    """Reads shards as `Parquet` does, keeping ``rows`` only; it is never registered or cached by itself."""

    def __init__(self, config: ParquetConfig, info: DatasetInfo, rows: Expression | None) -> None:
        self.config = dataclasses.replace(config, filters=rows)
        self.info = info


def check_columns(columns: Iterable[str], shard: str) -> None:
    """Check that a shard has these columns, as Arrow's own message would be its whole schema.

    Raises:
        UsageError: A column is unknown; the message lists those that there are.
    """
    names = _names_in(shard)
    for column in columns:
        choose("column", column, names)


def check_choices(config: Any, shard: str) -> None:
    """Check that a shard has what the configuration's choice of rows looks at.

    Raises:
        UsageError: The configuration's clips have no single emotion, or no vector of AUs.
    """
    names = _names_in(shard)
    for option, column in (("emotions", "emotion"), ("aus", "au_intensity")):
        if getattr(config, option) is not None and column not in names:
            raise UsageError(
                f"{option}= needs the column {column!r}, which configuration {config.name!r} lacks; "
                "filter its rows yourself, or choose another configuration"
            )


def _names_in(shard: str) -> list[str]:
    if not is_url(shard):
        return list(parquet.read_schema(shard).names)
    root, _, name = shard.rpartition("/")
    with Folder(root).open(name) as file:
        return list(parquet.read_schema(file).names)


def narrowed(splits: list[Any], rows: Expression | None) -> list[Any]:
    """Return the splits with ``rows`` as their filter; ``None`` keeps all."""
    return [SplitGenerator(name=split.name, gen_kwargs={**split.gen_kwargs, "rows": rows}) for split in splits]


def folded(splits: list[Any], rows: Expression | None, fold: int) -> list[Any]:
    """Return ``train`` and ``test`` over the files of all splits: the other four folds, and ``fold``.

    Raises:
        UsageError: ``fold`` is not 0-4.
    """
    files = [file for split in splits for file in split.gen_kwargs["files"]]
    return [_side(files, rows, fold, held_out=False), _side(files, rows, fold, held_out=True)]


def _side(files: list[str], rows: Expression | None, fold: int, *, held_out: bool) -> Any:
    own = of_fold(fold, held_out=held_out)
    return SplitGenerator(
        name=Split.TEST if held_out else Split.TRAIN,
        gen_kwargs={
            "files": list(files),
            "row_groups_list": [None] * len(files),
            "rows": own if rows is None else and_(rows, own),
        },
    )
