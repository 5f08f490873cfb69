"""Which clips a check looks at where it does not look at all: always the same ones of a dataset, whoever looks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from heapq import nsmallest
from typing import Final

from equime_builder.errors import DatasetError, EquimeError, UsageError
from equime_builder.manifest import FileEntry, Manifest
from equime_builder.store_look import Looked, at_hand
from equime_builder.stream.folder import Folder
from equime_builder.streams import key_of
from equime_builder.tars import sample_ids

_KEYS: Final = 2**128
_SAMPLE: Final = re.compile(r"(\d+)|(\d+(?:\.\d+)?)%")


@dataclass(frozen=True, slots=True)
class SpotCheck:
    """A set of clips, each chosen by a key that its id alone gives, so that a larger set holds every smaller one.

    Attributes:
        below: Clips whose key is smaller are in it; keys are spread evenly over 0 to 2^128.
    """

    below: int

    def holds(self, clip_id: str) -> bool:
        """Whether a clip is to be looked at."""
        return self.below == _KEYS or _key(clip_id) < self.below


NO_CLIP: Final = SpotCheck(0)
EVERY_CLIP: Final = SpotCheck(_KEYS)


def check_sample(text: str) -> str:
    """Return a sample as it was given, ``N`` clips or ``P%`` of them.

    Raises:
        UsageError: It is neither a whole number from 1 nor a share above 0% and up to 100%.
    """
    found = _SAMPLE.fullmatch(text)
    if found is None or not (int(found[1]) >= 1 if found[1] else 0 < float(found[2]) <= 100):
        raise UsageError(f"sample must be a number of clips from 1, or a share such as 2%, got {text!r:.40}")
    return text


def spot_check_of(looked: Looked, manifest: Manifest, sample: str) -> SpotCheck:
    """Return the clips of a dataset that a sample asks for.

    Args:
        looked: Its folder.
        sample: ``N`` = exactly so many clips, all where there are fewer; ``P%`` = each clip with this probability.

    Raises:
        UsageError: The sample is neither.
        TransferError, OutputError: The store that holds the dataset does not give a file.
    """
    text = check_sample(sample)
    if text.endswith("%"):
        return SpotCheck(round(float(text[:-1]) / 100 * _KEYS))
    count = int(text)
    first = nsmallest(count + 1, {_key(clip_id) for clip_id in _ids(looked, manifest)})
    return SpotCheck(first[count]) if len(first) > count else EVERY_CLIP


def _key(clip_id: str) -> int:
    return key_of(clip_id, "spot check")


def _ids(looked: Looked, manifest: Manifest) -> Iterator[str]:
    """Yield the ids of all clips of the files that can be read; what cannot be read, a check tells anyway."""
    root = looked.root.resolve()
    for entry in (*manifest.clip_files, *manifest.spotting_files):
        path = (root / entry.path).resolve()
        if not (path.is_relative_to(root) and path.is_file()):
            continue
        try:
            yield from _ids_in(looked, entry)
        except DatasetError:
            continue


def _ids_in(looked: Looked, entry: FileEntry) -> list[str]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    if entry.tar_place is not None:
        with at_hand(looked, entry.path) as path:
            return list(sample_ids(path))
    place = Folder(looked.store.url if looked.store else str(looked.root))
    try:
        with place.open(entry.path) as file:  # of a store, no more than this column is fetched
            return [str(name) for name in pq.read_table(file, columns=["id"])["id"].to_pylist()]
    except (pa.ArrowException, KeyError, ValueError) as error:
        raise DatasetError(f"{entry.path}: cannot be read: {error}; run equime verify") from error
    except OSError as error:
        if isinstance(error, EquimeError):
            raise
        raise DatasetError(f"{entry.path}: cannot be read: {error}; run equime verify") from error
