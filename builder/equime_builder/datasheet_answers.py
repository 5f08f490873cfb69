"""The answers of a datasheet, a function a section; every number comes from `Facts`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from textwrap import fill
from typing import Final

from equime_builder import statements
from equime_builder.card_prose import bullets, share, table
from equime_builder.datasheet_facts import Facts
from equime_builder.records import DURATION_S, FPS, FRAMES, REJECTED_BY_PEOPLE, SIZE_PX, SPLITS

Answer = tuple[str, str]
"""A question and its answer in Markdown."""

_UNSAID: Final = "This folder names nobody. Whoever passes it on has to say."
_MOST_ROWS: Final = 24


def motivation(facts: Facts) -> list[Answer]:
    """Return why the dataset exists."""
    return [
        ("For what purpose was the dataset created?", _text(statements.PURPOSE)),
        (
            "Who created it, on behalf of whom, and who paid for it?",
            _text(
                f"It was rendered with EquiME {facts.manifest.code_version}, configuration "
                f"`{facts.manifest.fingerprint}` (in full in `manifest.json`). {_UNSAID}"
            ),
        ),
    ]


def composition(facts: Facts) -> list[Answer]:
    """Return what the dataset holds."""
    return [*_instances(facts), *_relations(facts), *_people(facts)]


def _instances(facts: Facts) -> list[Answer]:
    emotions = Counter[str]()
    for (emotion, _, _), count in facts.summary.cells.items():
        emotions[emotion] += count
    spotting = sum(facts.manifest.spotting.values())
    several = f"\n\nBeside these, {spotting} clips hold several micro-expressions each." if spotting else ""
    return [
        (
            "What do the instances represent?",
            _text(
                f"Rendered video clips of a face: {FRAMES} frames of {SIZE_PX} x {SIZE_PX} pixels at {FPS} a second, "
                f"{DURATION_S:g} s. In one clip at most one micro-expression happens, and in a negative none. No clip "
                "is a recording."
            ),
        ),
        (
            "How many instances are there, of each type?",
            f"{facts.summary.clips} clips on {facts.summary.people.total()} people:\n\n"
            + _counts("requested emotion", "clips", emotions)
            + several,
        ),
        (
            "Is it a sample of a larger set?",
            _text(
                f"{facts.planned} clips were planned, and {facts.kept} were kept. Of what was planned, "
                f"{_losses(facts)}. More can be rendered from the same photos at any time."
            ),
        ),
        (
            "What data does each instance consist of?",
            _text(
                "The MP4 file, a prompt, a caption, the planned Action Units with their intensity in every frame, what "
                "was measured on the decoded file, what was declared about the person, and the recipe to render the "
                "clip again. `README.md` describes every column."
            ),
        ),
        ("Is there a label or target?", _text(statements.ANNOTATION)),
        (
            "Is any information missing?",
            _text(
                "Fields are `None` where nothing was declared, nothing was measured, or the field does not apply. "
                f"Of the expressions {_measured(facts)} were measured."
            ),
        ),
    ]


def _measured(facts: Facts) -> str:
    expressions = sum(count for (emotion, _, _), count in facts.summary.cells.items() if emotion != "neutral")
    return share(facts.summary.expressions, expressions)


def _relations(facts: Facts) -> list[Answer]:
    splits = Counter[str]()
    for (_, split, _), count in facts.summary.cells.items():
        splits[split] += count
    return [
        (
            "Are relations between instances made explicit?",
            _text(
                "`subject_id` names the person, `plan_id` the programme of Action Units that clips of different people "
                "share, `fold` one of five groups of people for cross-validation."
            ),
        ),
        (
            "Are there recommended splits?",
            "Yes; no person is in two of them.\n\n"
            + table(["split", "clips"], [[name, str(splits[name])] for name in SPLITS if splits[name]]),
        ),
        ("Are there errors, sources of noise, or redundancies?", bullets(statements.LIMITS)),
        (
            "Is it self-contained?",
            _text(
                "Yes: the videos stand in the shards. The photos are not part of it; each row names its photo's hash."
            ),
        ),
        (
            "Does it contain anything confidential, offensive, insulting or threatening?",
            _text("Nothing was put there that is. Faces show what a plan asked for, for less than half a second."),
        ),
    ]


def _people(facts: Facts) -> list[Answer]:
    gender, tone = Counter[str](), Counter[str]()
    for (of_gender, of_tone), count in facts.summary.people.items():
        gender[of_gender] += count
        tone[of_tone] += count
    tables = [
        _counts("declared gender", "people", gender),
        _counts("declared skin tone (Fitzpatrick)", "people", tone),
        _counts("declared age", "people", facts.summary.ages),
        _counts("declared ethnicity", "people", facts.summary.ethnicities),
    ]
    return [
        (
            "Does it identify subpopulations?",
            f"Yes, in the words of: {_names(facts, 'demographics_source')}.\n\n" + "\n\n".join(tables),
        ),
        (
            "Can individuals be identified from it?",
            _text(
                f"Clips show the faces of the photos they were made from: {_names(facts, 'source')}. Where a photo "
                "shows a real person, the person can be recognised. No name is stored; to identify anybody is "
                "forbidden."
            ),
        ),
        (
            "Does it contain data that might be considered sensitive?",
            _text(
                "Faces, and declared gender, age, ethnicity and skin tone. Estimated demographics: "
                f"{_names(facts, 'estimated_by')}."
            ),
        ),
    ]


def collection(facts: Facts) -> list[Answer]:
    """Return where the dataset came from."""
    return [
        ("How was the data acquired?", _text(statements.COLLECTION)),
        (
            "What mechanisms or procedures were used?",
            _text(
                f"Renderer: {_names(facts, 'renderer')}. Encoder profile: {_names(facts, 'encoder_profile')}. "
                f"Measured by: {_names(facts, 'measured_by')}."
            ),
        ),
        (
            "What was the sampling strategy?",
            "Clips are dealt to people so that emotions, genders and skin tones come as evenly as the photos allow; "
            f"random numbers are keyed by the clip's id.\n\n{_reasons('Photos that were not used', facts.refused)}",
        ),
        (
            "Who was involved, and how were they paid?",
            _text("Software rendered, measured and screened the clips. No crowd worker and no annotator took part."),
        ),
        (
            "Over what timeframe was the data collected?",
            _text("A clip has no date: the same photos and configuration give the same clip at any time."),
        ),
        ("Were ethical review processes conducted?", _text(f"None is recorded here. {_UNSAID}")),
        (
            "Were the people on the photos told, and did they agree?",
            _text(
                f"The photos come from: {_names(facts, 'source')}, with the licence: "
                f"{_names(facts, 'source_license')}. A licence is no consent; whoever rendered a person had to have it."
            ),
        ),
        ("Can consent be revoked?", _text(statements.MAINTENANCE)),
        ("Has the impact on people been analysed?", _text(statements.SOCIAL_IMPACT)),
    ]


def preprocessing(facts: Facts) -> list[Answer]:
    """Return what was done to the data."""
    return [
        (
            "Was any preprocessing, cleaning or labelling done?",
            "Photos are aligned (eyes level, face centred) and gated. Clips are measured after decoding and "
            f"screened.\n\n{_reasons('Clips that were dropped', facts.dropped)}",
        ),
        (
            "Was the raw data saved?",
            _text("The plan of every clip is in `plan.parquet`, kept or not. Dropped clips were not saved."),
        ),
        (
            "Is the software available?",
            _text(f"Yes: EquiME {facts.manifest.code_version}, Apache-2.0. Each row names the software it came from."),
        ),
    ]


def uses(facts: Facts) -> list[Answer]:
    """Return what the dataset is for."""
    return [
        ("Has it been used already?", _text("No use is recorded in this folder.")),
        ("What could it be used for?", bullets(statements.INTENDED_USES)),
        ("Could anything about it affect future uses?", bullets(statements.BIASES)),
        (
            "Are there tasks for which it should not be used?",
            f"{bullets(statements.FORBIDDEN_USES)}\n\n{_text(statements.NOT_FELT)}",
        ),
    ]


def distribution(facts: Facts) -> list[Answer]:
    """Return who may have the dataset."""
    bound = "\n".join(f"- {_line(name)}: **clips must not be passed on**" for name in facts.held_back)
    unclear = "\n".join(f"- {_line(name)}: ask whoever holds the rights first" for name in facts.unclear)
    limits = "\n".join(part for part in (bound, unclear) if part)
    return [
        ("Will it be distributed, how and when?", _text(f"On request, behind a gate. {_UNSAID}")),
        (
            "Under which licence?",
            _text("CC BY-NC 4.0, as far as the photos' own licences allow; `LICENSE` names each of them."),
        ),
        (
            "Have third parties imposed restrictions?",
            limits or f"None: the photos' licence allows passing clips on ({_joined(facts.licences)}).",
        ),
        ("Do export controls apply?", _text("None is known.")),
    ]


def maintenance(facts: Facts) -> list[Answer]:
    """Return who looks after the dataset."""
    return [
        ("Who maintains it, and how can they be reached?", _text(_UNSAID)),
        ("Is there an erratum?", _text("`equime verify` tests the folder against its manifest; report what it finds.")),
        ("Will it be updated?", _text(statements.MAINTENANCE)),
        (
            "Are older versions supported?",
            _text(
                f"The layout has the version {facts.manifest.schema_version}. Software that reads another one refuses "
                "the folder and says which version to install."
            ),
        ),
        (
            "Can others extend it?",
            _text("Yes: render more with their own photos. Splits are frozen, so nobody moves between them."),
        ),
    ]


def _counts(what: str, of: str, counts: Counter[str]) -> str:
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    rows = [[_line(name), str(count)] for name, count in ordered[:_MOST_ROWS]]
    rest = ordered[_MOST_ROWS:]
    if rest:
        rows.append([f"{len(rest)} others", str(sum(count for _, count in rest))])
    return table([what, of], rows)


def _reasons(what: str, counts: Counter[str]) -> str:
    if not counts:
        return f"{what}: none."
    return f"{what}: {counts.total()}.\n\n{_counts('reason', 'number', counts)}"


def _names(facts: Facts, key: str) -> str:
    return _joined(facts.summary.names[key])


def _joined(names: Iterable[str]) -> str:
    return ", ".join(map(_line, names)) or "none"


def _line(text: str) -> str:
    # texts from outside must not break out of their line of Markdown
    return " ".join(text.split())


def _losses(facts: Facts) -> str:
    by_people = facts.dropped[REJECTED_BY_PEOPLE]
    told = f"{facts.dropped.total() - by_people} were dropped because they missed their plan"
    return f"{told}, and {by_people} because most of the people who reviewed them rejected them" if by_people else told


def _text(words: str) -> str:
    return fill(words, 120, break_long_words=False, break_on_hyphens=False)
