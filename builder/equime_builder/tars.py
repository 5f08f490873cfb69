"""Rows as WebDataset shards: tar files with three members a clip, ``<id>.mp4``, ``<id>.txt`` and ``<id>.json``.

The text is the prompt; the JSON holds every column of the row but the video, with the emotion by its name. The same
rows give the same bytes: members stand in the order of the rows, without times, owners or rights of their own.
"""

from __future__ import annotations

import io
import re
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import chain
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from equime_builder.digests import canonical_json, sha256_of_file
from equime_builder.errors import DatasetError
from equime_builder.facs import EMOTION_LABELS
from equime_builder.json_text import parse_json
from equime_builder.publish import publish
from equime_builder.rows import Row, table_of
from equime_builder.schema import COLUMNS, Columns, features
from equime_builder.shards import Written
from equime_builder.tar_headers import MOST_BYTES, is_plain, tar_headers
from equime_builder.values import check_values

if TYPE_CHECKING:
    import datasets

MEMBERS: Final = ("mp4", "txt", "json")
"""Endings of a clip's members, in their order."""

_NAME: Final = re.compile(r"([A-Za-z0-9][A-Za-z0-9_-]*)\.(mp4|txt|json)")


def write_tar(path: Path, rows: Iterable[Mapping[str, Any]], columns: Columns = COLUMNS) -> Written | None:
    """Write rows, in their order, as a tar file, whole or not at all; holds one row in memory.

    Args:
        columns: Of the layout that the rows follow.

    Returns:
        What was written, or ``None`` where there is no row: an empty shard does not load, so none is written.

    Raises:
        OutputError: The place cannot be written.
        DatasetError: A row's id is no plain name, or a row comes twice in a row.
    """
    remaining = iter(rows)
    first = next(remaining, None)
    if first is None:
        return None
    count = 0

    def write(partial_path: Path) -> None:
        nonlocal count
        with tarfile.open(partial_path, "w", format=tarfile.PAX_FORMAT) as tar:
            for row in chain([first], remaining):
                for ending, data in sample_of(row, columns).items():
                    member = tarfile.TarInfo(f"{row['id']}.{ending}")
                    member.size, member.mode = len(data), 0o644
                    tar.addfile(member, io.BytesIO(data))
                tar.members = []  # type: ignore[attr-defined]  # it keeps every header that it wrote
                count += 1

    publish(path, write)
    return Written(rows=count, size_bytes=path.stat().st_size, sha256=sha256_of_file(path))


def read_tar(path: Path, columns: Columns = COLUMNS) -> Iterator[Row]:
    """Yield the rows of a tar file, equal to those that were written; nothing is unpacked to the disk.

    Raises:
        DatasetError: The file is missing, cut off, or holds anything but whole samples of this layout.
    """
    for key, members in _samples(path):
        row = row_of_sample(members, columns, where=f"{path.name}: {key}")
        if row["id"] != key:
            raise DatasetError(f"{path.name}: {key}: its JSON says id {row['id']!r:.80}; write the shard again")
        check_values(table_of([row], columns), where=path.name)
        yield row


def sample_of(row: Mapping[str, Any], columns: Columns = COLUMNS) -> dict[str, bytes]:
    """Return a row's members by their endings.

    Raises:
        DatasetError: The row's id is no plain name of letters, digits, ``_`` and ``-``.
    """
    if not _NAME.fullmatch(f"{row['id']}.mp4"):
        raise DatasetError(f"clip {row['id']!r:.80}: an id is made of letters, digits, '_' and '-'; rename the clip")
    shown = {column.name: _to_json(row[column.name], column.kind) for column in columns if column.kind != "video"}
    return {
        "mp4": bytes(row["video"]["bytes"]),
        "txt": str(row["prompt"]).encode(),
        "json": canonical_json(shown).encode(),
    }


