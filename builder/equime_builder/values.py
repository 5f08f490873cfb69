"""What a stored row may hold beyond the types of its columns, checked a batch at a time: strangers write rows, too.

Whoever reads rows relies on it: what every clip has is there, numbers are finite, frames lie in the clip and rise from
onset to offset, and Action Units are those of the vocabulary, with a curve from onset to offset.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from equime_builder.errors import DatasetError
from equime_builder.facs import AUS, EMOTION_LABELS, LEVELS, SIDES
from equime_builder.records import FRAMES
from equime_builder.schema import COLUMN_NAMES

if TYPE_CHECKING:
    import pyarrow as pa

_FRAME_NAMES: Final = ("onset_frame", "apex_frame", "offset_frame")
_FOUND: Final = (*_FRAME_NAMES, "motion_px", "motion_iod", "correlation", "slope", "outside_px")
_GUESSED: Final = ("age", "gender", "ethnicity", "emotion", "spread", "tool", "version")
_MAY_BE_NONE: Final = frozenset(
    (
        "emotion_3class", "negative_kind", "objective_class", *_FRAME_NAMES, "true_motion", "measured", "gender", "age",
        "age_group", "ethnicity", "skin_tone", "skin_ita", "estimated", "psnr", "ssim", "tv", "brisque", "clip_iqa",
        "motion_survival", "model", "model_revision", "video.path", *(f"measured.{name}" for name in _FOUND),
        *(f"estimated.{name}" for name in _GUESSED), "events.objective_class", "events.true_motion", "events.measured",
        *(f"events.measured.{name}" for name in _FOUND),
    )
)  # fmt: skip
"""Columns, and fields of theirs, that hold nothing where nothing was declared, measured or planned."""
_UNITS: Final = ("aus", "events.aus")
_ONE_OF: Final[dict[str, tuple[int | str, ...]]] = {
    "emotion": tuple(range(len(EMOTION_LABELS))),
    "num_frames": tuple(range(1, FRAMES + 1)),
    **{f"{where}.au": tuple(AUS) for where in _UNITS},
    **{f"{where}.side": tuple(SIDES) for where in _UNITS},
    **{f"{where}.level": tuple(LEVELS) for where in _UNITS},
}
_KNOWN: Final = frozenset((*COLUMN_NAMES, "events", "questions"))
"""Columns of a layout of ours; others are their owners' business."""


def check_values(rows: pa.RecordBatch | pa.Table, *, where: str) -> None:
    """Check the values of some columns of a shard, whose types `equime_builder.schema.check_schema` knows.

    Args:
        where: The file, for the message.

    Raises:
        DatasetError: A value is one that no clip has.
    """
    import pyarrow as pa

    try:
        fault = value_fault(rows)
    except pa.ArrowException as error:
        raise DatasetError(f"{where}: cannot be read: its columns are of other types; run equime verify") from error
    if fault is not None:
        raise DatasetError(f"{where}: cannot be read: a row's {fault}; run equime verify")


def value_fault(rows: pa.RecordBatch | pa.Table) -> str | None:
    """Return which column of some rows holds a value that no clip has, and how, or ``None``."""
    import pyarrow as pa

    batches = [rows] if isinstance(rows, pa.RecordBatch) else rows.to_batches()
    for batch in batches:
        try:
            batch.validate(full=True)
        except pa.ArrowInvalid as error:
            return f"columns hold what is none: {error}"
    return next((fault for batch in batches for fault in _faults_in(batch)), None)


def _faults_in(batch: pa.RecordBatch) -> Iterator[str]:
    columns = dict(zip(batch.schema.names, batch.columns, strict=True))
    for name, column in columns.items():
        if name in _KNOWN:
            yield from _faults(column, name)
    if columns.keys() >= set(_FRAME_NAMES) and not _do_rise(columns):
        yield "onset, apex and offset do not rise"


def _faults(array: pa.Array, name: str) -> Iterator[str]:
    import pyarrow as pa

    if array.null_count and name not in _MAY_BE_NONE:
        yield f"{name} is missing"
        return
    array = array.drop_null() if array.null_count else array
    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    if pa.types.is_struct(array.type):
        fields = {field.name: array.field(place) for place, field in enumerate(array.type)}
        for field, values in fields.items():
            yield from _faults(values, f"{name}.{field}")
        if name.rpartition(".")[2] not in ("measured", "video") and not _is_whole(fields):
            yield f"{name} has frames that do not rise, or a curve of another length"
    elif pa.types.is_list(array.type) or pa.types.is_fixed_size_list(array.type):
        yield from _faults(array.flatten(), name)
    elif not _is_possible(array, name):
        yield f"{name} is none that a clip can have"


def _is_possible(array: pa.Array, name: str) -> bool:
    import pyarrow as pa
    from pyarrow import compute

    if name in _ONE_OF:
        return _all(compute.is_in, array, pa.array(_ONE_OF[name]))
    if name.rpartition(".")[2] in _FRAME_NAMES:
        return _all(compute.greater_equal, array, 0) and _all(compute.less, array, FRAMES)
    if name == "fps":
        return _all(compute.is_finite, array) and _all(compute.greater, array, 0)
    return not pa.types.is_floating(array.type) or _all(compute.is_finite, array)


def _is_whole(fields: Mapping[str, pa.Array]) -> bool:
    from pyarrow import compute

    if not fields.keys() >= set(_FRAME_NAMES):
        return True
    if not _do_rise(fields):
        return False
    if "curve" not in fields:
        return True
    wanted = compute.add(compute.subtract(fields["offset_frame"], fields["onset_frame"]), 1)
    return _all(compute.equal, compute.list_value_length(fields["curve"]), wanted)


def _do_rise(fields: Mapping[str, pa.Array]) -> bool:
    """Tell whether onset, apex and offset rise in each row that has them, and stand there together."""
    from pyarrow import compute

    frames = [fields[name] for name in _FRAME_NAMES]
    return all(
        _all(compute.equal, earlier.is_null(), later.is_null()) and _all(compute.less, earlier, later)
        for earlier, later in pairwise(frames)
    )


def _all(test: Callable[..., pa.Array], *values: object) -> bool:
    """Tell whether a test holds for all values, of which there may be none."""
    from pyarrow import compute

    return bool(compute.all(test(*values), min_count=0).as_py())
