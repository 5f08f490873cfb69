from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="install equime[train]")

from equime_builder.errors import DatasetError  # noqa: E402
from equime_evaluation.baselines import Setup  # noqa: E402
from equime_evaluation.baselines.checkpoint import Epoch, load_weights, save_weights  # noqa: E402
from equime_evaluation.baselines.inputs import Inputs, inputs_of  # noqa: E402
from equime_evaluation.baselines.models import build_model  # noqa: E402
from equime_evaluation.baselines.training import (  # noqa: E402
    CHECKPOINT_FILE,
    Material,
    Trained,
    probabilities,
    train_fold,
)
from tests.evaluation.baselines.material import EMOTIONS, recordings  # noqa: E402

SETUP = Setup(size_px=32, frames=4, crop="whole", epochs=6, learning_rate=1e-2, batch_size=6, shift_px=1)


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    cache = tmp_path_factory.mktemp("cache")
    return inputs_of(recordings(4), SETUP, cache=cache, at_rest=False, locate=None, tell=lambda *_: None)


def material(inputs: Inputs, *, validation: int = 0) -> Material:
    labels = np.array([EMOTIONS.index(clip.split("/")[2].split("-")[0]) for clip in inputs.ids])
    places = np.arange(18)
    return Material(
        inputs=inputs,
        labels=labels,
        classes=3,
        train=places[: 18 - validation],
        validation=places[18 - validation :],
        name="fold 0",
    )


def weights_of(trained: Trained) -> dict[str, np.ndarray]:
    return {name: tensor.numpy() for name, tensor in trained.model.state_dict().items()}


def assert_same(one: Trained, other: Trained) -> None:
    assert one.curve == other.curve
    for name, value in weights_of(one).items():
        np.testing.assert_array_equal(value, weights_of(other)[name], err_msg=name)


@pytest.mark.parametrize(
    "setup",
    [
        SETUP,
        Setup(model="cnn3d", size_px=16, frames=3),
        Setup(model="mobilenet", size_px=32, frames=2),
        Setup(model="ststnet", size_px=28, frames=0),
    ],
    ids=lambda setup: setup.model,
)
def test_networks_take_what_a_setup_shows(setup: Setup) -> None:
    model = build_model(setup, 5, seed=1).eval()
    shape = (2, 3, setup.size_px, setup.size_px) if setup.sees_flow else (2, 1, setup.frames, *[setup.size_px] * 2)
    assert model(torch.zeros(shape)).shape == (2, 5)
    same, other = (build_model(setup, 5, seed=seed).state_dict() for seed in (1, 2))
    assert all(torch.equal(tensor, same[name]) for name, tensor in model.state_dict().items())
    assert not all(torch.equal(tensor, other[name]) for name, tensor in model.state_dict().items())


def test_people_who_were_not_trained_on_are_told_rightly(inputs: Inputs, tmp_path: Path) -> None:
    told: list[Epoch] = []
    trained = train_fold(material(inputs), SETUP, tmp_path, told.append)
    assert tuple(told) == trained.curve
    assert trained.epoch == SETUP.epochs
    assert trained.curve[-1].loss < trained.curve[0].loss
    shares = probabilities(trained.model, inputs, np.arange(18, 24), SETUP)
    np.testing.assert_allclose(shares.sum(1), 1)
    assert shares.argmax(1).tolist() == [0, 0, 1, 1, 2, 2]


def test_an_interrupted_training_ends_with_the_same_weights(inputs: Inputs, tmp_path: Path) -> None:
    whole = train_fold(material(inputs), SETUP, tmp_path / "whole", lambda _: None)

    def interrupt(epoch: Epoch) -> None:
        if epoch.number == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_fold(material(inputs), SETUP, tmp_path / "parts", interrupt)
    told: list[Epoch] = []
    resumed = train_fold(material(inputs), SETUP, tmp_path / "parts", told.append)
    assert [epoch.number for epoch in told] == [4, 5, 6]
    assert_same(resumed, whole)
    # and a finished one is not trained again
    assert_same(train_fold(material(inputs), SETUP, tmp_path / "parts", interrupt), whole)


def test_the_people_who_choose_take_the_epoch_of_least_loss(inputs: Inputs, tmp_path: Path) -> None:
    setup = replace(SETUP, epochs=12, validation_people=1, patience_epochs=2)
    trained = train_fold(material(inputs, validation=6), setup, tmp_path, lambda _: None)
    losses = [epoch.validation_loss for epoch in trained.curve]
    assert None not in losses
    assert trained.epoch == 1 + int(np.argmin(np.array(losses, np.float64)))
    assert len(losses) in (12, trained.epoch + 2)
    shares = probabilities(trained.model, inputs, np.arange(12, 18), setup)
    truth = material(inputs).labels[12:18]
    best = -np.log(shares[np.arange(6), truth]).mean()
    assert best == pytest.approx(trained.curve[trained.epoch - 1].validation_loss, rel=1e-4)


def test_a_damaged_checkpoint_is_said(inputs: Inputs, tmp_path: Path) -> None:
    (tmp_path / CHECKPOINT_FILE).write_bytes(b"not safetensors")
    with pytest.raises(DatasetError, match="remove it to train this fold again"):
        train_fold(material(inputs), SETUP, tmp_path, lambda _: None)
    save_weights(tmp_path / CHECKPOINT_FILE, {"x": torch.zeros(1)}, {})
    with pytest.raises(DatasetError, match="of another model or damaged"):
        train_fold(material(inputs), SETUP, tmp_path, lambda _: None)
    assert load_weights(tmp_path / CHECKPOINT_FILE)[0]["x"].shape == (1,)


def test_a_small_network_has_the_same_weights_whatever_the_threads(tmp_path: Path) -> None:
    setup = Setup(model="ststnet", size_px=28, frames=0, crop="whole", epochs=2, batch_size=6)
    inputs = inputs_of(recordings(4), setup, cache=tmp_path, at_rest=False, locate=None, tell=lambda *_: None)
    usual, trained = torch.get_num_threads(), []
    try:
        for threads in (1, 4):
            torch.set_num_threads(threads)
            trained.append(train_fold(material(inputs), setup, tmp_path / str(threads), lambda _: None))
            assert torch.get_num_threads() == threads, "the caller's number is kept"
    finally:
        torch.set_num_threads(usual)
    assert_same(*trained)
