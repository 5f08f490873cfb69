"""Where training stands, in one safetensors file: weights, the optimizer's moments, the best weights, and the curves.

Nothing here is ever read by pickle.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from equime_builder.errors import DatasetError, need
from equime_builder.publish import publish

if TYPE_CHECKING:
    from torch import Tensor, nn
    from torch.optim import Optimizer

_NEXT_STEP: Final = "remove it to train this fold again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Epoch:
    """One line of the training curves.

    Attributes:
        number: From 1.
        loss: Mean over the clips trained on, while training.
        uf1: Of the clips trained on, while training.
        validation_loss: ``None`` where nobody chooses the epoch; as ``validation_uf1``.
    """

    number: int
    loss: float
    uf1: float
    validation_loss: float | None = None
    validation_uf1: float | None = None


@dataclass(slots=True, kw_only=True)
class Progress:
    """What a training has done so far.

    Attributes:
        curve: Epochs done.
        best_epoch: Number of the epoch with the least validation loss; the last where nobody chooses.
        best: Its weights.
    """

    curve: list[Epoch] = field(default_factory=list)
    best_epoch: int = 0
    best: dict[str, Tensor] = field(default_factory=dict)


def save_progress(path: Path, model: nn.Module, optimizer: Optimizer, progress: Progress) -> None:
    """Write where training stands, whole or not at all.

    Raises:
        OutputError: The place cannot be written.
    """
    tensors = {f"model.{name}": tensor for name, tensor in model.state_dict().items()}
    tensors |= {f"best.{name}": tensor for name, tensor in progress.best.items()}
    for place, state in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{place}.{name}": tensor for name, tensor in state.items()}
    facts = {"curve": [asdict(epoch) for epoch in progress.curve], "best_epoch": progress.best_epoch}
    _save(path, tensors, {"progress": json.dumps(facts)})


def load_progress(path: Path, model: nn.Module, optimizer: Optimizer) -> Progress:
    """Put a model and its optimizer where training stood, and return what was done; without a file, nothing was.

    Raises:
        DatasetError: The file is damaged, or of another model.
    """
    if not path.exists():
        return Progress()
    tensors, facts = _load(path)
    try:
        told = json.loads(facts["progress"])
        model.load_state_dict(_below(tensors, "model."))
        state: dict[int, dict[str, Tensor]] = {}
        for name, tensor in _below(tensors, "optimizer.").items():
            place, _, what = name.partition(".")
            state.setdefault(int(place), {})[what] = tensor
        optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
        return Progress(
            curve=[Epoch(**epoch) for epoch in told["curve"]],
            best_epoch=int(told["best_epoch"]),
            best=_below(tensors, "best."),
        )
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RuntimeError) as error:
        raise DatasetError(f"{path} is of another model or damaged: {_first(error)}; {_NEXT_STEP}") from error


def save_weights(path: Path, weights: dict[str, Tensor], facts: dict[str, str]) -> None:
    """Write weights and what they are of.

    Raises:
        OutputError: The place cannot be written.
    """
    _save(path, weights, facts)


def load_weights(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Return weights and what they are of, as `save_weights` wrote them.

    Raises:
        DatasetError: The file is missing, damaged or none of `save_weights`.
    """
    return _load(path)


def _save(path: Path, tensors: dict[str, Tensor], facts: dict[str, str]) -> None:
    torch_format = need("safetensors.torch", extra="train")
    plain = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()}
    publish(path, lambda partial: torch_format.save_file(plain, partial, metadata=facts))


def _load(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    safetensors = need("safetensors", extra="train")
    try:
        with safetensors.safe_open(path, framework="pt") as file:
            return {name: file.get_tensor(name) for name in file.keys()}, dict(file.metadata() or {})  # noqa: SIM118
    except (safetensors.SafetensorError, OSError) as error:
        raise DatasetError(f"{path} cannot be read: {_first(error)}; {_NEXT_STEP}") from error


def _below(tensors: dict[str, Any], prefix: str) -> dict[str, Any]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def _first(error: Exception) -> str:
    return f"{str(error).strip().partition(chr(10))[0]:.200}"
