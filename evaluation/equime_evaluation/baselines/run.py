"""From a source of clips to trained networks and what they reach: the whole of `equime train`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from equime_builder.digests import fingerprint
from equime_builder.errors import UsageError, choose, need
from equime_builder.publish import publish_text
from equime_evaluation.baselines.checkpoint import Epoch, save_weights
from equime_evaluation.baselines.clips import CONTROLS, Clips, clips_of, permuted
from equime_evaluation.baselines.inputs import Inputs, Tell, inputs_of
from equime_evaluation.baselines.predictions import Prediction, write_predictions
from equime_evaluation.baselines.protocol import folds_of
from equime_evaluation.baselines.results import FoldResult, Results, TestResult, test_result
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
        data: Source of the clips to train on.
        tests: Sources to test on; then all people of ``data`` are trained on. Without any, folds of ``data``.
        protocol: As `equime_evaluation.baselines.protocol.folds_of` takes it.
        control: One of `CONTROLS`.
        out: Folder for weights and results; a run that was interrupted goes on in it.
        cache: Folder where decoded clips are kept.
    """

    setup: Setup
    data: str
    out: Path
    cache: Path
    tests: tuple[str, ...] = ()
    protocol: str = "folds"
    control: str = "none"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Seen:
    """Clips with what is seen of them; only those that something could be made of."""

    clips: Clips
    inputs: Inputs
    labels: NDArray[np.int64]

    def places_of(self, people: frozenset[str]) -> NDArray[np.int64]:
        """Return the places of these people's clips."""
        return np.array([n for n, item in enumerate(self.clips.recordings) if item.person in people], np.int64)


def run_baseline(request: Request, *, locate: Locate | None, tell: Tell) -> Results:
    """Train a baseline and test it on people that it has not seen.

    Args:
        locate: Finds faces; needed where the set-up cuts them out.
        tell: Called with what is done, what there is to do, and what is at hand.

    Raises:
        UsageError: A source or option is unknown or does not fit, or the folder is another run's.
        DatasetError: A source or a checkpoint is damaged.
        MissingExtraError: PyTorch or a reader's package is not installed.
        OutputError: The folder cannot be written.
    """
    need("torch", extra="train")
    choose("control", request.control, CONTROLS)
    names = [source.partition(":")[0] for source in request.tests]
    if len(set(names)) < len(names):
        raise UsageError(f"a source is tested on once, got {', '.join(names)}; run again for another folder of it")
    data = _seen_of(request.data, request, locate, tell, control=request.control)
    if not data.clips.is_labelled:
        raise UsageError(f"source {data.clips.name} has no labels to train on; name it with --test instead")
    tests = [_seen_of(source, request, locate, tell, control="none") for source in request.tests]
    folds = [_everybody(data, tests)] if tests else folds_of(data.clips.recordings, request.protocol)
    _claim(request, data)
    classes = CLASS_SETS[request.setup.classes].classes
    fold_results: list[FoldResult] = []
    by_test: dict[str, list[Prediction]] = {test.clips.name: [] for test in tests or [data]}
    for number, fold in enumerate(folds):
        ready = with_validation(fold, request.setup.validation_people, key=f"validation/{request.setup.seed}")
        trained, result = _trained(request, data, ready, number, len(folds), tell)
        fold_results.append(result)
        for test in tests or [data]:
            places = np.arange(len(test.inputs.ids)) if tests else test.places_of(ready.test)
            by_test[test.clips.name] += _predicted(trained.model, test, places, request.setup, ready.name)
    results = Results(
        setup=request.setup,
        classes=classes,
        trained_on=data.clips.name,
        protocol="all" if tests else request.protocol,
        control=request.control,
        weights=_weights_of(trained.model),
        folds=tuple(fold_results),
        tests=tuple(_scored(test, by_test[test.clips.name], classes) for test in tests or [data]),
    )
    write_predictions(request.out / PREDICTIONS_FILE, [item for own in by_test.values() for item in own], classes)
    publish_text(request.out / RESULTS_FILE, json.dumps(results.as_json(), indent=1) + "\n")
    _write_notes(request.out, [data, *tests])
    return results


