"""`equime train`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from equime_evaluation.equity.outcomes import HEADLINE_ATTRIBUTES
from equime_generation.cli import options
from equime_generation.cli.terminal import file_screen, print_json, print_table, say
from equime_generation.face_points import face_finder

if TYPE_CHECKING:
    from equime_evaluation.baselines import Results
    from equime_evaluation.baselines.results import TestResult
    from equime_evaluation.protocols import GroupReport, Recognition

_SOURCES = "equime:DIR, casme2:DIR, samm:DIR, smic:DIR, mmew:DIR, casme3:DIR or miex:DIR"
Setup = Annotated[
    str, typer.Option(help="Name of a set-up that comes with EquiME, or a TOML file; --setups lists them.")
]
Data = Annotated[
    list[str] | None,
    typer.Option(
        help=f"Source of the clips to train on: {_SOURCES}; left out: $EQUIME_HOME, else ./equime. Given several "
        "times, as for the composite of MEGC 2019, all people are pooled."
    ),
]
Test = Annotated[
    list[str] | None,
    typer.Option(
        help="Source to test on, may be given several times; then all people of --data are trained on. As --data, or "
        "videos:DIR for clips without labels."
    ),
]
Out = Annotated[Path, typer.Option(help="Folder for weights and results: a new or empty one, or that of the same run.")]
Protocol = Annotated[
    str,
    typer.Option(
        help="Without --test: folds (five), folds-and-programmes (neither person nor programme was trained on), loso "
        "(leave one person out), splits (the dataset's own) or leave-one-group-out:gender (or another attribute)."
    ),
]
Control = Annotated[
    str,
    typer.Option(
        help="A run that must come out at chance: permuted-labels (exchanged within each person) or neutral-frames (no "
        "frame of the event is shown); none: the real thing."
    ),
]
Epochs = Annotated[int | None, typer.Option(help="Epochs of each fold, in place of the set-up's.")]
Seed = Annotated[int | None, typer.Option(help="Another whole number, other weights to begin with.")]
Cache = Annotated[Path | None, typer.Option(help="Folder where decoded clips are kept; ~/.cache/equime by default.")]
Setups = Annotated[bool, typer.Option("--setups", help="List the set-ups that come with EquiME, and do nothing.")]


def train(
    setup: Setup = "resnet3d-3class",
    data: Data = None,
    test: Test = None,
    out: Out = Path("baseline"),
    protocol: Protocol = "folds",
    control: Control = "none",
    epochs: Epochs = None,
    seed: Seed = None,
    cache: Cache = None,
    setups: Setups = False,
    json: options.Json = False,
) -> None:
    """Train a baseline, test it on people whom it has not seen, and write a page about it, OUT/index.html.

    Stopped or killed, it goes on where it was when the same command runs again.
    """
    from equime_evaluation.baselines import Request, built_in_setups, read_setup, run_baseline
    from equime_evaluation.baselines.page import write_page

    if setups:
        print_table("", ("set-up", "what it is"), list(built_in_setups().items()), numbers=False)
        return
    request = Request(
        setup=read_setup(setup, {"epochs": epochs, "seed": seed}),
        data=tuple(data or ("equime",)),
        tests=tuple(test or ()),
        out=out,
        cache=cache or Path.home() / ".cache" / "equime",
        protocol=protocol,
        control=control,
    )
    with face_finder(request.setup.crop) as locate, file_screen("clips") as progress:
        results = run_baseline(request, locate=locate, tell=progress)
    page = write_page(out, results)
    if json:
        print_json({"out": str(out), "page": str(page), **results.as_json()})
        return
    show(results)
    say(f"look at it:  {page}")


def show(results: Results) -> None:
    """Print what a run reached, and what it cannot say."""
    folds = results.folds
    people = f"{folds[0].train_people} people" if len(folds) == 1 else f"{len(folds)} folds"
    say(f"{results.setup.model}, {results.weights:,} weights, trained on {results.trained_on} ({people})")
    if results.control != "none":
        say(f"control: {results.control}; this must come out at chance")
    for test in results.tests:
        say("")
        _show_test(test)
    say("")
    for line in results.not_made_for:
        say(f"- {line}")


def _show_test(test: TestResult) -> None:
    say(f"{test.dataset}: {test.clips} clips of {test.people} people who were not trained on")
    for what, counts in (("left out", test.left_out), ("mended", {"labels": test.mended} if test.mended else {})):
        if counts:
            say(f"{what}: {', '.join(f'{reason} {count}' for reason, count in counts.items())}")
    if test.recognition is None:
        say(f"nobody labelled them; said: {', '.join(f'{name} {count}' for name, count in test.said.items())}")
        return
    _show_recognition(test.recognition)
    if test.chance is not None:
        say(f"chance      UF1 {test.chance.uf1:.3f} ({test.chance.low:.3f} to {test.chance.high:.3f})")
    for level, scored in test.levels.items():
        say(f"level {level}     UF1 {_number(scored.uf1)} over {scored.clips} clips")
    for report in test.groups:
        if report.attribute in HEADLINE_ATTRIBUTES:
            _show_groups(report)


def _show_recognition(scored: Recognition) -> None:
    say(f"UF1         {_number(scored.uf1)}{_span(scored.uf1_interval)}")
    say(f"UAR         {_number(scored.uar)}{_span(scored.uar_interval)}")
    say(f"accuracy    {_number(scored.accuracy)}")
    rows = [
        (item.name, str(item.clips), _number(item.f1), *map(str, counts))
        for item, counts in zip(scored.per_class, scored.confusion, strict=True)
    ]
    print_table("", ("true class", "clips", "F1", *(f"said {name}" for name in scored.classes)), rows)


def _show_groups(report: GroupReport) -> None:
    rows = [
        (item.group, str(item.people), str(item.clips), f"{_number(item.uf1)}{_span(item.uf1_interval)}")
        for item in report.groups
    ]
    print_table("", (report.attribute, "people", "clips", "UF1"), rows)
    gaps = (f"{item.measure} {item.value:.3f}{_span(item.interval)}" for item in report.differences)
    say(f"apart: {', '.join(gaps)}")


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _span(inside: tuple[float, float] | None) -> str:
    return "" if inside is None else f" ({inside[0]:.3f} to {inside[1]:.3f})"
