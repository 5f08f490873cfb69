"""The prose of the dataset card, section by section."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from textwrap import fill
from typing import Any, Final

from equime_builder import statements
from equime_builder.facs import EMOTION_LABELS
from equime_builder.layout import VQA_FOLDER
from equime_builder.manifest import Manifest
from equime_builder.records import DURATION_S, FPS, FRAMES, SIZE_PX, SPLITS, SPOTTING
from equime_builder.schema import COLUMNS, features
from equime_builder.summary import Summary

_WORDS: Final = """\
## Words used

- **micro-expression**: an involuntary facial movement of at most half a second
- **Action Unit (AU)**: the movement of one facial muscle or group of muscles, numbered by the Facial Action Coding
  System (Ekman, Friesen, Hager 2002)
- **onset, apex, offset**: last frame at rest, frame of the largest movement, first frame at rest again
- **negative**: a clip without an expression (`neutral`); `negative_kind` says whether the face is at rest, blinks, or
  sits on a head that moves
- **intensity**: share of the full-range movement, 0-1; the letters A to E are its levels, from trace to maximum"""


def prose(manifest: Manifest, summary: Summary, apart: Iterable[str] = ()) -> str:
    """Return the Markdown under the card's YAML; every number comes from the arguments.

    Args:
        apart: Sections about reviews and about clips of other layouts.
    """
    sections = (
        _introduction(manifest, summary),
        _uses(),
        _structure(summary),
        _measured(summary),
        *apart,
        _creation(manifest, summary),
        _sources(summary),
        _demographics(summary),
        _limits(),
        _WORDS,
        _licence(),
        _citation(manifest),
    )
    return "\n\n".join(sections) + "\n"


def _introduction(manifest: Manifest, summary: Summary) -> str:
    people = summary.people.total()
    names = [*manifest.counts, *([SPOTTING] if manifest.spotting else []), *([VQA_FOLDER] if manifest.vqa else [])]
    return f"""\
# EquiME

{summary.clips} synthetic video clips of facial micro-expressions on {people} people, with the Action Units (AUs) that
move, their true curves over time, prompts, captions, and what was measured on the finished clip.
Each clip lasts {DURATION_S:g} s: {FRAMES} frames of {SIZE_PX} x {SIZE_PX} pixels at {FPS} a second, MP4 with H.264.
All clips together last {summary.duration_s / 60:.1f} minutes and take {summary.video_bytes / 1e6:.1f} MB.

```python
from datasets import load_dataset

clips = load_dataset("equime", "{_example_config(manifest)}")  # run in the folder that holds this one
```

Configurations: `all` (the default), {", ".join(f"`{name}`" for name in names)}."""


def _uses() -> str:
    return f"""\
## Uses

{_wrapped(statements.PURPOSE)}

**Intended uses**

{bullets(statements.INTENDED_USES)}

**Forbidden uses**

{bullets(statements.FORBIDDEN_USES)}

{_wrapped(statements.NOT_FELT)}"""


def _example_config(manifest: Manifest) -> str:
    return "fear" if "fear" in manifest.counts else next(iter(manifest.counts), "all")


def _structure(summary: Summary) -> str:
    genders = sorted({gender for _, _, gender in summary.cells})
    header = ["emotion", *(f"{split}, {gender}" for split in SPLITS for gender in genders), "clips"]
    return f"""\
## Structure

Clips by requested emotion, split and declared gender:

{table(header, _count_rows(summary, genders))}

Subjects by declared gender and skin tone (Fitzpatrick):

{table(["gender", "skin tone", "subjects"], _people_rows(summary))}

Splits share no subject. `fold` serves subject-independent cross-validation.

Columns of a row:

{table(["column", "group", "type", "meaning"], _column_rows())}"""


def _count_rows(summary: Summary, genders: Sequence[str]) -> list[list[str]]:
    present = [emotion for emotion in EMOTION_LABELS if any(cell[0] == emotion for cell in summary.cells)]
    rows = []
    for emotion in present:
        counts = [summary.cells[emotion, split, gender] for split in SPLITS for gender in genders]
        rows.append([emotion, *map(str, counts), str(sum(counts))])
    totals = [sum(int(row[place]) for row in rows) for place in range(1, 2 + len(SPLITS) * len(genders))]
    return [*rows, ["all", *map(str, totals)]]


def _people_rows(summary: Summary) -> list[list[str]]:
    return [[gender, tone, str(count)] for (gender, tone), count in sorted(summary.people.items())]


def _column_rows() -> list[list[str]]:
    return [
        [f"`{column.name}`", column.group, type_name(features()[column.name]), column.meaning] for column in COLUMNS
    ]


def type_name(feature: Any) -> str:
    """Return the name of a feature's type in words for a table."""
    if isinstance(feature, dict):
        return f"struct of {', '.join(feature)}"
    inner = getattr(feature, "feature", None)
    if isinstance(inner, dict):
        return f"list of {', '.join(inner)}"
    if inner is not None:
        name = getattr(inner, "dtype", type(inner).__name__)
        return f"list of {name}" if feature.length < 0 else f"{feature.length} x {name}"
    return str(feature.dtype) if type(feature).__name__ == "Value" else type(feature).__name__


