"""The columns of a dataset row, defined once; features, Arrow schema, card table and checks derive from them.

Functions take the columns of a layout: those of clips (`COLUMNS`) by default, or another layout's.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final, Literal

from equime_builder.errors import DatasetError
from equime_builder.facs import EMOTION_LABELS, SLOTS
from equime_builder.vqa_templates import RECORD_FIELDS

if TYPE_CHECKING:
    import datasets
    import pyarrow as pa

SCHEMA_VERSION: Final = 1
VERSION_KEY: Final = b"equime_schema_version"

Kind = Literal[
    "text", "whole", "long", "real", "flag", "json", "messages", "video", "emotion", "slots", "aus", "true_motion",
    "measured", "shares", "estimated", "distractors", "events", "questions",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, the group it is shown in, its type, and what it means."""

    name: str
    group: str
    kind: Kind
    meaning: str


COLUMNS: Final[tuple[Column, ...]] = (
    Column("id", "identity", "text", "name of the clip, unique in the dataset"),
    Column("plan_id", "identity", "text", "shared by clips that carry the same AU programme on different people"),
    Column("subject_id", "identity", "text", "person; a person is in one split only"),
    Column("fold", "identity", "whole", "0-4, for subject-independent cross-validation"),
    Column("video", "media", "video", "MP4 (H.264), embedded"),
    Column("num_frames", "media", "whole", "frames"),
    Column("fps", "media", "real", "frames a second"),
    Column("width", "media", "whole", "pixels"),
    Column("height", "media", "whole", "pixels"),
    Column("prompt", "text", "text", "what was asked for, with the muscle movements"),
    Column("negative_prompt", "text", "text", "what was asked to be absent"),
    Column("caption", "text", "text", "muscle movements of the clip in words"),
    Column("messages", "text", "messages", "question and answer as chat turns; {'type': 'video'} marks the clip"),
    Column("emotion", "emotion", "emotion", "requested emotion; disgust and contempt are reserved"),
    Column("emotion_3class", "emotion", "text", "positive, negative or surprise; None on neutral"),
    Column("negative_kind", "emotion", "text", "rest, blink or head: what moves on a negative; None on expressions"),
    Column("objective_class", "emotion", "text", "class I-VII of the planned AUs (Davison 2018); None on negatives"),
    Column("aus", "AUs, planned", "aus", "each planned AU and side; curve 0-1 from onset to offset"),
    Column("au_intensity", "AUs, planned", "slots", "peak intensity 0-1 of 18 AUs, left before right"),
    Column("onset_frame", "AUs, planned", "whole", "last frame at rest; None on negatives"),
    Column("apex_frame", "AUs, planned", "whole", "frame of the largest motion, a hold's middle; None on negatives"),
    Column("offset_frame", "AUs, planned", "whole", "first frame at rest again; None on negatives"),
    Column("distractors", "AUs, planned", "distractors", "blinks and motions of the head: none is an expression"),
    Column("true_motion", "AUs, planned", "true_motion", "largest motion as rendered; None = the renderer cannot tell"),
    Column("measured", "AUs, measured", "measured", "motion found in the decoded clip; None = not measured"),
    Column("gender", "demographics", "text", "as declared"),
    Column("age", "demographics", "real", "years, as declared"),
    Column("age_group", "demographics", "text", "as declared"),
    Column("ethnicity", "demographics", "text", "as declared, free text"),
    Column("ethnicity_distribution", "demographics", "shares", "the declared text in numbers, shares 0-1"),
    Column("skin_tone", "demographics", "text", "Fitzpatrick type I-VI, as declared"),
    Column("skin_ita", "demographics", "real", "individual typology angle measured on the photo, degrees"),
    Column("demographics_source", "demographics", "text", "who declared them"),
    Column("estimated", "demographics", "estimated", "what a model estimated; None = nothing was estimated"),
    Column("psnr", "quality", "real", "peak signal-to-noise ratio, dB; None = not measured"),
    Column("ssim", "quality", "real", "structural similarity; None = not measured"),
    Column("tv", "quality", "real", "total variation; None = not measured"),
    Column("brisque", "quality", "real", "BRISQUE score; None = not measured"),
    Column("clip_iqa", "quality", "real", "CLIP-IQA score 0-1; None = not measured"),
    Column("motion_survival", "quality", "real", "share of the motion left after encoding; None = not measured"),
    Column("size_bytes", "technical", "long", "size of the MP4"),
    Column("bitrate_kbps", "technical", "real", "8 x size / duration / 1000"),
    Column("duration_s", "technical", "real", "frames / rate"),
    Column("codec", "technical", "text", "video codec"),
    Column("encoder_profile", "technical", "text", "named encoder settings"),
    Column("sha256", "technical", "text", "hash of the MP4"),
    Column("renderer", "generation", "text", "what made the frames"),
    Column("model", "generation", "text", "generative model; None where none was used"),
    Column("model_revision", "generation", "text", "its revision"),
    Column("seed", "generation", "long", "random seed of the clip"),
    Column("recipe", "generation", "json", "enough to render the clip again (datasets may round last digits)"),
    Column("source", "generation", "text", "where the photo came from"),
    Column("source_sha256", "generation", "text", "hash of the photo file"),
    Column("source_license", "generation", "text", "licence of the photo"),
    Column("generated_with", "generation", "text", "software and version"),
    Column("synthetic", "generation", "flag", "always true: no clip is a recording"),
)  # fmt: skip

