"""A trained baseline asked about clips that nobody labelled."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from equime_builder.errors import DatasetError, UsageError, need
from equime_evaluation.baselines.inputs import Tell, inputs_of
from equime_evaluation.baselines.limits import NOT_MADE_FOR
from equime_evaluation.baselines.setup import Setup, setup_of
from equime_evaluation.protocols import CLASS_SETS
from equime_evaluation.recordings import open_source

if TYPE_CHECKING:
    from equime_evaluation.baselines.faces import Locate


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a baseline says of one clip.

    Attributes:
        said: Class with the largest probability.
        probabilities: By class.
    """

    clip: str
    said: str
    probabilities: dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What it says of all clips.

    Attributes:
        trained_on: Name of the source, and ``people`` how many people of it.
        left_out: For each clip that nothing could be made of, why.
    """

    model: str
    trained_on: str
    people: int
    answers: tuple[Answer, ...]
    left_out: dict[str, str]
    not_made_for: tuple[str, ...] = NOT_MADE_FOR


def classify(weights: Path, source: str, *, cache: Path, locate: Locate | None, tell: Tell) -> Answers:
    """Ask trained weights about the clips of a source; labels, if there are any, are not looked at.

    Args:
        weights: A ``weights.safetensors`` of `equime_evaluation.baselines.run_baseline`.
        source: As `equime_evaluation.recordings.open_source` takes it, such as ``videos:DIR``.
        cache: Folder where decoded clips are kept.
        locate: Finds faces; needed where the set-up of the weights cuts them out.
        tell: Called with what is done, what there is to do, and what is at hand.

    Raises:
        UsageError: The source is unknown, or nothing could be made of any clip.
        DatasetError: The weights are damaged, or the source is.
    """
    torch = need("torch", extra="train")
    need("cv2", extra="render")
    from equime_evaluation.baselines.checkpoint import load_weights
    from equime_evaluation.baselines.models import build_model
    from equime_evaluation.baselines.training import probabilities

    tensors, facts = load_weights(weights)
    setup = setup_in(facts, weights)
    classes = CLASS_SETS[setup.classes].classes
    model = build_model(setup, len(classes), seed=0)
    try:
        model.load_state_dict(tensors)
    except RuntimeError as error:
        raise DatasetError(f"{weights} does not hold the weights that it says; train again") from error
    model.to("cuda" if torch.cuda.is_available() else "cpu")
    listing = open_source(source)
    inputs = inputs_of(listing.recordings, setup, cache=cache, at_rest=False, locate=locate, tell=tell)
    shares = probabilities(model, inputs, np.arange(len(inputs.ids)), setup)
    return Answers(
        model=setup.model,
        trained_on=facts["trained_on"],
        people=int(facts["people"]),
        answers=tuple(_answer(clip, own.tolist(), classes) for clip, own in zip(inputs.ids, shares, strict=True)),
        left_out={**listing.left_out, **inputs.left_out},
    )


def setup_in(facts: dict[str, str], weights: Path) -> Setup:
    """Return the set-up that a file of weights says it was trained with.

    Raises:
        DatasetError: It says none that is possible.
    """
    try:
        told = json.loads(facts["setup"])
        if not isinstance(told, dict) or not facts["trained_on"] or int(facts["people"]) < 1:
            raise ValueError("it is no set-up")
        return setup_of(told, str(weights))
    except (KeyError, ValueError, UsageError, RecursionError) as error:
        raise DatasetError(
            f"{weights} is no file of a trained baseline ({error}); give weights.safetensors of a fold of equime train"
        ) from error


def _answer(clip: str, shares: Sequence[float], classes: Sequence[str]) -> Answer:
    by_class = dict(zip(classes, shares, strict=True))
    return Answer(clip=clip, said=max(by_class, key=lambda name: by_class[name]), probabilities=by_class)