def _seen_of(source: str, request: Request, locate: Locate | None, tell: Tell, *, control: str) -> _Seen:
    clips = clips_of(source, request.setup.classes)
    inputs = inputs_of(
        clips.recordings,
        request.setup,
        cache=request.cache,
        at_rest=control == "neutral-frames",
        locate=locate,
        tell=tell,
    )
    number = {item.id: place for place, item in enumerate(clips.recordings)}
    kept = [number[clip] for clip in inputs.ids]
    people = [clips.recordings[place].person for place in kept]
    labels = [-1 if clips.labels[place] is None else clips.labels[place] for place in kept]
    numbers = np.array(labels, np.int64)
    if control == "permuted-labels":
        numbers = permuted(numbers.tolist(), people, seed=request.setup.seed)
    usable = Clips(
        name=clips.name,
        recordings=tuple(clips.recordings[place] for place in kept),
        labels=tuple(None if label < 0 else label for label in numbers.tolist()),
        left_out={**clips.left_out, **inputs.left_out},
        mended=clips.mended,
    )
    return _Seen(clips=usable, inputs=inputs, labels=numbers)


def _everybody(data: _Seen, tests: Sequence[_Seen]) -> Fold:
    """Return the fold that trains on all people of the data, checked against those who are tested."""
    train, test = (frozenset(item.person for item in part.clips.recordings) for part in (data, tests[0]))
    for part in tests[1:]:
        test |= frozenset(item.person for item in part.clips.recordings)
    return Fold(name="all", train=train, test=test)


def _claim(request: Request, data: _Seen) -> None:
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
        except (OSError, ValueError) as error:
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
    request: Request, data: _Seen, fold: Fold, number: int, folds: int, tell: Tell
) -> tuple[Trained, FoldResult]:
    from equime_evaluation.baselines.training import Material, train_fold

    setup = request.setup
    material = Material(
        inputs=data.inputs,
        labels=data.labels,
        classes=len(CLASS_SETS[setup.classes].classes),
        train=data.places_of(fold.train),
        validation=data.places_of(fold.validation),
        name=fold.name,
    )

    def told(epoch: Epoch) -> None:
        tell(number * setup.epochs + epoch.number, folds * setup.epochs, f"{fold.name}, loss {epoch.loss:.2f}")

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


def _predicted(model: nn.Module, test: _Seen, places: NDArray[np.int64], setup: Setup, fold: str) -> list[Prediction]:
    from equime_evaluation.baselines.training import probabilities

    shares = probabilities(model, test.inputs, places, setup)
    return [_prediction(test, int(place), own, fold) for place, own in zip(places, shares, strict=True)]


def _prediction(test: _Seen, place: int, shares: NDArray[np.float64], fold: str) -> Prediction:
    recording = test.clips.recordings[place]
    return Prediction(
        clip=recording.id,
        dataset=recording.dataset,
        person=recording.person,
        fold=fold,
        true=test.clips.labels[place],
        said=int(shares.argmax()),
        probabilities=tuple(shares.tolist()),
        groups=recording.groups,
        programme=recording.programme,
        level=recording.level,
    )


def _scored(test: _Seen, predictions: Sequence[Prediction], classes: Sequence[str]) -> TestResult:
    return test_result(test.clips.name, predictions, classes, left_out=test.clips.left_out, mended=test.clips.mended)


def _write_notes(out: Path, parts: Sequence[_Seen]) -> None:
    notes = {part.clips.name: {"left_out": part.clips.left_out, "mended": part.clips.mended} for part in parts}
    publish_text(out / NOTES_FILE, json.dumps(notes, indent=1) + "\n")


def _weights_of(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())
