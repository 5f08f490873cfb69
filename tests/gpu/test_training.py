"""`equime train` on a GPU: it learns, goes on where it was stopped, and its weights mean the same on a processor."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from equime_evaluation.baselines import Setup
from equime_evaluation.baselines.checkpoint import Epoch
from equime_evaluation.baselines.inputs import Inputs, inputs_of
from equime_evaluation.baselines.training import Material, probabilities, train_fold
from tests.evaluation.baselines.material import EMOTIONS, recordings

pytestmark = pytest.mark.gpu

SETUP = Setup(size_px=32, frames=4, crop="whole", epochs=6, learning_rate=1e-2, batch_size=6, shift_px=1)


@pytest.fixture(scope="module")
def inputs(gpu: str, tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    cache = tmp_path_factory.mktemp("cache")
    return inputs_of(recordings(4), SETUP, cache=cache, at_rest=False, locate=None, tell=lambda *_: None)


def material(inputs: Inputs) -> Material:
    labels = np.array([EMOTIONS.index(clip.split("/")[2].split("-")[0]) for clip in inputs.ids])
    return Material(
        inputs=inputs, labels=labels, classes=3, train=np.arange(18), validation=np.arange(0), name="fold 0"
    )


def test_people_who_were_not_trained_on_are_told_rightly(inputs: Inputs, tmp_path: Path) -> None:
    trained = train_fold(material(inputs), SETUP, tmp_path, lambda _: None)
    assert next(trained.model.parameters()).is_cuda
    there = probabilities(trained.model, inputs, np.arange(18, 24), SETUP)
    assert there.argmax(1).tolist() == [0, 0, 1, 1, 2, 2]
    here = probabilities(trained.model.cpu(), inputs, np.arange(18, 24), SETUP)
    np.testing.assert_allclose(there, here, atol=1e-2)


def test_an_interrupted_training_goes_on(inputs: Inputs, tmp_path: Path) -> None:
    def interrupt(epoch: Epoch) -> None:
        if epoch.number == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_fold(material(inputs), SETUP, tmp_path / "parts", interrupt)
    told: list[Epoch] = []
    resumed = train_fold(material(inputs), SETUP, tmp_path / "parts", told.append)
    assert [epoch.number for epoch in told] == [4, 5, 6]
    whole = train_fold(material(inputs), SETUP, tmp_path / "whole", lambda _: None)
    assert resumed.curve == whole.curve
