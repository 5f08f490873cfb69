"""From sources of clips to trained networks and what they reach: the whole of `equime train`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from equime_builder.digests import fingerprint
from equime_builder.errors import UsageError, choose, need
from equime_builder.publish import publish_text
from equime_evaluation.baselines.checkpoint import Epoch, save_weights
from equime_evaluation.baselines.clips import CONTROLS
from equime_evaluation.baselines.inputs import Tell
from equime_evaluation.baselines.predictions import Prediction, write_predictions
from equime_evaluation.baselines.protocol import folds_of, halves_of
from equime_evaluation.baselines.results import FoldResult, Results, TestResult, test_result
from equime_evaluation.baselines.seen import SeenClips, seen_clips, side_by_side
from equime_evaluation.baselines.setup import Setup
from equime_evaluation.protocols import CLASS_SETS, Fold
from equime_evaluation.protocols.folds import with_validation

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import nn

    from equime_evaluation.baselines.faces import Locate
    from equime_evaluation.baselines.training import Trained

WEIGHTS_FILE: Final = "weights.safetensors"
RESULTS_FILE: Final = "results.json"
PREDICTIONS_FILE: Final = "predictions.csv"
REQUEST_FILE: Final = "request.json"
NOTES_FILE: Final = "notes.json"
"""Which clips were left out, and which labels were mended, with the reasons."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked for.

    Attributes:
        data: Sources of the clips to train on; of several, such as those of a composite, all people are pooled.
        tests: Sources to test on; then all people of ``data`` are trained on. Without any, folds of ``data``.
        protocol: As `equime_evaluation.baselines.protocol.folds_of` takes it.
        control: One of `CONTROLS`.
        out: Folder for weights and results; a run that was interrupted goes on in it.
        cache: Folder where decoded clips are kept.
    """

    setup: Setup
    data: tuple[str, ...]
    out: Path
    cache: Path
    tests: tuple[str, ...] = ()
    protocol: str = "folds"
    control: str = "none"


class _Division(NamedTuple):
    """A fold, and the programmes that it trains on and tests; ``None`` = all."""

    fold: Fold
    trained: frozenset[str] | None = None
    tested: frozenset[str] | None = None


def run_baseline(request: Request, *, locate: Locate | None, tell: Tell) -> Results:
    """Train a baseline and test it on people that it has not seen.

    Args:
        locate: Finds faces; needed where the set-up cuts them out.
        tell: Called with what is done, what there is to do, and what is at hand.

    Raises:
        UsageError: A source or option is unknown or does not fit, or the folder is another run's.
        DatasetError: A source or a checkpoint is damaged.
        MissingExtraError: PyTorch, OpenCV or a reader's package is not installed.
        OutputError: The folder cannot be written.
    """
    _check(request)
    data, tests = _read(request, locate, tell)
    divisions = [_Division(_everybody(data, tests))] if tests else _divisions(data, request)
    _claim(request, data)
    fold_results: list[FoldResult] = []
    predictions: list[list[Prediction]] = [[] for _ in tests or [data]]
    for number, division in enumerate(divisions):
        trained, result = _trained(request, data, division, number, len(divisions), tell)
        fold_results.append(result)
        for test, own in zip(tests or [data], predictions, strict=True):
            places = np.arange(len(test.inputs.ids)) if tests else test.places_of(division.fold.test, division.tested)
            own += _predicted(trained.model, test, places, request.setup, division.fold.name)
    classes = CLASS_SETS[request.setup.classes].classes
    scored = [part for pair in zip(tests or [data], predictions, strict=True) for part in _scored(*pair, classes)]
    results = Results(
        setup=request.setup,
        classes=classes,
        trained_on=data.clips.name,
        protocol="all" if tests else request.protocol,
        control=request.control,
        weights=sum(parameter.numel() for parameter in trained.model.parameters()),
        folds=tuple(fold_results),
        tests=tuple(scored),
    )
    write_predictions(request.out / PREDICTIONS_FILE, [item for own in predictions for item in own], classes)
    publish_text(request.out / RESULTS_FILE, json.dumps(results.as_json(), indent=1) + "\n")
    _write_notes(request.out, [data, *tests])
    return results


def _check(request: Request) -> None:
    need("torch", extra="train")
    need("cv2", extra="render")
    choose("control", request.control, CONTROLS)
    for what, sources in (("trained", request.data), ("tested", request.tests)):
        names = [source.partition(":")[0] for source in sources]
        if len(set(names)) < len(names):
            raise UsageError(f"a source is {what} on once, got {', '.join(names)}; put its folders into one")
    if not request.data:
        raise UsageError("there is nothing to train on; name a source of clips with --data")


def _read(request: Request, locate: Locate | None, tell: Tell) -> tuple[SeenClips, list[SeenClips]]:
    def read(source: str, control: str) -> SeenClips:
        return seen_clips(source, request.setup, control=control, cache=request.cache, locate=locate, tell=tell)

    data = side_by_side([read(source, request.control) for source in request.data])
    if not data.clips.is_labelled:
        raise UsageError(f"source {data.clips.name} has no labels to train on; name it with --test instead")
    return data, [read(source, "none") for source in request.tests]


def _everybody(data: SeenClips, tests: Sequence[SeenClips]) -> Fold:
    """Return the fold that trains on all people of the data, checked against those who are tested."""
    return Fold(name="all", train=data.people, test=frozenset().union(*(test.people for test in tests)))


def _divisions(data: SeenClips, request: Request) -> list[_Division]:
    folds = folds_of(data.clips.recordings, request.protocol)
    halves = halves_of(data.clips.recordings, request.protocol)
    if halves is None:
        return [_Division(fold) for fold in folds]
    parts = [frozenset(name for name, half in halves.items() if half == part) for part in (0, 1)]
    return [
        _Division(replace(fold, name=f"{fold.name}, half {half}"), trained=parts[1 - half], tested=parts[half])
        for fold in folds
        for half in (0, 1)
    ]


def _claim(request: Request, data: SeenClips) -> None:
    """Take the folder for this training; tests may change, for they change no weight."""
    facts: dict[str, Any] = {
        "setup": asdict(request.setup),
        "data": data.clips.name,
        "clips": fingerprint({"ids": list(data.inputs.ids), "labels": data.labels.tolist()}),
        "protocol": "all" if request.tests else request.protocol,
        "control": request.control,
    }
    path = request.out / REQUEST_FILE
    if path.exists():
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            raise UsageError(f"{path} cannot be read: {error}; choose another --out") from error
        if found != facts:
            differs = [name for name in facts if not isinstance(found, dict) or found.get(name) != facts[name]]
            raise UsageError(
                f"{request.out} holds another training (its {', '.join(differs)} differs); choose another --out, or "
                "remove it"
            )
        return
    if request.out.exists() and (not request.out.is_dir() or any(request.out.iterdir())):
        raise UsageError(f"{request.out} holds something that is no training; choose an empty folder or another --out")
    publish_text(path, json.dumps(facts, indent=1) + "\n")


def _trained(
    request: Request, data: SeenClips, division: _Division, number: int, divisions: int, tell: Tell
) -> tuple[Trained, FoldResult]:
    from equime_evaluation.baselines.training import Material, train_fold

    setup = request.setup
    fold = with_validation(division.fold, setup.validation_people, key=f"validation/{setup.seed}")
    material = Material(
        inputs=data.inputs,
        labels=data.labels,
        classes=len(CLASS_SETS[setup.classes].classes),
        train=data.places_of(fold.train, division.trained),
        validation=data.places_of(fold.validation, division.trained),
        name=fold.name,
    )

    def told(epoch: Epoch) -> None:
        tell(number * setup.epochs + epoch.number, divisions * setup.epochs, f"{fold.name}, loss {epoch.loss:.2f}")

    folder = request.out / f"fold-{number}"
    trained = train_fold(material, setup, folder, told)
    facts = {"setup": json.dumps(asdict(setup)), "trained_on": data.clips.name, "fold": fold.name}
    facts["people"] = str(len(fold.train))
    save_weights(folder / WEIGHTS_FILE, trained.model.state_dict(), facts)
    return trained, FoldResult(
        name=fold.name,
        train_people=len(fold.train),
        validation_people=len(fold.validation),
        test_people=len(fold.test),
        train_clips=len(material.train),
        epoch=trained.epoch,
        curve=trained.curve,
    )


def _predicted(
    model: nn.Module, test: SeenClips, places: NDArray[np.int64], setup: Setup, fold: str
) -> Iterator[Prediction]:
    from equime_evaluation.baselines.training import probabilities

    shares = probabilities(model, test.inputs, places, setup)
    for place, own in zip(places.tolist(), shares, strict=True):
        recording = test.clips.recordings[place]
        yield Prediction(
            clip=recording.id,
            dataset=recording.dataset,
            person=recording.person,
            fold=fold,
            true=test.clips.labels[place],
            said=int(own.argmax()),
            probabilities=tuple(own.tolist()),
            groups=recording.groups,
            level=recording.level,
        )


def _scored(test: SeenClips, predictions: Sequence[Prediction], classes: Sequence[str]) -> Iterator[TestResult]:
    """Yield the score of all clips, folds pooled, and of each dataset by itself where there are several."""
    left_out, mended = test.clips.left_out, test.clips.mended
    yield test_result(test.clips.name, predictions, classes, left_out=left_out, mended=mended)
    datasets = sorted({item.dataset for item in predictions})
    for name in datasets if len(datasets) > 1 else ():
        own = [item for item in predictions if item.dataset == name]
        yield test_result(name, own, classes, left_out={}, mended={})


def _write_notes(out: Path, parts: Sequence[SeenClips]) -> None:
    notes = {part.clips.name: {"left_out": part.clips.left_out, "mended": part.clips.mended} for part in parts}
    publish_text(out / NOTES_FILE, json.dumps(notes, indent=1) + "\n")