COLUMN_NAMES: Final[tuple[str, ...]] = tuple(column.name for column in COLUMNS)
Columns = tuple[Column, ...]


def named(*names: str) -> Columns:
    """Return columns of a clip's row, in the order of their names.

    Raises:
        KeyError: A name is unknown.
    """
    by_name = {column.name: column for column in COLUMNS}
    return tuple(by_name[name] for name in names)


@cache
def _feature_of_kind() -> dict[Kind, object]:
    from datasets import ClassLabel, Json, List, Value, Video

    text, whole, real = Value("string"), Value("int32"), Value("float64")
    frames = {"onset_frame": whole, "apex_frame": whole, "offset_frame": whole}
    size = {"motion_px": real, "motion_iod": real}
    unit = {"au": whole, "name": text, "side": text, "intensity": real, "level": text} | frames | {"curve": List(real)}
    true_motion = size | {"smallest_jacobian": real, "scaled": real}
    fit = {"correlation": real, "slope": real, "peaks": whole, "outside_px": real, "measured_by": text}
    measured = frames | size | fit
    return {
        "text": text,
        "whole": whole,
        "long": Value("int64"),
        "real": real,
        "flag": Value("bool"),
        "json": Json(),
        "messages": List(Json()),
        "video": Video(),
        "emotion": ClassLabel(names=list(EMOTION_LABELS)),
        "slots": List(Value("float32"), length=len(SLOTS)),
        "aus": List(unit),
        "distractors": List({"kind": text} | frames),
        "true_motion": true_motion,
        "measured": measured,
        "events": List(
            {"emotion": text, "objective_class": text}
            | frames
            | {"aus": List(unit), "true_motion": true_motion, "measured": measured}
        ),
        "questions": List(dict.fromkeys(RECORD_FIELDS, text)),
        "shares": List({"group": text, "share": real}),
        "estimated": {"age": real, "gender": text, "ethnicity": text, "emotion": text}
        | {"spread": real, "tool": text, "version": text},
    }


@cache
def features(columns: Columns = COLUMNS) -> datasets.Features:
    """Return the features of a row, in column order."""
    from datasets import Features

    return Features({column.name: _feature_of_kind()[column.kind] for column in columns})


@cache
def arrow_schema(columns: Columns = COLUMNS) -> pa.Schema:
    """Return the Arrow schema of a shard; its metadata hold the features and the schema version."""
    schema = features(columns).arrow_schema
    return schema.with_metadata({**schema.metadata, VERSION_KEY: str(SCHEMA_VERSION).encode()})


def check_schema(found: pa.Schema, *, where: str, columns: Columns = COLUMNS) -> None:
    """Check that a table's columns are those of this schema version.

    Args:
        found: Schema of a shard as read from its Parquet file.
        where: The file, for the message.

    Raises:
        DatasetError: Another schema version; a missing, extra or differently typed column.
    """
    version = (found.metadata or {}).get(VERSION_KEY, b"none").decode(errors="replace")
    if version != str(SCHEMA_VERSION):
        raise DatasetError(
            f"{where}: schema version is {version}, this software reads {SCHEMA_VERSION}; "
            "render the dataset again or install the version of equime that wrote it"
        )
    expected = arrow_schema(columns)
    missing = [name for name in expected.names if name not in found.names]
    extra = [name for name in found.names if name not in expected.names]
    if missing or extra or len(found.names) != len(expected.names):
        raise DatasetError(
            f"{where}: columns differ from the schema (missing: {', '.join(missing) or 'none'}; "
            f"extra: {', '.join(extra) or 'none'}); render this shard again"
        )
    for name in expected.names:
        if found.field(name).type != expected.field(name).type:
            raise DatasetError(
                f"{where}: column {name!r} is {found.field(name).type}, must be {expected.field(name).type}; "
                "render this shard again"
            )
