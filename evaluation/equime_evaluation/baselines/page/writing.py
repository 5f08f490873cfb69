"""The page around the figures."""

from __future__ import annotations

from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import Final

from equime_builder.gallery.markup import Markup, joined, tag
from equime_builder.publish import publish_text
from equime_evaluation.baselines.page.curves import curves
from equime_evaluation.baselines.page.figures import confusion, groups, levels, per_class, scores, table
from equime_evaluation.baselines.results import Results, TestResult
from equime_evaluation.baselines.run import NOTES_FILE, PREDICTIONS_FILE, RESULTS_FILE
from equime_evaluation.equity.page.words import figure

PAGE_FILE: Final = "index.html"
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_CONTROLS: Final = {
    "permuted-labels": "Labels were exchanged between clips of the same person: this must come out at chance.",
    "neutral-frames": "No frame of the event was shown: this must come out at chance.",
}

_FILES: Final = {
    PREDICTIONS_FILE: "each clip, what it shows and what was said of it",
    RESULTS_FILE: "all figures of this page, for programs",
    NOTES_FILE: "which clips were left out, which labels mended, and why",
}


def write_page(out: Path, results: Results) -> Path:
    """Write the page beside the results and return its path.

    Raises:
        OutputError: The folder cannot be written.
    """
    return publish_text(out / PAGE_FILE, page(results))


def page(results: Results) -> str:
    """Return the whole page as HTML."""
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", f"EquiME baseline: {results.setup.model}"),
        tag("style", _resource("equime_builder.gallery", "page.css")),
        tag("style", _resource("equime_evaluation.equity.page", "audit.css")),
        tag("style", _resource("equime_evaluation.baselines.page", "results.css")),
    )
    tests = [_test(test, place) for place, test in enumerate(results.tests)]
    main = tag("main", *tests, _training(results), _limits(results), _files())
    return f"<!doctype html>\n{tag('html', head, tag('body', _opening(results), main), lang='en')}\n"


def _resource(package: str, name: str) -> Markup:
    return Markup(files(package).joinpath(name).read_text(encoding="utf-8"))


def _opening(results: Results) -> Markup:
    lead = (
        f"{results.setup.model}, {results.weights:,} weights, trained on {results.trained_on} to tell "
        f"{', '.join(results.classes)}; protocol: {results.protocol}. Nobody who is tested was trained on, or chose an "
        "epoch."
    )
    control = _CONTROLS.get(results.control)
    return tag(
        "header",
        tag("p", "EquiME", class_="brand"),
        tag("h1", "Baseline"),
        tag("p", lead, class_="lead"),
        tag("p", f"Control: {control}", class_="lead control") if control else "",
        class_="top",
    )


def _test(test: TestResult, place: int) -> Markup:
    parts: list[Markup] = [scores(test)]
    if test.recognition is not None:
        parts.append(tag("div", confusion(test.recognition), per_class(test.recognition), class_="pair"))
        if test.levels:
            parts.append(levels(test))
        parts += [tag("h3", "By group of people"), groups(test.groups, name=f"groups-{place}")]
    notes = [f"{count:,} clips left out: {reason}." for reason, count in sorted(test.left_out.items())]
    if test.mended:
        notes.append(f"{test.mended:,} labels that cannot be true were mended; notes.json names them.")
    listed = tag("ul", *(tag("li", note) for note in notes), class_="limits") if notes else Markup("")
    return _section(f"{test.dataset}: {test.clips:,} clips of {test.people:,} people", *parts, listed)


def _training(results: Results) -> Markup:
    loss = curves(
        results.folds,
        name="loss",
        title="Loss",
        trained=lambda epoch: epoch.loss,
        validated=lambda epoch: epoch.validation_loss,
    )
    reached = curves(
        results.folds,
        name="uf1",
        title="UF1 while training",
        trained=lambda epoch: epoch.uf1,
        validated=lambda epoch: epoch.validation_uf1,
    )
    rows = [
        (
            fold.name,
            f"{fold.train_people:,} ({fold.train_clips:,} clips)",
            f"{fold.validation_people:,}",
            f"{fold.test_people:,}",
            f"{fold.epoch} of {len(fold.curve)}",
            figure(fold.curve[-1].loss),
        )
        for fold in results.folds
    ]
    columns = ("fold", "people trained on", "who choose the epoch", "tested", "epoch taken", "last loss")
    choices = ((name, str(value)) for name, value in asdict(results.setup).items())
    whole = tag("details", tag("summary", "The whole set-up"), table(("field", "value"), choices, "Set-up"))
    drawings = tag("div", *(tag("div", one, class_="plot", tabindex=0) for one in (loss, reached)), class_="pair")
    return _section("Training", drawings, table(columns, rows, "Folds"), whole)


def _limits(results: Results) -> Markup:
    listed = tag("ul", *(tag("li", line) for line in results.not_made_for), class_="limits")
    return _section("What it is not made for", listed)


def _files() -> Markup:
    listed = (tag("li", tag("a", name, href=name), f": {what}") for name, what in _FILES.items())
    weights = tag("li", tag("code", "fold-0/weights.safetensors"), ": a network, for equime classify; one a fold")
    return _section("Beside this page", tag("ul", *listed, weights, class_="limits"))


def _section(title: str, *children: str) -> Markup:
    return tag("section", tag("h2", title), joined(*children), class_="part")
