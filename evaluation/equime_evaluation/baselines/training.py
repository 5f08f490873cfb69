"""One fold trained: epochs that can be interrupted and gone on with, and weights at the end.

The same set-up, inputs and number of threads give the same weights, in one go or in several. A small network's are the
same whatever the number of threads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import cos, pi
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from equime_builder.streams import key_of
from equime_evaluation.baselines.batches import seen, training_batches
from equime_evaluation.baselines.checkpoint import Epoch, Progress, load_progress, save_progress
from equime_evaluation.baselines.models import build_model
from equime_evaluation.baselines.setup import Setup
from equime_evaluation.protocols.recognition import uf1

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor, nn
    from torch.optim import Optimizer

    from equime_evaluation.baselines.inputs import Inputs

    Places = NDArray[np.int64]

CHECKPOINT_FILE: Final = "checkpoint.safetensors"
_SCORED_AT_ONCE: Final = 64
_SMALL_WEIGHTS: Final = 10_000
"""Threads of a network of fewer weights only wait for each other: beside other work minutes in place of seconds."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Material:
    """What a fold is trained on.

    Attributes:
        labels: (n,) class of each clip of ``inputs``.
        train: Places of the clips trained on; ``validation`` those of people who choose the epoch, may be empty.
        name: Of the fold; names its random streams.
    """

    inputs: Inputs
    labels: NDArray[np.int64]
    classes: int
    train: Places
    validation: Places
    name: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trained:
    """A trained network.

    Attributes:
        epoch: Number of the epoch whose weights these are.
    """

    model: nn.Module
    curve: tuple[Epoch, ...]
    epoch: int


def train_fold(material: Material, setup: Setup, folder: Path, tell: Callable[[Epoch], None]) -> Trained:
    """Train one fold, from where an interrupted training of it stands.

    Args:
        folder: Holds the checkpoint.
        tell: Called after each epoch.

    Raises:
        DatasetError: The checkpoint is damaged or of another model.
        OutputError: The folder cannot be written.
    """
    import torch

    device = "cuda" if torch.cuda.is_available() else "cpu"
    seed = key_of("baselines", setup.seed, material.name) % 2**63
    model = build_model(setup, material.classes, seed=seed).to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=setup.learning_rate, weight_decay=setup.weight_decay)
    progress = load_progress(folder / CHECKPOINT_FILE, model, optimizer)
    while not _is_done(progress, setup):
        with _threads_that_suit(model):
            epoch = _train_epoch(material, setup, model, optimizer, len(progress.curve) + 1)
        progress.curve.append(epoch)
        if _is_best(progress):
            progress.best_epoch = epoch.number
            progress.best = {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}
        save_progress(folder / CHECKPOINT_FILE, model, optimizer, progress)
        tell(epoch)
    model.load_state_dict(progress.best)
    return Trained(model=model, curve=tuple(progress.curve), epoch=progress.best_epoch)


@contextmanager
def _threads_that_suit(model: nn.Module) -> Iterator[None]:
    import torch

    usual = torch.get_num_threads()
    small = sum(weights.numel() for weights in model.parameters()) < _SMALL_WEIGHTS
    torch.set_num_threads(1 if small else usual)
    try:
        yield
    finally:
        torch.set_num_threads(usual)


def probabilities(model: nn.Module, inputs: Inputs, places: Places, setup: Setup) -> NDArray[np.float64]:
    """Return (n, classes) probabilities of clips, each looked at as it is."""
    import torch

    model.eval()
    device = next(model.parameters()).device
    found = []
    with torch.inference_mode():
        for first in range(0, len(places), _SCORED_AT_ONCE):
            batch = seen(inputs, places[first : first + _SCORED_AT_ONCE], setup).to(device)
            found.append(torch.softmax(model(batch).double(), dim=1).cpu().numpy())
    return np.concatenate(found) if found else np.empty((0, 0))


def _train_epoch(material: Material, setup: Setup, model: nn.Module, optimizer: Optimizer, number: int) -> Epoch:
    import torch

    for group in optimizer.param_groups:
        group["lr"] = _learning_rate(setup, number)
    key = f"baselines/{setup.seed}/{material.name}/{number}"
    weights = torch.from_numpy(_class_weights(material, setup)).to(next(model.parameters()).device)
    model.train()
    losses, confusion = [], np.zeros((material.classes, material.classes))
    # dropout draws from torch's own stream, which is set anew for each epoch: an epoch does not depend on those before
    gpus = [weights.device] if weights.is_cuda else []
    with torch.random.fork_rng(gpus), torch.backends.cudnn.flags(enabled=True, deterministic=True):
        torch.manual_seed(key_of(key, "dropout") % 2**63)
        for turn, places in enumerate(training_batches(material.train, setup, key)):
            batch = seen(material.inputs, places, setup, key=f"{key}/{turn}").to(weights.device)
            truth = torch.from_numpy(material.labels[places]).to(weights.device)
            logits = model(batch)
            loss = torch.nn.functional.cross_entropy(logits, truth, weight=weights)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            losses += [float(loss.detach())] * len(places)
            _count(confusion, truth, logits)
    validation_loss, validation_uf1 = _validated(material, setup, model)
    return Epoch(
        number=number,
        loss=float(np.mean(losses)),
        uf1=float(uf1(confusion)),
        validation_loss=validation_loss,
        validation_uf1=validation_uf1,
    )


def _validated(material: Material, setup: Setup, model: nn.Module) -> tuple[float | None, float | None]:
    if not len(material.validation):
        return None, None
    shares = probabilities(model, material.inputs, material.validation, setup)
    truth = material.labels[material.validation]
    confusion = np.zeros((material.classes, material.classes))
    np.add.at(confusion, (truth, shares.argmax(1)), 1)
    loss = -np.log(np.maximum(shares[np.arange(len(truth)), truth], 1e-12)).mean()
    return float(loss), float(uf1(confusion))


def _class_weights(material: Material, setup: Setup) -> NDArray[np.float32]:
    counts = np.bincount(material.labels[material.train], minlength=material.classes).astype(np.float32)
    if not setup.balanced:
        return np.ones(material.classes, np.float32)
    present = counts > 0
    return np.where(present, counts.sum() / (present.sum() * np.maximum(counts, 1)), 0).astype(np.float32)


def _learning_rate(setup: Setup, number: int) -> float:
    if setup.schedule == "constant":
        return setup.learning_rate
    return setup.learning_rate * 0.5 * (1 + cos(pi * (number - 1) / setup.epochs))


def _is_best(progress: Progress) -> bool:
    latest = progress.curve[-1].validation_loss
    earlier: Sequence[float] = [
        epoch.validation_loss for epoch in progress.curve[:-1] if epoch.validation_loss is not None
    ]
    return latest is None or all(latest < loss for loss in earlier)


def _is_done(progress: Progress, setup: Setup) -> bool:
    done = len(progress.curve)
    return done >= setup.epochs or 0 < setup.patience_epochs <= done - progress.best_epoch


def _count(confusion: NDArray[np.float64], truth: Tensor, logits: Tensor) -> None:
    np.add.at(confusion, (truth.cpu().numpy(), logits.detach().argmax(1).cpu().numpy()), 1)