def row_of_sample(members: Mapping[str, bytes], columns: Columns = COLUMNS, *, where: str = "sample") -> Row:
    """Return the row that `sample_of` took apart.

    Args:
        members: Bytes by ending; more than `MEMBERS` may be there.
        where: The sample, for the message.

    Raises:
        DatasetError: A member is missing, or its JSON does not hold the columns of this layout.
    """
    missing = [ending for ending in MEMBERS if ending not in members]
    if missing:
        raise DatasetError(f"{where}: holds no {', '.join(missing)}; write the shard again")
    try:
        fields = parse_json(members["json"])
    except (ValueError, RecursionError) as error:
        raise DatasetError(f"{where}: its JSON cannot be read: {error}; write the shard again") from error
    names = {column.name for column in columns if column.kind != "video"}
    if not isinstance(fields, dict) or set(fields) != names:
        wrong = sorted(names ^ set(fields)) if isinstance(fields, dict) else ["no object"]
        raise DatasetError(f"{where}: columns missing or unknown: {', '.join(wrong)[:200]}; write the shard again")
    fields["video"] = {"bytes": members["mp4"], "path": f"{fields['id']}.mp4"}
    return {column.name: _from_json(fields[column.name], column.kind, where) for column in columns}


@cache
def sample_features(columns: Columns = COLUMNS) -> datasets.Features:
    """Return what ``load_dataset("webdataset", features=...)`` should be told of a sample.

    Without it `datasets` guesses types from five samples, and a column that is empty in those five breaks the sixth.
    """
    from datasets import Features, Value, Video

    row = {name: feature for name, feature in features(columns).items() if name != "video"}
    texts = {name: Value("string") for name in ("txt", "__key__", "__url__")}
    return Features({"mp4": Video(), "txt": texts.pop("txt"), "json": row, **texts})


def samples_in(path: Path) -> int:
    """Return the number of samples in a tar file, by its headers.

    Raises:
        DatasetError: The file is missing, cut off, or holds anything but whole samples.
    """
    return sum(1 for _ in sample_ids(path))


def sample_ids(path: Path) -> Iterator[str]:
    """Yield the id of each sample of a tar file, by its headers.

    Raises:
        DatasetError: As `samples_in`.
    """
    return (key for key, _ in _samples(path, load=False))


def _samples(path: Path, *, load: bool = True) -> Iterator[tuple[str, dict[str, bytes]]]:
    try:
        with path.open("rb") as file:
            headers = tar_headers(file)
            while (sample := _next_sample(headers, file if load else None)) is not None:
                yield sample
    except (tarfile.TarError, OSError) as error:
        reason = " ".join(str(error).split())
        raise DatasetError(f"{path.name}: no whole WebDataset shard: {reason:.200}; write the shard again") from error


def _next_sample(headers: Iterator[tarfile.TarInfo], file: IO[bytes] | None) -> tuple[str, dict[str, bytes]] | None:
    members: dict[str, bytes] = {}
    keys: list[str] = []
    for ending in MEMBERS:
        member = next(headers, None)
        if member is None and not keys:
            return None
        if member is None:
            raise tarfile.ReadError(f"its last sample {keys[0]} is not whole")
        keys.append(_key_of(member, ending))
        members[ending] = b"" if file is None else _content(file, member)
    if len(set(keys)) != 1:
        raise tarfile.ReadError(f"the members of {keys[0]} do not stand together")
    return keys[0], members


def _key_of(member: tarfile.TarInfo, ending: str) -> str:
    name = _NAME.fullmatch(member.name)
    if name is None or name[2] != ending or not is_plain(member):
        raise tarfile.ReadError(f"member {member.name!r:.80} stands where a file <id>.{ending} should")
    if member.size > MOST_BYTES[ending]:
        raise tarfile.ReadError(f"member {member.name!r:.80} has {member.size} bytes, at most {MOST_BYTES[ending]}")
    return name[1]


def _content(file: IO[bytes], member: tarfile.TarInfo) -> bytes:
    file.seek(member.offset_data)
    return file.read(member.size)


def _to_json(value: Any, kind: str) -> Any:
    return EMOTION_LABELS[value] if kind == "emotion" else value


def _from_json(value: Any, kind: str, where: str) -> Any:
    if kind != "emotion":
        return value
    if value not in EMOTION_LABELS:
        raise DatasetError(f"{where}: emotion {value!r:.40} is none of {', '.join(EMOTION_LABELS)}")
    return EMOTION_LABELS.index(value)
