"""Writes `docs/format.md` from the schema and the layout: `python -m docs.make_format`, a second.

Run it again whenever a column changes; a test tells when the page is out of date.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from equime_builder.card_prose import table, type_name
from equime_builder.facs import AUS, EMOTION_LABELS, LEVELS, SLOTS
from equime_builder.records import DURATION_S, FPS, FRAMES, SIZE_PX, SPLITS
from equime_builder.schema import COLUMN_NAMES, COLUMNS, SCHEMA_VERSION, Columns, features
from equime_builder.spotting import SPOTTING_COLUMNS
from equime_builder.tables import write_plans, write_rejects, write_subjects
from equime_builder.vqa_rows import VQA_COLUMNS

PAGE: Final = Path(__file__).parent / "format.md"

_PARTS: Final = {
    "au": "number of the Action Unit",
    "name": "its name",
    "side": "the person's own left or right",
    "intensity": "at the apex, share of the full range, 0-1",
    "level": "FACS letter of the intensity",
    "onset_frame": "last frame at rest",
    "apex_frame": "frame of the largest movement",
    "offset_frame": "first frame at rest again",
    "curve": "intensity in each frame from onset to offset, both included",
    "motion_px": "largest displacement of the skin, pixels",
    "motion_iod": "the same, in distances between the iris centres",
    "smallest_jacobian": "least determinant of the warp; above 0 no skin folds",
    "scaled": "factor by which intensities were weakened to keep skin from folding; 1 = not at all",
    "correlation": "of the measured with the planned motion over time",
    "slope": "measured over planned size",
    "peaks": "movements found",
    "outside_px": "largest motion that no plan explains, pixels",
    "measured_by": "software and version",
    "kind": "what it is",
    "group": "as declared",
    "share": "0-1",
    "age": "years",
    "gender": "as estimated",
    "ethnicity": "as estimated, six groups",
    "emotion": "name of the emotion",
    "spread": "how far the estimates of several frames lie apart",
    "tool": "what estimated",
    "version": "its version",
    "objective_class": "class I-VII of the AUs (Davison 2018)",
    "aus": "as in the column `aus`",
    "true_motion": "as in the column `true_motion`",
    "measured": "as in the column `measured`",
    "id": "of the question",
    "dataset": "always equime",
    "image_id": "of the clip",
    "subject": "of the person",
    "filename": "of the clip",
    "question": "in words",
    "answer": "in words",
}
_TABLES: Final = {
    "subjects.parquet": "Who is in the dataset, from where, under which licence, in which split.",
    "plan.parquet": "Every planned clip, kept or not, with its whole plan as JSON text.",
    "rejects.parquet": "What was dropped and why: photos that the gate refused, and attempts at clips that failed.",
}


def page() -> str:
    """Return the page."""
    sections = [_head(), _folder(), _clips(), _nested(), _others(), _side_tables(), _numbers()]
    return "\n\n".join(sections) + "\n"


def _head() -> str:
    return f"""\
# File format

<!-- made by `python -m docs.make_format` from the schema; do not edit -->

Schema version {SCHEMA_VERSION}. A dataset is a folder that `load_dataset` reads as it is; [Loading](loading.md) says
how. On the Hub the same folder is a repository."""


def _folder() -> str:
    return f"""\
## The folder

```text
README.md        dataset card; its YAML names the configurations
data/<emotion>/<split>-00000.parquet         clips of at most one event, the video embedded
spotting/<split>-00000.parquet               clips of several events, where asked for
vqa/<split>-00000.parquet                    the clips of data/ with questions and answers
webdataset/<emotion>/<split>-00000.tar       the clips as tar files, where asked for
flow/<emotion>/<split>-00000.parquet         true motion of every event's frames, where asked for
manifest.json    every file with rows, bytes and sha256; the run's configuration and its fingerprint
{_tables_in_words()}
datasheet.md     the questions of "Datasheets for Datasets", answered from the folder
croissant.json   the folder for programs: Croissant 1.1, responsible AI 1.0
LICENSE          of the dataset, and of each photo source
run.toml         the configuration, for `equime render --config`
gallery/         a page to look at, without a server
```