def _measured(summary: Summary) -> str:
    if not summary.expressions and not summary.negatives and not summary.blink_negatives:
        return "## Measured motion\n\nThe motion of these clips was not measured."
    rows = [
        ["expressions measured", str(summary.expressions)],
        ["median correlation with the planned motion", figure(summary.correlation)],
        ["median slope (measured / planned)", figure(summary.slope)],
        ["apex within 1 frame", share(summary.apex_hits, summary.expressions)],
        ["negatives without a blink measured", str(summary.negatives)],
        [
            "movements found on negatives without a blink",
            str(summary.false_peaks) if summary.negatives else "not measured",
        ],
        ["blink-only negatives measured", str(summary.blink_negatives)],
        ["movements found on blink-only negatives", f"{summary.blink_peaks}, of {summary.blinks} planned blinks"],
    ]
    return f"""\
## Measured motion

Every figure was computed on the decoded clips of this folder, by {_names(summary, "measured_by")}.

{table(["figure", "value"], rows)}"""


def _creation(manifest: Manifest, summary: Summary) -> str:
    return f"""\
## How it was made

{_wrapped(statements.COLLECTION)}

- renderer: {_names(summary, "renderer")}
- encoder profile: {_names(summary, "encoder_profile")}
- software: EquiME {manifest.code_version}
- configuration: fingerprint `{manifest.fingerprint}`, in full in `manifest.json`
- `plan.parquet` holds every planned clip, `subjects.parquet` who is in which split"""


def _sources(summary: Summary) -> str:
    return f"""\
## Sources

- photos: {_names(summary, "source")}
- licence of the photos: {_names(summary, "source_license")}

Each row names its source, the hash of the photo and its licence."""


def _demographics(summary: Summary) -> str:
    estimated = _names(summary, "estimated_by")
    guess = "nothing was estimated" if estimated == "none" else f"estimated by {estimated}, in the column `estimated`"
    return f"""\
## How demographics were obtained

- declared by: {_names(summary, "demographics_source")}
- guessed by a model: {guess}
- skin angle (`skin_ita`): measured on the photo, {summary.measured_skin} of {summary.people.total()} people

What was declared, what was measured and what was estimated never share a column. `undeclared` means that the source
says nothing; nothing was filled in."""


def _limits() -> str:
    return f"""\
## Limits and biases

{bullets([*statements.LIMITS, *statements.BIASES])}"""


def _licence() -> str:
    return """\
## Licence

[CC BY-NC 4.0](https://creativecommons.org/licenses/by-nc/4.0/), as far as the photos' own licences allow; see
`LICENSE`. `datasheet.md` answers the questions of *Datasheets for Datasets*; `croissant.json` tells programs."""


def _citation(manifest: Manifest) -> str:
    return f"""\
## Citation

```bibtex
{bibtex(manifest)}
```"""


def bibtex(manifest: Manifest) -> str:
    """Return how to cite the dataset."""
    return f"""\
@software{{equime,
  title = {{EquiME: equitable synthetic micro-expression video}},
  version = {{{manifest.code_version}}},
  note = {{Dataset made with configuration {manifest.fingerprint}}}
}}"""


def bullets(sentences: Iterable[str]) -> str:
    """Return a Markdown list, an item a sentence or more."""
    return "\n".join(_wrapped(sentence, "- ", "  ") for sentence in sentences)


def _wrapped(text: str, first: str = "", later: str = "") -> str:
    return fill(
        text, 120, initial_indent=first, subsequent_indent=later, break_long_words=False, break_on_hyphens=False
    )


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def figure(value: float | None) -> str:
    """Return a number in words for a table."""
    return "not measured" if value is None else f"{value:.3f}"


def share(part: int, whole: int) -> str:
    """Return a part of a whole in words for a table."""
    return f"{part} of {whole} ({100 * part / whole:.1f} %)" if whole else "not measured"


def _names(summary: Summary, key: str) -> str:
    # texts from outside must not break out of their line of Markdown
    return ", ".join(" ".join(name.split()) for name in summary.names[key]) or "none"
