from dataclasses import fields
from pathlib import Path

import pytest

from equime_builder.errors import UsageError
from equime_evaluation.baselines import Setup, built_in_setups, read_setup
from equime_evaluation.baselines.setup import MODELS


def test_every_built_in_setup_can_be_read_and_is_told_in_a_line() -> None:
    found = built_in_setups()
    assert {read_setup(name).model for name in found} == set(MODELS)
    assert all(len(line) > 20 for line in found.values())


@pytest.mark.parametrize("model", ["cnn3d", "resnet3d", "mobilenet"])
@pytest.mark.parametrize(("classes", "names"), [("3class", "3class"), ("5class", "5class-published")])
def test_published_setups_are_those_that_were_published(model: str, classes: str, names: str) -> None:
    setup = read_setup(f"published-{model}-{classes}")
    assert (setup.model, setup.classes) == (model, names)
    assert (setup.size_px, setup.frames, setup.batch_size, setup.epochs) == (64, 96, 16, 100)
    assert (setup.learning_rate, setup.seed) == (1e-4, 4)
    assert setup.validation_people > 0  # it stopped early on test clips; here people who are not tested decide


def test_a_file_overrules_defaults_and_changes_overrule_the_file(tmp_path: Path) -> None:
    place = tmp_path / "mine.toml"
    place.write_text('model = "ststnet"\nframes = 0\nsize_px = 28\nlearning_rate = 1\n', encoding="utf-8")
    setup = read_setup(str(place), {"epochs": 3, "seed": None})
    assert (setup.model, setup.learning_rate, setup.epochs, setup.seed) == ("ststnet", 1.0, 3, 0)
    assert setup.sees_flow


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("colour = 1", "'colour' is unknown; choose from: model, classes"),
        ('frames = "8"', "frames must be a whole number, got '8'"),
        ("balanced = 1", "balanced must be true or false, got 1"),
        ("frames = 0", "frames must be 1 or more for resnet3d, got 0"),
        ('model = "vgg"', "model 'vgg' is unknown; choose from: cnn3d"),
        ("learning_rate = -1.0", "learning_rate must lie in"),
        ("patience_epochs = 3", "nobody who is tested may decide when to stop"),
        ("model = ", "is not TOML"),
    ],
)
def test_what_is_wrong_in_a_file_is_said(tmp_path: Path, text: str, complaint: str) -> None:
    place = tmp_path / "mine.toml"
    place.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=complaint):
        read_setup(str(place))


def test_an_unknown_name_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="set-up 'x' is unknown; choose from: flow-3class"):
        read_setup("x")
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        read_setup(str(tmp_path / "none.toml"))


def test_every_field_is_said_what_it_is() -> None:
    told = Setup.__doc__ or ""
    shown = {"epochs", "batch_size", "learning_rate", "weight_decay", "schedule", "seed"}  # as everybody calls them
    assert all(field.name in told or field.name in shown for field in fields(Setup))
