"""The side tables of a dataset folder: who, what was planned, and what was dropped."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from equime_builder.digests import canonical_json
from equime_builder.errors import DatasetError
from equime_builder.json_text import parse_json
from equime_builder.layout import place_of, spotting_split_of
from equime_builder.publish import publish
from equime_builder.records import (
    Demographics,
    Event,
    HeadMotion,
    Nuisance,
    Placement,
    Plan,
    PlannedAU,
    Reject,
    Subject,
)

if TYPE_CHECKING:
    import pyarrow as pa

_BATCH_ROWS: Final = 1024
_MOST_BYTES: Final = 2**28
"""Of a row group, unpacked; one of plans, the largest, has some 4 MB."""
_BEYOND: Final = (RecursionError, OverflowError)
_T = TypeVar("_T")


def write_subjects(path: Path, subjects: Iterable[Subject], placements: Mapping[str, Placement]) -> Path:
    """Write who is in the dataset and where, sorted by id.

    Raises:
        OutputError: The place cannot be written.
        DatasetError: A subject has no placement.
    """
    people = sorted(subjects, key=lambda subject: subject.id)
    homeless = [subject.id for subject in people if subject.id not in placements]
    if homeless:
        raise DatasetError(f"subjects without a split: {', '.join(homeless)}; place them with splits.assign")
    rows = ({**_flat_subject(subject), **asdict(placements[subject.id])} for subject in people)
    return _write(path, rows, _subjects_schema())


def read_subjects(path: Path) -> dict[str, tuple[Subject, Placement]]:
    """Return each subject and its placement, by id, in the table's order.

    Raises:
        DatasetError: The table is missing, damaged, lists somebody twice, or holds an impossible value.
    """
    people: dict[str, tuple[Subject, Placement]] = {}
    for subject, placement in _read(path, _subjects_schema(), _subject_of_row):
        if subject.id in people:
            raise DatasetError(f"{path.name}: lists {subject.id!r} twice; render the dataset again")
        people[subject.id] = (subject, placement)
    return people


def write_plans(path: Path, plans: Mapping[str, Iterable[Plan]]) -> Path:
    """Write every planned clip, in planned order, with its shard and its whole plan as exact JSON.

    Args:
        plans: By the path of the shard that a clip belongs to, in the order of its rows, whether it was kept or not.

    Raises:
        OutputError: The place cannot be written.
    """
    rows = (_row_of_plan(plan, shard) for shard, members in plans.items() for plan in members)
    return _write(path, rows, _plan_schema())


def read_plans(path: Path, *, shards: Container[str] | None = None) -> Iterator[Plan]:
    """Yield the plans of a table, in its order and equal to those that were written.

    Args:
        shards: Only those of these shards; ``None`` = all.

    Raises:
        DatasetError: The table is missing, damaged, or holds an impossible value.
    """
    found = _read(
        path,
        _plan_schema(),
        lambda row: plan_of_json(row["plan"]) if shards is None or row["shard"] in shards else None,
    )
    return (plan for plan in found if plan is not None)


def read_shards(path: Path) -> dict[str, str]:
    """Return the shard of every planned clip by its id, in the order of the table of plans.

    Raises:
        DatasetError: The table is missing or damaged.
    """
    import pyarrow as pa

    schema = pa.schema([("clip_id", pa.string()), ("shard", pa.string())])
    return dict(_read(path, schema, lambda row: (row["clip_id"], _shard(row["shard"]))))


def write_rejects(path: Path, rejects: Iterable[Reject]) -> Path:
    """Write what was dropped and why, in the order given.

    Raises:
        OutputError: The place cannot be written.
    """
    return _write(path, (asdict(reject) for reject in rejects), _rejects_schema())


def read_rejects(path: Path) -> Iterator[Reject]:
    """Yield what was dropped.

    Raises:
        DatasetError: The table is missing or damaged.
    """
    return _read(path, _rejects_schema(), lambda row: Reject(**row))


def plan_of_json(text: str) -> Plan:
    """Rebuild a plan from its JSON text.

    Raises:
        ValueError: The text is no JSON object, or a value breaks a rule of the record.
        TypeError: A field is missing, unknown or of another type.
    """
    fields = parse_json(text)
    if not isinstance(fields, dict):
        raise TypeError("a plan is a JSON object")
    return Plan(
        **{
            **fields,
            "aus": _units(fields.pop("aus", ())),
            "blinks": _units(fields.pop("blinks", ())),
            "head_motions": tuple(HeadMotion(**motion) for motion in fields.pop("head_motions", ())),
            "events": tuple(Event(**event) for event in fields.pop("events", ())),
            "nuisance": Nuisance(**fields.pop("nuisance", {})),
        }
    )


def _units(units: Iterable[dict[str, Any]]) -> tuple[PlannedAU, ...]:
    return tuple(PlannedAU(**{**unit, "curve": tuple(unit["curve"])}) for unit in units)


def _shard(path: str) -> str:
    """Return a path that names a shard, and so no file outside the dataset's folder."""
    if place_of(path) is None and spotting_split_of(path) is None:
        raise ValueError(f"{path!r:.80} is the path of no shard")
    return path


