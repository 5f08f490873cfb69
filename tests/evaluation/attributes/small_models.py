"""ONNX graphs of the interface of DeepFace's four: as small as can be, and right about what they look at.

Each takes the mean of a face's colour channels, multiplies it by a matrix and takes the softmax.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from equime_builder.streams import stream

SHAPES: dict[str, tuple[str, tuple[str | int, ...], int]] = {
    # DeepFace's file of the ethnicity model takes one face at a time, by its name and by its shape.
    "Age": ("age_model_weights.onnx", ("faces", 224, 224, 3), 101),
    "Gender": ("gender_model_weights.onnx", ("faces", 224, 224, 3), 2),
    "Race": ("race_model_single_batch.onnx", (1, 224, 224, 3), 6),
    "Emotion": ("facial_expression_model_weights.onnx", ("faces", 48, 48, 1), 7),
}


def matrix(name: str) -> np.ndarray:
    """Return (channels, classes) weights of a model."""
    channels, classes = int(SHAPES[name][1][3]), SHAPES[name][2]
    weights = stream("tests/attributes", name).normal(0, 4, (channels, classes))
    return np.asarray(weights, dtype=np.float32)


def shares(name: str, means: np.ndarray) -> np.ndarray:
    """Return what a model says of a face with these channel means (blue, green, red; grey), 0-1."""
    logits = means.astype(np.float64) @ matrix(name).astype(np.float64)
    return np.asarray(np.exp(logits) / np.exp(logits).sum(-1, keepdims=True))


def write_models(folder: Path, *, without: tuple[str, ...] = ()) -> Path:
    """Write the models where DeepFace looks for them, below its home."""
    weights = folder / ".deepface" / "weights"
    weights.mkdir(parents=True)
    for name, (file, shape, classes) in SHAPES.items():
        if name not in without:
            onnx.save(_graph(name, shape, classes), weights / file)
    return folder


def _graph(name: str, shape: tuple[str | int, ...], classes: int) -> onnx.ModelProto:
    nodes = [
        helper.make_node("ReduceMean", ["faces", "axes"], ["means"], keepdims=0),
        helper.make_node("MatMul", ["means", "matrix"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["shares"], axis=-1),
    ]
    axes = numpy_helper.from_array(np.array([1, 2], np.int64), "axes")
    inputs = [helper.make_tensor_value_info("faces", TensorProto.FLOAT, shape)]
    outputs = [helper.make_tensor_value_info("shares", TensorProto.FLOAT, [shape[0], classes])]
    graph = helper.make_graph(nodes, name, inputs, outputs, [axes, numpy_helper.from_array(matrix(name), "matrix")])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
