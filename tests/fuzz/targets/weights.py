"""Weights: of baselines in safetensors, of BRISQUE in libsvm's text and in a checkpoint of PyTorch; kept faces."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np

from equime_evaluation.baselines.checkpoint import Epoch, Progress, load_progress, load_weights, save_progress
from equime_evaluation.baselines.classify import setup_in
from equime_evaluation.quality.regression import read_model
from equime_evaluation.quality.statistics import FEATURES
from equime_generation.faces import Face
from equime_generation.workspace import Workspace
from tests.fuzz.containers import mutated_lines, mutated_safetensors, mutated_zip
from tests.fuzz.target import Target
from tests.samples import person

_FACE: Final = ".work/faces/t001.npz"


def _trained() -> tuple[Any, Any]:
    import torch

    torch.manual_seed(0)
    model = torch.nn.Linear(3, 2)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.1)
    model(torch.ones(1, 3)).sum().backward()
    optimizer.step()
    return model, optimizer


def _progress(folder: Path) -> list[bytes]:
    model, optimizer = _trained()
    curve = [Epoch(number=1, loss=0.5, uf1=0.4, validation_loss=0.6, validation_uf1=0.3)]
    best = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    save_progress(folder / "made", model, optimizer, Progress(curve=curve, best_epoch=1, best=best))
    return [(folder / "made").read_bytes()]


def _weights(folder: Path) -> list[bytes]:
    from equime_evaluation.baselines.checkpoint import save_weights

    facts = {"setup": '{"model": "cnn3d", "epochs": 2}', "trained_on": "equime", "people": "8"}
    save_weights(folder / "made", _trained()[0].state_dict(), facts)
    return [(folder / "made").read_bytes()]


def _loaded(folder: Path) -> object:
    path = folder / "weights.safetensors"
    return setup_in(load_weights(path)[1], path)


def _libsvm(folder: Path) -> list[bytes]:
    head = "svm_type epsilon_svr\nkernel_type rbf\ngamma 0.05\nnr_class 2\ntotal_sv 2\nrho -153.591\nSV\n"
    vectors = "".join(f"{value} {' '.join(f'{n}:{value / 7}' for n in range(1, FEATURES + 1))}\n" for value in (1, -1))
    return [(head + vectors).encode()]


def _checkpoint(folder: Path) -> list[bytes]:
    import torch

    torch.save((torch.ones(2), torch.ones(2, FEATURES)), folder / "made")
    return [(folder / "made").read_bytes()]


def _face(folder: Path) -> list[bytes]:
    workspace = Workspace(folder)
    (workspace.folder / "faces").mkdir(parents=True, exist_ok=True)
    workspace.keep_face(
        Face(subject=person(1), image=np.zeros((512, 512, 3), np.uint8), landmarks=np.zeros((478, 3)), upscale=1.0)
    )
    return [(folder / _FACE).read_bytes()]


TARGETS: Final[dict[str, Target]] = {
    "progress": Target(
        file="progress.safetensors",
        samples=_progress,
        readers=(lambda folder: load_progress(folder / "progress.safetensors", *_trained()),),
        mutate=mutated_safetensors,
    ),
    "weights": Target(file="weights.safetensors", samples=_weights, readers=(_loaded,), mutate=mutated_safetensors),
    "brisque": Target(
        file="allmodel",
        samples=_libsvm,
        readers=(lambda folder: read_model(folder / "allmodel"),),
        mutate=mutated_lines(b" "),
        marks=(b"total_sv", b"SV\n", b"gamma"),
    ),
    "brisque-checkpoint": Target(
        file="brisque.pt",
        samples=_checkpoint,
        readers=(lambda folder: read_model(folder / "brisque.pt"),),
        mutate=mutated_zip,
        marks=(b"PK", b"ctorch", b"\x80\x02"),
    ),
    "face": Target(
        file=_FACE,
        samples=_face,
        readers=(lambda folder: Workspace(folder).face("t001"),),
        mutate=mutated_zip,
        marks=(b"PK", b"NUMPY", b"descr"),
    ),
}