Emotions are {", ".join(EMOTION_LABELS)}; the last two are reserved.
Splits are {", ".join(SPLITS)}; no person is in two of them.
A clip lasts {DURATION_S:g} s: {FRAMES} frames of {SIZE_PX} x {SIZE_PX} pixels at {FPS} a second, H.264 in MP4."""


def _tables_in_words() -> str:
    return "\n".join(f"{name:16} {words[0].lower()}{words[1:].rstrip('.')}" for name, words in _TABLES.items())


def _clips() -> str:
    return f"""\
## Columns of a clip

{_columns(COLUMNS)}"""


def _columns(columns: Columns) -> str:
    types = features(columns)
    rows = ([f"`{one.name}`", one.group, type_name(types[one.name]), one.meaning] for one in columns)
    return table(["column", "group", "type", "meaning"], rows)


def _nested() -> str:
    types = features()
    parts = [_fields(name, types[name]) for name in COLUMN_NAMES if _inner(types[name]) is not None]
    return "\n\n".join(["## Fields of structs", *parts])


def _inner(feature: Any) -> dict[str, Any] | None:
    feature = getattr(feature, "feature", feature)
    return dict(feature) if isinstance(feature, dict) else None


def _fields(name: str, feature: Any) -> str:
    inner = _inner(feature) or {}
    rows = [[f"`{key}`", type_name(value), _PARTS.get(key, "")] for key, value in inner.items()]
    shape = "A struct, or None." if isinstance(feature, dict) else "A list."
    return f"### {name}\n\n{shape}\n\n{table(['field', 'type', 'meaning'], rows)}"


def _others() -> str:
    new = [column for column in SPOTTING_COLUMNS if column.name not in COLUMN_NAMES]
    asked = [column for column in VQA_COLUMNS if column.name not in COLUMN_NAMES]
    events, questions = features(SPOTTING_COLUMNS)["events"], features(VQA_COLUMNS)["questions"]
    return f"""\
## Columns of `spotting` and `vqa`

Both have columns of clips, and one of their own each. `spotting` has {_listed(SPOTTING_COLUMNS)}, and:

{_columns(tuple(new))}

{_fields("events", events)}

`vqa` has {_listed(VQA_COLUMNS)}, and:

{_columns(tuple(asked))}

{_fields("questions", questions)}"""


def _listed(columns: Columns) -> str:
    return ", ".join(f"`{column.name}`" for column in columns if column.name in COLUMN_NAMES)


def _side_tables() -> str:
    parts = []
    for name, words in _TABLES.items():
        rows = ([f"`{column}`", kind] for column, kind in _table_columns(name))
        parts.append(f"### {name}\n\n{words}\n\n{table(['column', 'Arrow type'], rows)}")
    return "\n\n".join(["## Side tables", *parts])


def _table_columns(name: str) -> list[tuple[str, str]]:
    """Return column and type of a side table, from an empty one."""
    import pyarrow.parquet as pq

    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        writers: dict[str, Callable[[], Path]] = {
            "subjects.parquet": lambda: write_subjects(path, [], {}),
            "plan.parquet": lambda: write_plans(path, {}),
            "rejects.parquet": lambda: write_rejects(path, []),
        }
        writers[name]()
        return [(field.name, str(field.type).replace("element: ", "")) for field in pq.read_schema(path)]


def _numbers() -> str:
    levels = ", ".join(f"{letter} {low:g}-{high:g}" for letter, (low, high) in LEVELS.items())
    return f"""\
## How numbers count

- Frames count from 0. `onset_frame` and `offset_frame` are at rest, so an event moves in the frames between them.
- `au_intensity` has {len(SLOTS)} places: {_units(AUS)}, each left before right.
- Intensity is a share of a unit's full range. FACS letters are ordinal, so their bounds are ours: {levels}.
- Sides are the person's own. Pixels are those of the clip, x to the right and y downwards.
- `None` stands for what was not declared, not measured, or does not apply; it is never 0.
- `recipe` is JSON. `datasets` may round the last digits of its numbers; `plan.parquet` holds them exactly."""


def _units(aus: Iterable[int]) -> str:
    return ", ".join(f"AU{au}" for au in aus)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