def _row_of_plan(plan: Plan, shard: str) -> dict[str, Any]:
    names = ("clip_id", "plan_id", "subject_id", "emotion", "seed", "attempt")
    return {**{name: getattr(plan, name) for name in names}, "shard": shard, "plan": canonical_json(asdict(plan))}


def _flat_subject(subject: Subject) -> dict[str, Any]:
    fields = asdict(subject)
    declared = fields.pop("demographics")
    shares = [{"group": group, "share": share} for group, share in declared.pop("ethnicity_distribution")]
    return {
        **fields,
        "demographics_source": declared.pop("source"),
        **declared,
        "ethnicity_distribution": shares,
    }


def _subject_of_row(row: dict[str, Any]) -> tuple[Subject, Placement]:
    shares = tuple((share["group"], share["share"]) for share in row["ethnicity_distribution"])
    names = ("gender", "age", "age_group", "ethnicity", "skin_tone")
    demographics = Demographics(
        **{name: row[name] for name in names}, ethnicity_distribution=shares, source=row["demographics_source"]
    )
    subject = Subject(
        id=row["id"],
        demographics=demographics,
        source=row["source"],
        source_sha256=row["source_sha256"],
        source_license=row["source_license"],
        skin_ita=row["skin_ita"],
    )
    return subject, Placement(split=row["split"], fold=row["fold"])


def _subjects_schema() -> pa.Schema:
    import pyarrow as pa

    share = pa.struct([("group", pa.string()), ("share", pa.float64())])
    text = ("gender", "age_group", "ethnicity", "skin_tone", "demographics_source")
    return pa.schema(
        [("id", pa.string()), ("split", pa.string()), ("fold", pa.int32())]
        + [(name, pa.string()) for name in text]
        + [("age", pa.float64()), ("ethnicity_distribution", pa.list_(share)), ("skin_ita", pa.float64())]
        + [(name, pa.string()) for name in ("source", "source_sha256", "source_license")]
    )


def _plan_schema() -> pa.Schema:
    import pyarrow as pa

    names = ("clip_id", "plan_id", "subject_id", "emotion")
    whole = [("seed", pa.int64()), ("attempt", pa.int32())]
    return pa.schema([*((name, pa.string()) for name in names), *whole, ("shard", pa.string()), ("plan", pa.string())])


def _rejects_schema() -> pa.Schema:
    import pyarrow as pa

    names = ("kind", "id", "reason", "detail", "subject_id", "emotion")
    return pa.schema([*((name, pa.string()) for name in names), ("attempt", pa.int32()), ("final", pa.bool_())])


def _write(path: Path, rows: Iterable[dict[str, Any]], schema: pa.Schema) -> Path:
    import pyarrow as pa
    import pyarrow.parquet as pq

    def write(partial: Path) -> None:
        remaining = iter(rows)
        with pq.ParquetWriter(partial, schema, compression="zstd") as writer:
            while batch := list(islice(remaining, _BATCH_ROWS)):
                writer.write_table(pa.Table.from_pylist(batch, schema=schema))

    return publish(path, write)


def _read(path: Path, schema: pa.Schema, build: Callable[[dict[str, Any]], _T]) -> Iterator[_T]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            missing = set(schema.names) - set(file.schema_arrow.names)
            groups = range(file.num_row_groups)
            if any(file.metadata.row_group(group).total_byte_size > _MOST_BYTES for group in groups):
                raise ValueError(f"a row group unpacks to more than {_MOST_BYTES} bytes")
            if missing:
                raise ValueError(f"column {', '.join(sorted(missing))} is missing")
            for batch in file.iter_batches(batch_size=_BATCH_ROWS, columns=schema.names):
                for row in pa.Table.from_batches([batch]).cast(schema).to_pylist():
                    yield build(row)
    except (pa.ArrowException, OSError, LookupError, TypeError, ValueError, AttributeError, *_BEYOND) as error:
        raise DatasetError(f"{path.name}: cannot be read: {error}; render the dataset again") from error
