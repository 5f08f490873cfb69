"""The YAML of a dataset card, looked at before `datasets` follows it: to any place of the machine or the network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any, Final

from equime_builder.errors import DatasetError
from equime_builder.layout import CARD_FILE

MOST_CARD_BYTES: Final = 4 * 2**20
"""A card has some 100 kB."""
_SECOND_CARD: Final = ".huggingface.yaml"
_DAMAGED: Final = (OSError, ValueError, TypeError, AttributeError, LookupError, RecursionError)


def check_card(folder: Path) -> None:
    """Check that a folder's card names files of that folder alone, and is no larger than it looks.

    Raises:
        DatasetError: It does not, or cannot be read.
    """
    import yaml

    if (folder / _SECOND_CARD).exists():
        raise DatasetError(f"{folder}: {_SECOND_CARD} overrules the card, and no dataset of EquiME has it; remove it")
    card = folder / CARD_FILE
    if not card.is_file():
        return  # whoever needs it says so
    try:
        outside = next((path for path in _named(card) if not _is_inside(path)), None)
    except (yaml.YAMLError, *_DAMAGED) as error:
        reason = " ".join(str(error).split())
        raise DatasetError(f"{folder}: {CARD_FILE} cannot be read: {reason:.200}; run equime verify") from error
    if outside is not None:
        raise DatasetError(f"{folder}: {CARD_FILE} names {outside!r:.120}, which is outside; do not use it")


def _named(card: Path) -> Iterator[str]:
    """Yield the patterns of files and the folders that a card names."""
    from datasets.data_files import sanitize_patterns
    from datasets.info import DatasetInfosDict
    from datasets.utils.metadata import MetadataConfigs
    from huggingface_hub import DatasetCard

    if card.stat().st_size > MOST_CARD_BYTES:
        raise ValueError(f"it has more than {MOST_CARD_BYTES} bytes")
    text = card.read_text(encoding="utf-8")
    _refuse_aliases(text)
    card_data = DatasetCard(text).data
    DatasetInfosDict.from_dataset_card_data(card_data)  # raises what its features lead to
    configs = MetadataConfigs.from_dataset_card_data(card_data)
    configs.get_default_config_name()
    for config in configs.values():
        yield str(config.get("data_dir") or "")
        files: Any = config.get("data_files") or ()
        for patterns in sanitize_patterns(files).values() if files else ():
            yield from map(str, patterns)


def _refuse_aliases(text: str) -> None:
    """Refuse values that stand for others: a few lines of them unfold to more than the memory holds."""
    import yaml

    head = text.split("\n---", 1)[0]
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    if any(isinstance(token, yaml.AliasToken) for token in yaml.scan(head, Loader=loader)):
        raise ValueError("its YAML holds an alias, which no card needs")


def _is_inside(path: str) -> bool:
    climbs = PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts
    return not climbs and not path.startswith("~") and not set(path) & set(":\\\0")
