"""DeepFace's four models, in batches, with weights that are on this machine.

Source: Serengil & Ozpinar, "HyperExtended LightFace: a facial attribute analysis framework" (ICEET 2021).
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from equime_builder.errors import EquimeError, need
from equime_evaluation.attributes.estimate import FaceEstimate
from equime_evaluation.attributes.faces import FoundFace, largest, open_detector

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from equime_evaluation.attributes.choice import Choice

BACKENDS: Final = ("onnx", "pytorch", "tensorflow")
MODELS: Final = ("Age", "Gender", "Race", "Emotion")
REMEDY: Final = (
    "let DeepFace fetch its weights once with --download, or put them into $DEEPFACE_HOME/.deepface/weights "
    "(the home folder where that is not set)"
)
_GENDERS: Final = {"Woman": "female", "Man": "male"}
_ENGINE: Final = "DEEPFACE_BACKEND_ENGINE"
_EDGE_PX: Final = 224


def weights_of(backend: str) -> dict[str, Path]:
    """Return where DeepFace looks for each model's weights; the files need not be there.

    Raises:
        MissingExtraError: DeepFace, or what it runs on, is not installed.
    """
    modeling = _modeling(backend)
    home = Path(need("deepface.commons.folder_utils", extra="attributes").get_deepface_home())
    paths = {}
    for name in MODELS:
        model = modeling.get_model_class(task="facial_attribute", model_name=name)
        source = importlib.import_module(model.__module__).WEIGHTS_URL
        url = source if isinstance(source, str) else source[0]
        paths[name] = home / ".deepface" / "weights" / url.rpartition("/")[2]
    return paths


class ByDeepFace:
    """An `equime_evaluation.attributes.estimate.Analyser`.

    A model whose weights are not there is left out, unless they may be fetched: what it would estimate is not measured.

    Raises:
        EquimeError: Weights cannot be fetched or loaded.
    """

    def __init__(self, choice: Choice) -> None:
        self._detect = open_detector(choice.detector)
        self._batch_size = choice.batch_size
        self._resize = need("deepface.modules.preprocessing", extra="attributes").resize_image
        self._labels: Any = need("deepface.models.demography.DemographyUtils", extra="attributes")
        there = {name for name, path in weights_of(choice.backend).items() if choice.download or path.is_file()}
        self._models: dict[str, Any] = {name: _load(name, choice.backend) for name in MODELS if name in there}

    def __call__(self, frames: Sequence[tuple[int, NDArray[np.uint8]]]) -> list[FaceEstimate]:
        """Find the largest face of each frame, then let each model see all of them, a batch at a time."""
        seen: list[tuple[int, int, FoundFace]] = []
        for number, frame in frames:
            faces = self._detect(frame)
            face = largest(faces)
            if face is not None and min(face.crop.shape[:2]) > 0:
                seen.append((number, len(faces), face))
        crops = [self._resize(img=face.crop, target_size=(_EDGE_PX, _EDGE_PX))[0] for _, _, face in seen]
        ages = self._predicted("Age", crops)
        genders = self._shares("Gender", crops, [_GENDERS[label] for label in self._labels.GENDER_LABELS])
        ethnicities = self._shares("Race", crops, self._labels.RACE_LABELS)
        emotions = self._shares("Emotion", crops, self._labels.EMOTION_LABELS)
        return [
            FaceEstimate(
                frame=number,
                faces=count,
                x=face.x,
                y=face.y,
                width=face.width,
                height=face.height,
                age=float(ages[place]) if len(ages) else None,
                genders=genders[place],
                ethnicities=ethnicities[place],
                emotions=emotions[place],
            )
            for place, (number, count, face) in enumerate(seen)
        ]

    def _predicted(self, name: str, crops: Sequence[NDArray[np.float32]]) -> NDArray[np.float64]:
        """Return a row, or an age, a face; nothing where the model is not there."""
        model = self._models.get(name)
        if model is None or not crops:
            return np.empty(0)
        size = 1 if _takes_one(model) else self._batch_size
        batches = [np.stack(crops[start : start + size]) for start in range(0, len(crops), size)]
        # For a single face DeepFace drops the axis of the batch.
        rows = [np.asarray(model.predict(batch), np.float64).reshape(len(batch), -1) for batch in batches]
        found = np.concatenate(rows)
        return found[:, 0] if name == "Age" else found

    def _shares(self, name: str, crops: Sequence[NDArray[np.float32]], labels: Sequence[str]) -> list[dict[str, float]]:
        rows = self._predicted(name, crops)
        if not len(rows):
            return [{} for _ in crops]
        return [dict(zip(labels, (row / row.sum()).tolist(), strict=True)) for row in rows]


def _modeling(backend: str) -> Any:
    os.environ[_ENGINE] = backend  # read when DeepFace first builds a model; it cannot be told otherwise
    try:
        return need("deepface.modules.modeling", extra="attributes")
    except ModuleNotFoundError as error:
        raise EquimeError(
            f"DeepFace lacks a package that it does not ask for ({error.name}); run: pip install {error.name}"
        ) from error


def _load(name: str, backend: str) -> Any:
    try:
        return _modeling(backend).build_model(task="facial_attribute", model_name=name)
    except (ValueError, OSError, ImportError) as error:
        reason = " ".join(str(error).split())
        raise EquimeError(f"DeepFace cannot load its model {name} ({reason:.200}); {REMEDY}") from error


def _takes_one(model: Any) -> bool:
    """Tell whether an ONNX graph was exported for one picture at a time."""
    inputs = getattr(model.model, "get_inputs", None)
    return inputs is not None and inputs()[0].shape[0] == 1


def versions(backend: str) -> Mapping[str, str]:
    """Return what estimates depend on: DeepFace's version, its engine, and each model's file by size."""
    package = need("deepface", extra="attributes")
    files = {name: str(path.stat().st_size) for name, path in weights_of(backend).items() if path.is_file()}
    return {"deepface": str(package.__version__), "backend": backend, **files}
